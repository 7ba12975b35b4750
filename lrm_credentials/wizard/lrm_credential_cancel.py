from odoo import api, fields, models


class LrmCredentialCancel(models.TransientModel):
    _name = "lrm.credential.cancel"
    _description = "Cancel Credentials"

    credential_ids = fields.Many2many(
        comodel_name="lrm.credential", string="Credentials", required=True
    )
    reason = fields.Char(
        required=True, help="Kept on the register, for example: wrong name printed."
    )

    @api.model
    def _action_open(self, credentials):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Credentials"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_credential_ids": credentials.ids},
        }

    def action_cancel(self):
        """Cancel the credentials for the reason given."""
        self.ensure_one()
        self.credential_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
