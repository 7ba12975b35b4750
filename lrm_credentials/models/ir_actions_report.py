from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..report.pdf import merge

MODEL = "lrm.credential"


class IrActionsReport(models.Model):
    """Keep Odoo's own print routes from making credentials.

    `/report/pdf` and `/report/html` take any report name and any ids and look at no
    group: they get the stored document of what has been issued, and a watermarked page
    for LRM admins; nobody gets a clean copy of what has not been issued.
    """

    _inherit = "ir.actions.report"

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        if self._get_report(report_ref).model != MODEL:
            return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
        credentials = self.env[MODEL].browse(res_ids)
        credentials.check_access("read")
        documents = credentials._stored_documents()
        if missing := credentials.filtered(lambda c: c.id not in documents):
            raise UserError(
                self.env._(
                    "%s has not been issued: there is no document yet. Preview it from "
                    "the Credentials Register.",
                    missing[0].display_name,
                )
            )
        contents = [documents[credential.id] for credential in credentials]
        return contents[0] if len(contents) == 1 else merge(contents), "pdf"

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
