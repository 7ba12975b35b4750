from odoo import fields, models


class LrmCredentialTemplate(models.Model):
    """What a template has to do with the pre-issue checks."""

    _inherit = "lrm.credential.template"

    check_ids = fields.One2many(
        comodel_name="lrm.credential.template.check",
        inverse_name="template_id",
        string="Checks",
        copy=True,
        help="Which checks do something else than usual for this credential.",
    )

    def _check_severities(self, checks):
        """Return {template id: {code: severity}} of each of `self`.

        :param checks: list of `Check`
        """
        usual = {check.code: check.severity for check in checks}
        fixed = {check.code for check in checks if not check.is_overridable}
        return {
            template.id: usual
            | {
                line.code: line.severity
                for line in template.check_ids
                if line.code not in fixed
            }
            for template in self
        }

    def _layout_problem(self):
        """Return why the layout of one template cannot be printed at all, or None.

        What depends on a credential's content is found when that is printed.
        """
        self.ensure_one()
        key = self.report_id.sudo().report_name
        # Only system users read views.
        views_sudo = self.env["ir.ui.view"].sudo()
        if not views_sudo._get_template_view(key, raise_if_not_found=False):
            return self.env._(
                "The layout of %(template)s cannot be found: %(key)s.",
                template=self.name,
                key=key,
            )
        try:
            self.env["ir.qweb"].sudo()._compile(key)
        except Exception as error:  # whatever its author got wrong
            return self.env._(
                "The layout of %(template)s is broken: %(error)s",
                template=self.name,
                error=error,
            )
        return None

    def _prints_signature(self):
        """Tell whether the layout of one template has a place for a signature image."""
        sources = self._layout_closure().values()
        return any("'signature'" in source for source in sources)
