from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .lrm_credential_check import SEVERITIES


class LrmCredentialTemplateCheck(models.Model):
    """What one pre-issue check does for the credentials of one template."""

    _name = "lrm.credential.template.check"
    _description = "Pre-Issue Check of a Template"
    _order = "template_id, id"

    template_id = fields.Many2one(
        comodel_name="lrm.credential.template",
        required=True,
        ondelete="cascade",
        index=True,
    )
    code = fields.Selection(selection="_selection_code", string="Check", required=True)
    explanation = fields.Char(string="What It Demands", compute="_compute_explanation")
    usual_severity = fields.Selection(
        selection=SEVERITIES, string="Usually", compute="_compute_explanation"
    )
    severity = fields.Selection(
        selection=SEVERITIES, string="For This Template", required=True
    )

    _code_uniq = models.Constraint(
        "UNIQUE(template_id, code)", "Each check can be set only once for a template."
    )

    @api.model
    def _selection_code(self):
        checks = self.env["lrm.credential"]._pre_issue_checks()
        return [(check.code, check.name) for check in checks]

    @api.depends("code")
    def _compute_explanation(self):
        checks = self._checks()
        for line in self:
            check = checks.get(line.code)
            line.explanation = check and check.explanation
            line.usual_severity = check and check.severity

    @api.constrains("code", "severity")
    def _check_not_weakened(self):
        """Some checks are the law's, or keep blank paper from being issued (rule 7)."""
        checks = self._checks()
        for line in self:
            check = checks[line.code]
            if not check.is_overridable and line.severity != check.severity:
                raise ValidationError(
                    self.env._("“%s” always refuses: it cannot be relaxed.", check.name)
                )

    @api.model
    def _checks(self):
        """Return {code: Check}."""
        checks = self.env["lrm.credential"]._pre_issue_checks()
        return {check.code: check for check in checks}
