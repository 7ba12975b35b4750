from odoo import api, fields, models

from ..ledger import canonical
from ..report.pdf import sha256


class LrmCredentialRunLine(models.Model):
    """What one run did with one credential."""

    _name = "lrm.credential.run.line"
    _description = "Log History Line"
    _order = "run_id, sequence, id"

    run_id = fields.Many2one(
        comodel_name="lrm.credential.run",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    credential_id = fields.Many2one(
        comodel_name="lrm.credential",
        string="Credential Record",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    number = fields.Char(related="credential_id.number")
    partner_id = fields.Many2one(related="credential_id.partner_id")
    template_id = fields.Many2one(related="credential_id.template_id")
    state = fields.Selection(
        selection=[
            ("pending", "Pending"),
            ("done", "Done"),
            ("refused", "Refused"),
            ("failed", "Failed"),
        ],
        string="Result",
        required=True,
        readonly=True,
        default="pending",
    )
    message = fields.Text(readonly=True)
    override_reason = fields.Char(
        readonly=True,
        help="Why it is to be issued although a check that may be overridden refuses "
        "it.",
    )
    override_checks = fields.Char(
        readonly=True, help="The codes of the checks that the reason was typed for."
    )
    document = fields.Binary(
        attachment=True, readonly=True, help="The watermarked file of a preview."
    )
    document_filename = fields.Char(related="credential_id.document_filename")
    content_digest = fields.Char(readonly=True)
    is_changed = fields.Boolean(
        string="Changed",
        readonly=True,
        help="Says something else than in the preview before.",
    )

    def action_view_credential(self):
        """Open the credential in its form.

        :raise AccessError: for users who may not read the log
        """
        self.ensure_one()
        self.check_access("read")
        return self.credential_id.get_formview_action()

    def action_open_document(self):
        """Open the preview's file, or the document that was issued.

        :raise AccessError: for users who may not read the log
        """
        self.ensure_one()
        self.check_access("read")
        if self.run_id.kind == "issue":
            return self.credential_id.action_open_document()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/document"
            f"?filename_field=document_filename",
            "target": "new",
        }

    def _record(self, documents, contents, refusals, failures, warnings):
        """Write down the results of a run.

        :param documents: {credential id: what was to be printed}
        :param contents: {credential id: PDF bytes} of those that are done
        :param refusals: {credential id: [sentences]}
        :param failures: {credential id: [sentence]}
        :param warnings: {credential id: [sentences]}, told of those that are done
        """
        earlier = self.search(
            [
                ("run_id", "in", self.run_id.previous_run_id.ids),
                ("credential_id", "in", self.credential_id.ids),
            ]
        )
        digests = {line.credential_id: line.content_digest for line in earlier}
        for line in self.sudo():  # users only read the log
            key = line.credential_id.id
            digest = key in documents and line._digest(documents[key])
            previous = digests.get(line.credential_id)
            line.content_digest = digest
            line.is_changed = bool(previous) and previous != digest
            line.state = (
                "done"
                if key in contents
                else "refused"
                if key in refusals
                else "failed"
            )
            if key in contents:
                override = line.override_reason
                told = [override and line.credential_id._override_sentence()]
                told += warnings.get(key, [])
            else:
                told = (refusals | failures).get(key, [])
            line.message = "\n".join(filter(None, told))

    def _overrides(self):
        """Return {credential id: (why it is to be issued, [codes of the checks])}."""
        return {
            line.credential_id.id: (
                line.override_reason,
                (line.override_checks or "").split(","),
            )
            for line in self
            if line.override_reason
        }

    @api.model
    def _digest(self, document):
        return sha256(canonical(document).encode())

    def _store_previews(self, contents):
        """Keep the files of a preview; issued ones are on their credentials.

        :param contents: {credential id: PDF bytes}
        """
        previews = self.filtered(
            lambda line: line.run_id.kind == "preview"
            and line.credential_id.id in contents
        )
        self.env["ir.attachment"].sudo().create(  # users only read the log
            [
                {
                    "name": line.document_filename,
                    "res_model": self._name,
                    "res_field": "document",
                    "res_id": line.id,
                    "raw": contents[line.credential_id.id],
                    "company_id": line.company_id.id,
                }
                for line in previews
            ]
        )
        self.invalidate_recordset(["document"])

    def _document_files(self):
        """Return the attachments that hold the documents of `self`, in sudo."""
        return self.env["ir.attachment"]._of_fields(self, "document")
