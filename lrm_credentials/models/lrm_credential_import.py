from odoo import fields, models


class LrmCredential(models.Model):
    """Credentials that were issued elsewhere, before this system."""

    _inherit = "lrm.credential"

    is_imported = fields.Boolean(
        string="Imported",
        readonly=True,
        copy=False,
        help="Issued elsewhere. Its number and dates are the original ones.",
    )
