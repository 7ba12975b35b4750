from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.pdf import merge_pdf

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..kept import needed
from ..report.html import shape_arabic
from ..report.pdf import merge
from ..report.wkhtmltopdf import RenderError, html_to_pdf

MODEL = "lrm.credential"
SELF_CONTAINED = {"lrm_credentials.register"}  # reports that carry all they need
TIMEOUT = 300  # seconds


class IrActionsReport(models.Model):
    """Keep Odoo's own print routes from making credentials.

    `/report/pdf` and `/report/html` take any report name and any ids and look at no
    group: they get the stored document of what has been issued, and a watermarked page
    for LRM admins; nobody gets a clean copy of what has not been issued.
    """

    _inherit = "ir.actions.report"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_layout(self):
        if kept := needed(self, "lrm.credential.template", "report_id"):
            raise UserError(
                self.env._(
                    "%s is the layout of a credential template: it cannot be deleted.",
                    kept.display_name,
                )
            )

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        report_sudo = self._get_report(report_ref)
        if report_sudo.report_name in SELF_CONTAINED:
            return report_sudo._render_self_contained(res_ids), "pdf"
        if report_sudo.model != MODEL:
            return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
        credentials = self.env[MODEL].browse(res_ids)
        credentials.check_access("read")
        documents = credentials._stored_documents()
        if missing := credentials.filtered(lambda c: c.id not in documents):
            missing[0]._raise_no_document()
        contents = [documents[credential.id] for credential in credentials]
        if len(contents) == 1:
            return contents[0], "pdf"
        if any(credentials.mapped("is_imported")):
            return self._merge_foreign(contents), "pdf"
        return merge(contents), "pdf"

    def _render_self_contained(self, res_ids):
        """Return the PDF (bytes) of a report that needs nothing from the server.

        It has the addon's own fonts, and any number of pages takes one short call.

        :raise UserError: when wkhtmltopdf fails
        """
        html, _type = self.sudo(False)._render_qweb_html(self.report_name, res_ids)
        arguments = self._build_wkhtmltopdf_args(self.get_paperformat(), landscape=None)
        try:
            return html_to_pdf(
                shape_arabic(html.decode()), _wkhtml().bin, arguments, TIMEOUT
            )
        except RenderError as error:
            raise UserError(
                self.env._("The report could not be printed: %s", error)
            ) from error

    @api.model
    def _merge_foreign(self, contents):
        """Return one file of `contents` (PDF bytes), not all of which were made here.

        :raise UserError: when one of them is damaged
        """
        try:
            return merge_pdf(contents)
        except Exception as error:  # a file made elsewhere can be wrong in any way
            raise UserError(
                self.env._(
                    "One of these documents was made elsewhere and cannot be joined "
                    "with others: open them one by one."
                )
            ) from error

    @api.model
    def _get_rendering_context(self, report, docids, data):
        if report.model != MODEL:
            return super()._get_rendering_context(report, docids, data)
        if not self.env.user.has_group("lrm_credentials.group_lrm_admin"):
            raise AccessError(
                self.env._("Only LRM admins preview credentials, in the register.")
            )
        credentials = self.env[MODEL].browse(docids)
        documents = {c.id: c._document() for c in credentials}
        return credentials._rendering_values(documents, is_preview=True)
