import zipfile

from odoo import fields, models
from odoo.tools.misc import split_every

from ..report.pdf import merge
from ..report.workbook import mail_merge

BATCH = 100  # files that are read at a time


class LrmCredentialRun(models.Model):
    """What a run leaves: one file for printing, a workbook, all files as a ZIP."""

    _inherit = "lrm.credential.run"

    def _finish(self):
        """Make the combined files of what has been done, in the order of the lines."""
        done = self._done_lines()
        self._discard_files()
        if done:
            content = merge(
                (content for _name, content in self._contents(done)),
                is_duplex=self.is_duplex,
            )
            self._store("combined_pdf", self.combined_pdf_filename, content)
        if done and self.with_mail_merge:
            self._store(
                "mail_merge_xlsx",
                self.mail_merge_xlsx_filename,
                mail_merge(*self._merge_content(done)),
            )
        state = "stopped" if self.state == "stopping" else "done"
        self._log({"state": state, "finished_at": fields.Datetime.now()})

    def _done_lines(self):
        """Return the lines that have a document."""
        return self.env["lrm.credential.run.line"].search(
            [("run_id", "=", self.id), ("state", "=", "done")]
        )

    def _contents(self, lines):
        """Yield (file name, PDF bytes) of each of `lines`, few files at a time."""
        is_issue = self.kind == "issue"
        for ids in split_every(BATCH, lines.ids):
            batch = lines.browse(ids)
            records = batch.credential_id if is_issue else batch
            files = records._document_files().grouped("res_id")
            for line in batch:
                record = line.credential_id if is_issue else line
                yield line.document_filename, files[record.id].raw
            for file in files.values():
                file.invalidate_recordset(["raw"])  # not all of them in memory

    def _merge_content(self, lines):
        """Return what the mail merge of `lines` consists of, as `mail_merge` takes it.

        :return: (iterator of (document, layout), list of the layouts)
        """
        templates = lines.credential_id.template_id
        layouts = {
            template: template._merge_layout()
            for template in templates.sorted(lambda t: (t.sequence, t.id))
        }
        return self._merge_documents(lines, layouts), list(layouts.values())

    def _merge_documents(self, lines, layouts):
        """Yield what each issued document of `lines` says, with its layout.

        The address is the learner's as it is now: no document contains one.

        :param layouts: {template: {heading: source}}
        """
        for ids in split_every(BATCH, lines.ids):
            batch = lines.browse(ids)
            for line in batch:
                credential = line.credential_id
                document = (credential.document_data or {}) | {
                    "address": credential.partner_id._lrm_postal_address(),
                    "file": line.document_filename,
                }
                yield document, layouts[credential.template_id]
            batch.credential_id.invalidate_recordset(["document_data"])

    def _discard_files(self):
        """Remove the combined files of an earlier, incomplete try."""
        attachments = self.env["ir.attachment"]
        attachments._of_fields(self, "combined_pdf", "mail_merge_xlsx").unlink()

    def _store(self, field_name, filename, content):
        """Keep `content` (bytes) in a binary field, without the detour by base64."""
        self.env["ir.attachment"].sudo().create(  # users only read the log
            {
                "name": filename,
                "res_model": self._name,
                "res_field": field_name,
                "res_id": self.id,
                "raw": content,
                "company_id": self.company_id.id,
            }
        )
        self.invalidate_recordset([field_name])

    def _write_zip(self, stream):
        """Write all documents of this run to `stream` as a ZIP archive.

        Not compressed again: PDF files are already.
        """
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in self._contents(self._done_lines()):
                archive.writestr(name, content)

    def _notify(self):
        """Tell who started it that a background run has come to its end, or why not."""
        self = self.sudo().exists()  # who started it may have lost all rights since
        if not self:
            return
        user = self.user_id
        states = dict(self._fields["state"]._description_selection(self.env))
        summary = self.env._(
            "%(done)s done, %(refused)s refused, %(failed)s failed, "
            "%(waiting)s waiting.",
            done=self.done_count,
            refused=self.refused_count,
            failed=self.failed_count,
            waiting=self.pending_count,
        )
        if self.problem:
            summary = f"{summary} {self.problem}"
        title = f"{self.display_name}: {states[self.state]}"
        user._bus_send(
            "simple_notification",
            {
                "title": title,
                "message": summary,
                "type": "danger" if self.problem else "info",
                "sticky": True,
            },
        )
        self.env["mail.thread"].message_notify(  # by the system, to the user
            partner_ids=user.partner_id.ids,
            model=self._name,
            res_id=self.id,
            subject=title,
            body=summary,
        )
