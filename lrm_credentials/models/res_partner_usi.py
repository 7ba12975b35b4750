import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .res_partner import LRM_USER


class ResPartner(models.Model):
    """How a USI is written, and the name that it was verified with."""

    _inherit = "res.partner"

    lrm_usi_verified_name = fields.Char(
        string="Name as Verified",
        compute="_compute_lrm_usi_verified_name",
        store=True,
        copy=False,
        groups=LRM_USER,
        help="The name on record when the USI was verified. Issue warns when a "
        "document would show another one.",
    )

    # Not of the name: it stays as it was on that day.
    @api.depends("lrm_usi_verified_on")
    def _compute_lrm_usi_verified_name(self):
        for partner in self:
            partner.lrm_usi_verified_name = (
                partner.lrm_usi_status == "verified" and partner.name
            )

    @api.constrains("lrm_usi")
    def _check_lrm_usi(self):
        for partner in self:
            if partner.lrm_usi and not re.fullmatch(
                r"[A-HJ-NP-Z2-9]{10}", partner.lrm_usi
            ):
                raise ValidationError(
                    self.env._(
                        "The USI of %(learner)s must be 10 characters: capital letters "
                        "without I and O, digits without 0 and 1.",
                        learner=partner.name,
                    )
                )

    @api.model
    def _lrm_complete_usi(self, vals):
        """Return the USI in `vals` (dict) as the registry writes it."""
        usi = vals.get("lrm_usi")
        if not isinstance(usi, str):
            return {}
        return {"lrm_usi": "".join(usi.split()).upper() or False}

    def _lrm_set_verification(self, vals):
        vals.pop("lrm_usi_verified_name", None)
        return super()._lrm_set_verification(vals)
