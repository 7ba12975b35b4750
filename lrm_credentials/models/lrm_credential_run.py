from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import remove_accents

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
        selection=[
            ("queued", "Queued"),
            ("running", "Running"),
            ("stopping", "Stopping"),
            ("stopped", "Stopped"),
            ("done", "Done"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="queued",
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Started By", required=True, readonly=True
    )
    started_at = fields.Datetime(readonly=True)
    made_before = fields.Integer(
        readonly=True, help="How many were made already when it last began."
    )
    finished_at = fields.Datetime(readonly=True, index=True)
    previous_run_id = fields.Many2one(
        comodel_name="lrm.credential.run", string="Preview Before", readonly=True
    )
    line_ids = fields.One2many(
        comodel_name="lrm.credential.run.line", inverse_name="run_id", readonly=True
    )
    problem = fields.Text(readonly=True, help="Why it stopped, and what to do.")
    warning = fields.Text(string="Warnings", readonly=True)
    line_count = fields.Integer(compute="_compute_counts", string="Credentials")
    pending_count = fields.Integer(compute="_compute_counts", string="Waiting")
    done_count = fields.Integer(compute="_compute_counts", string="Done")
    refused_count = fields.Integer(compute="_compute_counts", string="Refused")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")
    changed_count = fields.Integer(
        compute="_compute_counts",
        string="Changed",
        help="Documents that say something else than in the preview before.",
    )
    progress = fields.Float(compute="_compute_progress", help="In percent.")
    time_left = fields.Char(compute="_compute_progress")
    issuable_count = fields.Integer(compute="_compute_issuable_count")

    # What the issue wizard asked for
    is_final = fields.Boolean(string="Final Qualification", readonly=True)
    qual_issued_date = fields.Date(string="Issued Date", readonly=True)
    status_reason = fields.Char(readonly=True)
    with_mail_merge = fields.Boolean(readonly=True)
    is_duplex = fields.Boolean(string="Double-Sided", readonly=True)

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
            tally = counts[run.id]
            run.line_count = tally.total() - tally["changed"]
            run.pending_count = tally["pending"]
            run.done_count = counts[run.id]["done"]
            run.refused_count = counts[run.id]["refused"]
            run.failed_count = counts[run.id]["failed"]
            run.changed_count = counts[run.id]["changed"]

    @api.depends("line_count", "pending_count", "started_at", "made_before", "state")
    def _compute_progress(self):
        for run in self:
            made = run.line_count - run.pending_count
            run.progress = 100 * made / run.line_count if run.line_count else 100
            run.time_left = False
            lately = made - run.made_before
            if run.state == "running" and run.started_at and lately > 0:
                passed = (fields.Datetime.now() - run.started_at).total_seconds()
                left = round(passed / lately * run.pending_count)
                run.time_left = f"{left // 60}:{left % 60:02} min"

    @api.depends("line_ids.state", "line_ids.credential_id.state")
    def _compute_issuable_count(self):
        lines = self._issuable_lines().grouped("run_id")
        for run in self:
            run.issuable_count = len(lines.get(run, ()))

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
        """Open the issue wizard for what this preview looked at and is not issued.

        What was refused comes along: the wizard says why, and takes a reason to issue
        it nevertheless.
        """
        self.ensure_one()
        self.check_access("read")
        return self._issuable_lines().credential_id.action_issue()

    def action_view_refused(self):
        """Open the register with the open requests that this run refused."""
        self.ensure_one()
        self.check_access("read")
        refused = self.line_ids.filtered(lambda line: line.state == "refused")
        return refused.credential_id.filtered(
            lambda credential: credential.state == "requested"
        )._action_open_register()

    def _issuable_lines(self):
        """Return the lines of a preview, done or refused, whose requests are open."""
        return self.env["lrm.credential.run.line"].search(
            [
                ("run_id", "in", self.filtered(lambda run: run.kind == "preview").ids),
                ("state", "in", ("done", "refused")),
                ("credential_id.state", "=", "requested"),
            ]
        )

    def action_stop(self):
        """Stop after the chunk that is being made; what is done stays done."""
        self._check_may_steer(("queued", "running"), self.env._("not under way"))
        self._log({"state": "stopping"})
        self._wake_scheduler()

    def action_resume(self):
        """Go on with the lines that still wait."""
        self._check_may_steer(("stopped",), self.env._("not stopped"))
        self._enqueue()

    def action_retry_failed(self):
        """Try the failed lines once more."""
        self._check_may_steer(("stopped", "done"), self.env._("still under way"))
        # The log is written by the system: users only read it.
        failed_sudo = self.sudo().line_ids.filtered(lambda line: line.state == "failed")
        if not failed_sudo:
            raise UserError(
                self.env._("Nothing has failed: there is nothing to retry.")
            )
        failed_sudo.write({"state": "pending", "message": False})
        self._launch()

    def action_download_zip(self):
        """Download each document of this run, as files in one ZIP archive."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/lrm_credentials/run/{self.id}/documents.zip",
            "target": "new",
        }

    def _check_may_steer(self, states, verdict):
        """Raise unless an LRM admin steers one run that is in one of `states`."""
        self.ensure_one()
        self.env["lrm.credential"]._check_is_admin()
        self.check_access("read")
        self.invalidate_recordset(["state"])
        if self.state not in states:
            raise UserError(
                self.env._(
                    "%(run)s is %(verdict)s.", run=self.display_name, verdict=verdict
                )
            )

    # ------------------------------------------------------------ start

    @api.model
    def _start(self, kind, credentials, overrides=None, **options):
        """Preview or issue `credentials`, which are of one company, and log it.

        :param kind: "preview" or "issue"
        :param overrides: {credential id: (reason, [codes])} of what is to be issued
            against these checks
        :param options: values of the fields that the issue wizard asks for
        :return: the run: finished when it is small, else queued
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
        overrides = overrides or {}
        # The log is written by the system: users only read it.
        run_sudo = self.sudo().create(
            {
                "kind": kind,
                "company_id": credentials.company_id.id,
                "user_id": self.env.uid,
                **options,
            }
        )
        run_sudo.env["lrm.credential.run.line"].create(
            [
                {
                    "run_id": run_sudo.id,
                    "credential_id": credential.id,
                    "sequence": sequence,
                    "override_reason": reason,
                    "override_checks": ",".join(codes),
                }
                for sequence, credential in enumerate(credentials, start=1)
                for reason, codes in [overrides.get(credential.id, (False, []))]
            ]
        )
        run = run_sudo.sudo(False)
        run._launch()
        return run

    def _launch(self):
        """Make the waiting lines: at once when they are few, else in the background."""
        if len(self._pending()) <= self.company_id.sudo().lrm_run_limit:
            self._log({"state": "running", "problem": False})
            self._process()
        else:
            self._enqueue()

    def _log(self, values):
        """Write `values`: the log is written by the system, users only read it."""
        self.sudo().write(values)

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log History"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    @api.model
    def _purge(self):
        """Delete runs that finished more than 7 days ago, with all their files.

        Called on the 1st of each month (article, "Note about Log History"). The
        register, the credentials and their PDFs are untouched.
        """
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("finished_at", "<", limit)]).unlink()
