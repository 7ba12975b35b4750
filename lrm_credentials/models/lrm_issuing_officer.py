from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..kept import needed
from ..report.images import data_uri, digest


class LrmIssuingOfficer(models.Model):
    """A person who may be named as signatory; need not be a user of the system."""

    _name = "lrm.issuing.officer"
    _description = "Issuing Officer"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, help="As printed under the signature.")
    title = fields.Char(string="Position", help="Printed under the name.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
        index=True,
    )
    user_id = fields.Many2one(comodel_name="res.users", check_company=True)
    signature = fields.Binary(
        attachment=True,
        groups="lrm_credentials.group_lrm_admin",
        help="PNG or JPEG, best with a transparent background.",
    )
    signature_digest = fields.Char(compute="_compute_signature_digest", store=True)

    @api.depends("signature")
    def _compute_signature_digest(self):
        for officer in self.with_context(bin_size=False):
            officer.signature_digest = digest(officer.signature)

    @api.constrains("signature")
    def _check_signature(self):
        for officer in self.with_context(bin_size=False):
            if officer.signature and not data_uri(officer.signature):
                raise ValidationError(
                    self.env._(
                        "The signature of %(officer)s must be a PNG or JPEG image.",
                        officer=officer.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_named(self):
        if kept := needed(self, "lrm.credential", "issuing_officer_id"):
            raise UserError(
                self.env._(
                    "%s is named on credentials: archive this officer instead.",
                    kept.display_name,
                )
            )

    def _signature_uri(self):
        """Return {digest: data URI} of this officer's signature, if there is one."""
        self.ensure_one()
        signature = self.with_context(bin_size=False).signature
        return {self.signature_digest: data_uri(signature)} if signature else {}
