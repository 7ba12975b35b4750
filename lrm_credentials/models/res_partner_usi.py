from odoo import api, fields, models

from .res_partner import LRM_USER


class ResPartner(models.Model):
    """The name that a USI was verified with."""

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

    def _lrm_set_verification(self, vals):
        vals.pop("lrm_usi_verified_name", None)
        return super()._lrm_set_verification(vals)
