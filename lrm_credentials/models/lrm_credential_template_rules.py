import re

from lxml import etree

from odoo import api, fields, models

from ..report.html import embed

USI = re.compile(r"\blrm_usi\b")
ELSEWHERE = re.compile(r"(?i)[a-z][a-z\d+.-]*:|//")  # how an address outside begins


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
    check_list = fields.Html(compute="_compute_check_list", sanitize=False)

    @api.depends_context("lang")
    def _compute_check_list(self):
        """List all checks, in the order in which people fix things."""
        severities = dict(
            self.check_ids._fields["severity"]._description_selection(self.env)
        )
        always = self.env._("Always refuses")
        self.check_list = self.env["ir.qweb"]._render(
            "lrm_credentials.template_check_list",
            {
                "checks": [
                    (
                        check.name,
                        check.explanation,
                        severities[check.severity] if check.is_overridable else always,
                    )
                    for check in self.env["lrm.credential"]._pre_issue_checks()
                ]
            },
        )

    def _check_severities(self, checks, is_preview=False):
        """Return {template id: {code: severity}} of each of `self`.

        :param checks: list of `Check`
        :param is_preview: whether no more than a preview is asked for
        """
        if is_preview:
            checks = [
                check if check.stops_preview else check._replace(severity="warn")
                for check in checks
            ]
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
                error=self._layout_error(error),
            )
        return None

    @api.model
    def _source_problem(self, source):
        """Return why the QWeb in `source` (str) must not be printed, or None.

        As far as that can be seen in it: the rest is found when it is printed.
        """
        lines = source.splitlines()
        for number, line in enumerate(lines, 1):
            if USI.search(line):
                return self.env._(
                    "Line %s of the layout: the USI must never be printed.", number
                )
        _html, dropped = embed(source.replace("t-attf-", ""), lambda address: None, {})
        for address in filter(ELSEWHERE.match, dropped):
            begins = address.partition("&")[0]  # written as &amp; in the source
            return self.env._(
                "Line %(line)s of the layout: %(address)s is somewhere else, and "
                "nothing is fetched for a document. Upload the image, and use its "
                "address here.",
                line=next((n for n, line in enumerate(lines, 1) if begins in line), 1),
                address=address,
            )
        return None

    @api.model
    def _layout_error(self, error):
        """Return what is wrong with a layout, and in which line of it.

        :param error: the exception that QWeb raised while it compiled or rendered
        """
        qweb = getattr(error, "qweb", None)
        if not qweb:
            return str(error.__cause__ or error)
        # Without the name of the exception, which tells the office nothing.
        reason = str(error.__cause__ or qweb.error)
        line = self._layout_line(qweb)
        if not line:
            return reason
        return self.env._(
            "line %(line)s of %(part)s: %(error)s",
            line=line,
            part=qweb.template,
            error=reason,
        )

    @api.model
    def _layout_line(self, qweb):
        """Return the line of the view that QWeb tells of, None when it is unknown."""
        if not (qweb.ref and qweb.path):
            return None
        # Only system users read views.
        view_sudo = self.env["ir.ui.view"].sudo().browse(qweb.ref).exists()
        try:
            found = etree.fromstring(view_sudo.arch_db or "<t/>").xpath(qweb.path)
        except etree.LxmlError:
            return None
        return found[0].sourceline if found else None

    def _prints_signature(self):
        """Tell whether the layout of one template has a place for a signature image."""
        sources = self._layout_closure().values()
        return any("'signature'" in source for source in sources)
