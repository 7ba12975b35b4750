from odoo import api, fields, models


class LrmCredentialFinal(models.TransientModel):
    _name = "lrm.credential.final"
    _description = "Correct Final Qualification"

    credential_id = fields.Many2one(
        comodel_name="lrm.credential",
        string="Credential Record",
        required=True,
        readonly=True,
    )
    final = fields.Selection(
        selection=[("yes", "Yes"), ("no", "No")],
        string="Is this the Final Qualification?",
        required=True,
    )
    qual_issued_date = fields.Date(
        string="Issued Date", help="Leave empty to use the date of the credential."
    )
    reason = fields.Char(required=True)

    @api.constrains("credential_id")
    def _check_credential_access(self):
        # Its name would be shown; constraints run in sudo.
        self.sudo(False).credential_id.check_access("read")

    @api.model
    def _action_open(self, credential):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct Final Qualification"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_credential_id": credential.id,
                "default_final": "no" if credential.is_final else "yes",
            },
        }

    def action_correct(self):
        """Correct the answer for the reason given."""
        self.ensure_one()
        is_final = self.final == "yes"
        self.credential_id._correct_final(
            is_final, is_final and self.qual_issued_date, self.reason
        )
        return {"type": "ir.actions.act_window_close"}
