from odoo import fields, models
from odoo.fields import Domain

REPORT_ACTIONS = {
    "0323": "lrm_credentials.lrm_credential_action_0323",
    "0411": "lrm_credentials.lrm_credential_action_0411",
}


class LrmRegisterReport(models.TransientModel):
    _name = "lrm.register.report"
    _description = "Credential Register Report"

    report = fields.Selection(
        selection=[
            ("0323", "0323 Register by course"),
            ("0411", "0411 Register by course offer"),
        ],
        required=True,
        default="0323",
    )
    date_from = fields.Date(string="Credential Date From")
    date_to = fields.Date(string="To")
    state = fields.Selection(
        selection=[("issued", "Issued"), ("cancelled", "Cancelled")],
        string="Status",
        help="Leave empty for the full register: issued and cancelled.",
    )

    def action_open(self):
        """Open the chosen report on the screen."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            REPORT_ACTIONS[self.report]
        )
        return action | {"domain": list(self._register_domain())}

    def _register_domain(self):
        """Return which credentials the report lists; never those of dummy offers."""
        states = [self.state] if self.state else ["issued", "cancelled"]
        domain = Domain("state", "in", states) & Domain("is_test", "=", False)
        if self.date_from:
            domain &= Domain("credential_date", ">=", self.date_from)
        if self.date_to:
            domain &= Domain("credential_date", "<=", self.date_to)
        return domain
