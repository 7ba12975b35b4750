from odoo import api, fields, models


class LrmCredentialIssueLine(models.TransientModel):
    """A credential that will be refused, and why it is to be issued nevertheless."""

    _name = "lrm.credential.issue.line"
    _description = "Refused Credential"
    _order = "id"

    wizard_id = fields.Many2one(
        comodel_name="lrm.credential.issue", required=True, ondelete="cascade"
    )
    credential_id = fields.Many2one(
        comodel_name="lrm.credential", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="credential_id.partner_id")
    message = fields.Text()
    # Empty when no reason lets it pass.
    checks = fields.Char(help="The codes of those that refuse it, as they were shown.")
    # Only for the list: what may be overridden is decided when it is issued.
    is_overridable = fields.Boolean(compute="_compute_is_overridable")
    override_reason = fields.Char(
        string="Issue Nevertheless, Because",
        help="Kept on the credential; the sealed ledger tells which checks it was "
        "issued against. Empty: it is refused.",
    )

    @api.depends("checks")
    def _compute_is_overridable(self):
        for line in self:
            line.is_overridable = bool(line.checks)
