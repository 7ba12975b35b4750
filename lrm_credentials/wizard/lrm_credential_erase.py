from odoo import api, fields, models


class LrmCredentialErase(models.TransientModel):
    _name = "lrm.credential.erase"
    _description = "Erase Documents"

    credential_ids = fields.Many2many(
        comodel_name="lrm.credential", string="Credentials", required=True
    )
    reason = fields.Char(
        required=True, help="Kept on the register, for example: retention period over."
    )

    @api.model
    def _action_open(self, credentials):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase Documents"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_credential_ids": credentials.ids},
        }

    def action_erase(self):
        """Erase the documents of the credentials for the reason given."""
        self.ensure_one()
        self.credential_ids._erase(self.reason)
        return {"type": "ir.actions.act_window_close"}
