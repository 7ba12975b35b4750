from odoo import api, models


class LrmRegisterPrint(models.AbstractModel):
    """What the printed register shows; the report's wizard knows it."""

    _name = "report.lrm_credentials.register"
    _description = "Printed Credential Register"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["lrm.register.report"].browse(docids)
        return {"docs": docs, "prints": [wizard._print_values() for wizard in docs]}
