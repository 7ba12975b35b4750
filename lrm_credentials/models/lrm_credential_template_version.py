from odoo import fields, models


class LrmCredentialTemplateVersion(models.Model):
    """One approval of a template: what it looked like then, who approved it, when."""

    _name = "lrm.credential.template.version"
    _description = "Approved Version of a Template"
    _order = "id desc"
    _rec_name = "version"

    template_id = fields.Many2one(
        comodel_name="lrm.credential.template",
        required=True,
        ondelete="cascade",
        index=True,
    )
    version = fields.Char(
        required=True, help="Each credential keeps the version it was printed with."
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    approved_at = fields.Datetime(required=True, default=fields.Datetime.now)
    withdrawn_at = fields.Datetime(help="When it was put back to draft.")
