from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import remove_accents

from ..ledger import canonical
from ..report.pdf import merge, sha256
from ..report.wkhtmltopdf import RenderError
from ..report.workbook import mail_merge

KEEP_DAYS = 7
TYPE_ORDER = ["certificate", "statement", "transcript", "letter", "card", "other"]


class LrmCredentialRun(models.Model):
    """Log History: one preview or issue over many credentials."""

    _name = "lrm.credential.run"
    _description = "Log History"
    _order = "id desc"
    _check_company_auto = True

    kind = fields.Selection(
        selection=[("preview", "Preview"), ("issue", "Issue")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[("running", "Running"), ("done", "Done")],
        string="Status",
        required=True,
        readonly=True,
        default="running",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Started By", required=True, readonly=True
    )
    finished_at = fields.Datetime(readonly=True, index=True)
    previous_run_id = fields.Many2one(
        comodel_name="lrm.credential.run", string="Preview Before", readonly=True
    )
    line_ids = fields.One2many(
        comodel_name="lrm.credential.run.line", inverse_name="run_id", readonly=True
    )
    done_count = fields.Integer(compute="_compute_counts", string="Done")
    refused_count = fields.Integer(compute="_compute_counts", string="Refused")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")
    changed_count = fields.Integer(
        compute="_compute_counts",
        string="Changed",
        help="Documents that say something else than in the preview before.",
    )
    issuable_count = fields.Integer(compute="_compute_issuable_count")

    # What the issue wizard asked for
    is_final = fields.Boolean(string="Final Qualification", readonly=True)
    qual_issued_date = fields.Date(string="Issued Date", readonly=True)
    status_reason = fields.Char(readonly=True)
    with_mail_merge = fields.Boolean(readonly=True)

    # What it made
    combined_pdf = fields.Binary(string="Print File", attachment=True, readonly=True)
    combined_pdf_filename = fields.Char(compute="_compute_filenames")
    mail_merge_xlsx = fields.Binary(
        string="Mail Merge Workbook", attachment=True, readonly=True
    )
    mail_merge_xlsx_filename = fields.Char(compute="_compute_filenames")

    @api.depends("line_ids.state", "line_ids.is_changed")
    def _compute_counts(self):
        counts = {run.id: Counter() for run in self}
        groups = self.env["lrm.credential.run.line"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state", "is_changed"], ["__count"]
        )
        for run, state, is_changed, count in groups:
            counts[run.id][state] += count
            counts[run.id]["changed"] += count if is_changed else 0
        for run in self:
            run.done_count = counts[run.id]["done"]
            run.refused_count = counts[run.id]["refused"]
            run.failed_count = counts[run.id]["failed"]
            run.changed_count = counts[run.id]["changed"]

    @api.depends("line_ids.state", "line_ids.credential_id.state")
    def _compute_issuable_count(self):
        for run in self:
            run.issuable_count = len(run._issuable())

    @api.depends("kind", "create_date")
    def _compute_filenames(self):
        for run in self:
            run.combined_pdf_filename = f"{run.kind}-{run.id}.pdf"
            run.mail_merge_xlsx_filename = f"mail-merge-{run.id}.xlsx"

    @api.depends("kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{kinds.get(run.kind, '')} {run.id or ''}".strip()

    def unlink(self):
        # Through the ORM, so that the previews' files go as well.
        self.line_ids.unlink()
        return super().unlink()

    # ------------------------------------------------------------ actions

    def action_preview_again(self):
        """Preview the same requests anew, from the records and layouts as they are now.

        :return: the action that opens the new run
        """
        self.ensure_one()
        self.check_access("read")
        credentials = self.line_ids.credential_id.filtered(
            lambda credential: credential.state == "requested"
        )
        if not credentials:
            raise UserError(
                self.env._(
                    "Nothing is left to preview: no request of this run is open."
                )
            )
        run = self._start("preview", credentials, previous_run_id=self.id)
        return run._action_open()

    def action_issue_selected(self):
        """Open the issue wizard for what this preview made documents of."""
        self.ensure_one()
        self.check_access("read")
        return self._issuable().action_issue()

    def _issuable(self):
        """Return the credentials of a preview that are ready to be issued."""
        self.ensure_one()
        if self.kind != "preview":
            return self.line_ids.credential_id.browse()
        return self.line_ids.filtered(
            lambda line: line.state == "done"
        ).credential_id.filtered(lambda credential: credential.state == "requested")

    # ------------------------------------------------------------ the run

    @api.model
    def _start(self, kind, credentials, **options):
        """Preview or issue `credentials`, which are of one company, and log it.

        :param kind: "preview" or "issue"
        :param options: values of the fields that the issue wizard asks for
        :return: the finished run
        :raise AccessError: for anyone but an LRM admin
        """
        credentials._check_is_admin()
        credentials._check_ticked()
        credentials.check_access("read")
        if kind == "preview":
            credentials._check_any_requested(self.env._("has its document already"))
            credentials = credentials.sorted(
                lambda c: (
                    remove_accents(c.partner_id.name or "").lower(),
                    c.partner_id.id,
                    TYPE_ORDER.index(c.credential_type),
                    c.id,
                )
            )
        issued_date = options.get("qual_issued_date")
        if issued_date and issued_date > credentials._latest_today():
            raise UserError(self.env._("The Issued Date cannot be in the future."))
        if len(credentials.company_id) > 1:
            raise UserError(self.env._("Tick credentials of one company at a time."))
        # The log is written by the system: users only read it.
        run_sudo = self.sudo().create(
            {
                "kind": kind,
                "company_id": credentials.company_id.id,
                "user_id": self.env.uid,
                "line_ids": [
                    fields.Command.create(
                        {"credential_id": credential.id, "sequence": sequence}
                    )
                    for sequence, credential in enumerate(credentials, start=1)
                ],
                **options,
            }
        )
        run = run_sudo.sudo(False)
        run._process()
        return run

    def _process(self):
        """Check, render and, when issuing, seal every line; then combine."""
        credentials = self.line_ids.credential_id
        documents = {
            credential.id: credential._document() for credential in credentials
        }
        passed, finals, refusals = self._check(credentials, documents)
        contents, failures = self._print(passed, documents)
        done = passed.filtered(lambda credential: credential.id in contents)
        for orphan in done._companions_of(finals - done) - finals:
            refusals[orphan.id] = [
                self.env._("The final qualification it goes with failed.")
            ]
            del contents[orphan.id]
            done -= orphan
        if self.kind == "issue":
            done._seal_issue(
                documents, contents, finals, self.status_reason, self.qual_issued_date
            )
            credentials._keep_refusals(refusals | failures)
        self.line_ids._record(documents, refusals, failures)
        self.line_ids._store_previews(contents)
        self._finish([documents[key] for key in contents], list(contents.values()))

    def _check(self, credentials, documents):
        """Decide what of `credentials` can be made, before anything is made.

        :return: (recordset of those that passed, those of them that become final,
            {credential id: [sentences]} of the others)
        """
        refusals = credentials._refusals(documents)
        passed = credentials.filtered(lambda credential: credential.id not in refusals)
        if not self.is_final:
            return passed, passed.browse(), refusals
        finals, not_final = passed._plan_final(self.qual_issued_date)
        refusals |= {key: [sentence] for key, sentence in not_final.items()}
        passed = passed.filtered(lambda credential: credential.id not in refusals)
        return passed, finals, refusals

    def _print(self, credentials, documents):
        """Make the PDF files of `credentials`, in their order.

        :return: ({credential id: PDF bytes}, {credential id: [sentence]} of the failed)
        """
        rendered = credentials._render(documents, is_preview=self.kind == "preview")
        contents, failures = {}, {}
        for key in credentials.ids:
            if isinstance(rendered[key], RenderError):
                failures[key] = [str(rendered[key])]
            else:
                contents[key] = rendered[key]
        return contents, failures

    def _finish(self, documents, contents):
        """Make the combined files of what has been done, in the order of the lines."""
        values = {"state": "done", "finished_at": fields.Datetime.now()}
        self.sudo().write(values)  # users only read the log
        if contents:
            self._store("combined_pdf", self.combined_pdf_filename, merge(contents))
        if contents and self.with_mail_merge:
            self._store(
                "mail_merge_xlsx", self.mail_merge_xlsx_filename, mail_merge(documents)
            )

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

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log History"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    @api.model
    def _content_digest(self, document):
        return sha256(canonical(document).encode())

    @api.model
    def _purge(self):
        """Delete runs that finished more than 7 days ago, with all their files.

        Called on the 1st of each month (article, "Note about Log History"). The
        register, the credentials and their PDFs are untouched.
        """
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("finished_at", "<", limit)]).unlink()
