from odoo import api, fields, models


class LrmCredentialReplace(models.TransientModel):
    _name = "lrm.credential.replace"
    _description = "Replace Credential"

    credential_id = fields.Many2one(
        comodel_name="lrm.credential", string="Replaces", required=True, readonly=True
    )
    credential_state = fields.Selection(related="credential_id.state")
    cause = fields.Selection(
        selection=[
            ("wrong", "Wrong: it should never have been issued like this"),
            ("name", "The learner's name has changed"),
            ("lost", "Lost, stolen or damaged"),
        ],
        required=True,
    )
    cancel = fields.Selection(
        selection=[
            ("now", "Now"),
            ("on_issue", "When the new one has been issued"),
        ],
        string="Cancel the Old One",
        compute="_compute_cancel",
        store=True,
        readonly=False,
        required=True,
    )
    reason = fields.Char(
        required=True, help="Kept on the register, for example: wrong name printed."
    )

    @api.depends("cause")
    def _compute_cancel(self):
        for wizard in self:
            wizard.cancel = "now" if wizard.cause == "wrong" else "on_issue"

    @api.constrains("credential_id")
    def _check_credential_access(self):
        # Its name would be shown; constraints run in sudo.
        self.sudo(False).credential_id.check_access("read")

    @api.model
    def _action_open(self, credential):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Replace %s", credential.display_name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_credential_id": credential.id},
        }

    def action_reprint(self):
        """Open the stored document: a lost one may need no new number."""
        self.ensure_one()
        return self.credential_id.action_open_document()

    def action_replace(self):
        """Request the replacement and open it."""
        self.ensure_one()
        replacement = self.credential_id._replace(
            self.reason, cancel_now=self.cancel == "now"
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": replacement._name,
            "res_id": replacement.id,
            "view_mode": "form",
        }
