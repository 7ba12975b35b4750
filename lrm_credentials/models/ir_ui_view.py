from odoo import api, models
from odoo.exceptions import ValidationError

from .lrm_credential_template_customise import OWN_PREFIX


class IrUiView(models.Model):
    """Refuse to save a layout of one's own that must not be printed, if that shows."""

    _inherit = "ir.ui.view"

    @api.constrains("arch_db", "key")
    def _check_credential_layout(self):
        for view in self:
            if not (view.key or "").startswith(OWN_PREFIX):
                continue
            problem = self.env["lrm.credential.template"]._source_problem(view.arch_db)
            if problem:
                raise ValidationError(problem)
