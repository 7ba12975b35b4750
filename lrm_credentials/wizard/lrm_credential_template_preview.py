import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class LrmCredentialTemplatePreview(models.TransientModel):
    _name = "lrm.credential.template.preview"
    _description = "Preview a Template"

    template_id = fields.Many2one(
        comodel_name="lrm.credential.template", required=True, readonly=True
    )
    enrolment_id = fields.Many2one(
        comodel_name="lrm.course.enrolment",
        string="With the Data of",
        help="Leave empty for a sample learner.",
    )
    preview = fields.Binary(string="Document", attachment=False, readonly=True)
    problem = fields.Text(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        previews = super().create(vals_list)
        for preview in previews:
            preview._print()
        return previews

    def action_print(self):
        """Print it again, with the data chosen and the template as it is now.

        :raise AccessError: for anyone but an LRM admin
        """
        self.ensure_one()
        self._print()
        return self._action_open()

    def _print(self):
        """Make the document, or say why that is impossible."""
        self.env["lrm.credential"]._check_is_admin()
        self.template_id.check_access("read")
        self.enrolment_id.check_access("read")
        self.preview = self.problem = False
        try:
            content, warnings = self.template_id._print_sample(self.enrolment_id)
        except UserError as error:
            self.problem = str(error)
        else:
            self.preview = base64.b64encode(content)
            self.problem = "\n".join(warnings)

    def _action_open(self):
        """Return the action that shows this preview."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview of %s", self.template_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
