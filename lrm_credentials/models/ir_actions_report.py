from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.pdf import merge_pdf

from ..kept import needed
from ..report.pdf import merge

MODEL = "lrm.credential"


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
        if self._get_report(report_ref).model != MODEL:
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
