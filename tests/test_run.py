"""Runs: chunk by chunk, at once or in the background, whatever comes between."""

import errno
import io
import zipfile
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from openpyxl import load_workbook
from psycopg2.errors import LockNotAvailable

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, new_test_user
from odoo.tools import mute_logger

from odoo.addons.base.models import ir_cron
from odoo.addons.lrm_credentials.models import (
    lrm_credential_render,
    lrm_credential_run_work,
)
from odoo.addons.lrm_credentials.report import batch
from odoo.addons.lrm_credentials.report.batch import print_batches
from odoo.addons.lrm_credentials.report.wkhtmltopdf import ProgramError

from .common import CredentialCommon, pdf_pages

BASE = "odoo.sql_db", "odoo.addons.base.models.ir_rule"
SCHEDULE = "odoo.addons.lrm_credentials.models.lrm_credential_run_schedule"
NAMES = ["Ana", "Ben", "Cem", "Dan", "Eve", "Fay"]


class RunCommon(CredentialCommon):
    """Everything goes to the background, two credentials at a time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.lrm_run_limit = 0
        cls.startClassPatcher(patch.object(lrm_credential_run_work, "CHUNK", 2))
        cls.transcript = cls._create_transcript_template()
        cls.scheduler = cls.env.ref("lrm_credentials.ir_cron_work_on_runs")
        cls.Run = cls.env.registry["lrm.credential.run"]

    @classmethod
    def _enrol(cls, count):
        """Enrolments of as many learners, as one recordset."""
        enrolments = [
            cls._create_enrolment(cls._create_learner(name)) for name in NAMES[:count]
        ]
        return cls.env["lrm.course.enrolment"].union(*enrolments)

    @classmethod
    def _create_broken(cls, name="Broken", credential_type="other"):
        """A template whose layout nobody can print."""
        key = f"lrm_test.{name.lower()}"
        cls.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "key": key,
                "arch": f"<t t-name='{key}'><t t-out='1 / 0' /></t>",
            }
        )
        report = cls.statement.report_id.copy({"report_name": key})
        return cls._create_template(name, credential_type, report_id=report.id)

    def _mend(self, template):
        self._change_template(template, report_id=self.statement.report_id.id)

    def _schedule(self):
        """What the server does once the user's request is committed."""
        # Which says when it has to come back.
        quiet = mute_logger("odoo.addons.base.models.ir_cron")
        with self.enter_registry_test_mode(), quiet:
            self.assertIs(self.scheduler.method_direct_trigger(), True)

    def _as_admin(self, run):
        return run.with_user(self.admin)

    def _patch_run(self, name, make):
        """Replace a method of runs by what `make` returns for the original one."""
        return patch.object(self.Run, name, make(getattr(self.Run, name)))

    def _without_program(self):
        program = type("Program", (), {"bin": "/nowhere/wkhtmltopdf"})
        return patch.object(lrm_credential_render, "_wkhtml", lambda: program)

    def _full_disk(self, *attempts, written=None):
        """The file store refuses these of the PDF files that are written to it.

        :param written: list that gets the names of those that it takes
        """
        write = self.env.registry["ir.attachment"]._file_write
        written = [] if written is None else written
        count = iter(range(1, 1000))

        def refuse(attachment, content, checksum):
            if content.startswith(b"%PDF") and next(count) in attempts:
                raise OSError(errno.ENOSPC, "No space left on device")
            name = write(attachment, content, checksum)
            if content.startswith(b"%PDF"):
                written.append(name)
            return name

        return patch.object(self.env.registry["ir.attachment"], "_file_write", refuse)

    def _kept(self, names):
        """Those of the files in the file store that are still there."""
        path = self.env["ir.attachment"]._full_path
        return [name for name in names if Path(path(name)).exists()]

    def _entries(self, credentials):
        return self.env["lrm.register.entry"].search(
            [("credential_id", "in", credentials.ids), ("event", "=", "issued")]
        )

    def _assert_states(self, run, done=0, pending=0, failed=0, refused=0, **values):
        self.assertRecordValues(
            run,
            [
                {
                    "done_count": done,
                    "pending_count": pending,
                    "failed_count": failed,
                    "refused_count": refused,
                    **values,
                }
            ],
        )

    def _assert_issued_once(self, credentials):
        """Issued, with one file, which is the one that the ledger knows."""
        self.assertEqual(set(credentials.mapped("state")), {"issued"})
        entries = self._entries(credentials)
        self.assertEqual(len(entries), len(credentials))
        for credential in credentials:
            self.assertEqual(len(self._attachment(credential)), 1)
            [page] = pdf_pages(self._bytes(credential))
            self.assertIn(credential.number, page)
        problems = self.env["lrm.register.entry"]._integrity_problems(self.company)
        self.assertEqual(problems, [])

    def _assert_untouched(self, credentials):
        self.assertEqual(set(credentials.mapped("state")), {"requested"})
        self.assertFalse(any(credentials.mapped("refusal")))
        self.assertFalse(any(credentials.mapped("is_final")))
        self.assertFalse(self._attachment(credentials))
        self.assertFalse(self._entries(credentials))
        self.assertFalse(any(credentials.enrolment_id.mapped("qual_issued")))

    def _assert_combined(self, run, credentials):
        """The print file has a page of each of `credentials`, in their order."""
        pages = pdf_pages(self._bytes(run, "combined_pdf"))
        self.assertEqual(len(pages), len(credentials))
        for page, credential in zip(pages, credentials, strict=True):
            self.assertIn(credential.number, page)


class TestBackground(RunCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolments = cls._enrol(3)
        # Selected so that those of one learner stand far apart.
        cls.certificates = cls._request(cls.enrolments)
        cls.statements = cls._request(cls.enrolments, cls.statement)
        cls.credentials = cls.certificates | cls.statements

    def _count_chunks(self, kind):
        """Patch: the sizes of the chunks that are sealed end up in `self.sizes`."""
        self.sizes = []

        def make(seal):
            def counting(run, chunk):
                self.sizes.append(len(chunk.line_ids))
                return seal(run, chunk)

            return counting

        return self._patch_run("_seal", make)

    def test_larger_run_than_the_limit_waits_and_the_user_gets_its_form(self):
        self.company.lrm_run_limit = 5
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", self.scheduler.id)])
        wizard = (
            self.env["lrm.credential.issue"]
            .with_user(self.admin)
            .create(
                {
                    "credential_ids": [Command.set(self.credentials.ids)],
                    "final": "yes",
                    "status_reason": "Graduation",
                }
            )
        )
        action = wizard.action_issue()
        self.assertEqual(
            (action["res_model"], action["view_mode"]), ("lrm.credential.run", "form")
        )
        run = self.env["lrm.credential.run"].browse(action["res_id"])
        self._assert_states(run, pending=6, state="queued", progress=0)
        self._assert_untouched(self.credentials)
        self.assertFalse(run.combined_pdf)
        self.assertFalse(run.finished_at)
        self.assertEqual(
            triggers.search_count([("cron_id", "=", self.scheduler.id)]), before + 1
        )

    def test_run_of_just_the_limit_is_done_at_once(self):
        self.company.lrm_run_limit = 6
        run = self._issue(self.credentials)
        self._assert_states(run, done=6, state="done", progress=100)
        self._assert_issued_once(self.credentials)
        self._assert_combined(run, self.credentials)

    def test_preview_of_just_the_limit_is_done_at_once(self):
        self.company.lrm_run_limit = 3
        run = self._preview(self.certificates)
        self._assert_states(run, done=3, state="done", progress=100)
        self._assert_combined(run, run.line_ids.credential_id)

    def test_scheduler_issues_all_of_it(self):
        run = self._issue(self.credentials, status_reason="Graduation")
        with self._count_chunks("issue"):
            self._schedule()
        self.assertEqual(self.sizes, [2, 2, 2])
        self._assert_states(run, done=6, state="done", progress=100, problem=False)
        self.assertTrue(run.started_at)
        self.assertTrue(run.finished_at)
        self._assert_issued_once(self.credentials)
        for credential in self.credentials:
            self.assertEqual(credential.issued_by_id, self.admin)
            self.assertEqual(credential.status_reason, "Graduation")

    def test_files_are_in_the_order_in_which_credentials_were_selected(self):
        run = self._issue(self.credentials, with_mail_merge=True)
        self._schedule()
        self._assert_combined(run, self.credentials)
        content = self._bytes(run, "mail_merge_xlsx")
        headings, *rows = load_workbook(io.BytesIO(content)).active.iter_rows()
        column = [cell.value for cell in headings].index("Credential Number")
        self.assertEqual(
            [row[column].value for row in rows], self.credentials.mapped("number")
        )

    def test_preview_goes_on_in_the_background_too(self):
        run = self._preview(self.credentials)
        self._assert_states(run, pending=6, state="queued")
        with self._count_chunks("preview"):
            self._schedule()
        self.assertEqual(self.sizes, [2, 2, 2])
        self._assert_states(run, done=6, state="done")
        self._assert_untouched(self.credentials)
        self._assert_combined(run, run.line_ids.credential_id)
        for line in run.line_ids:
            [page] = pdf_pages(self._bytes(line))
            self.assertIn(line.credential_id.number, page)
            self.assertIn("preview", page.lower())

    def test_who_started_it_is_told_the_counts(self):
        self.enrolments[0].write({"hold": True, "hold_reason": "Fees outstanding"})
        run = self._issue(self.credentials)
        self._schedule()
        message = self.env["mail.message"].search(
            [("model", "=", run._name), ("res_id", "=", run.id)]
        )
        self.assertEqual(len(message), 1)
        self.assertEqual(message.subject, f"Issue {run.id}: Done")
        self.assertIn(
            "4 done, 2 refused, 0 failed, 0 waiting.", message.body.striptags()
        )
        self.assertEqual(message.notification_ids.res_partner_id, self.admin.partner_id)
        bus = self.env["bus.bus"].search(
            [("message", "ilike", "simple_notification")], order="id desc", limit=1
        )
        self.assertIn(f"Issue {run.id}: Done", bus.message)
        self.assertIn("4 done, 2 refused", bus.message)

    def test_nobody_is_told_of_what_was_done_at_once(self):
        self.company.lrm_run_limit = 6
        run = self._issue(self.credentials)
        self.assertFalse(
            self.env["mail.message"].search(
                [("model", "=", run._name), ("res_id", "=", run.id)]
            )
        )

    def test_second_call_of_the_scheduler_changes_nothing(self):
        run = self._issue(self.certificates[0])
        self._schedule()
        before = self._attachment(run, "combined_pdf"), self._entries(self.credentials)
        self._schedule()
        after = self._attachment(run, "combined_pdf"), self._entries(self.credentials)
        self.assertEqual(before, after)

    def test_when_time_is_up_the_scheduler_goes_on_another_time(self):
        run = self._issue(self.certificates)
        with patch.object(ir_cron, "MIN_TIME_PER_JOB", 0):
            self._schedule()
        self._assert_states(run, pending=3, state="running")
        self._assert_untouched(self.certificates)
        self._schedule()
        self._assert_states(run, done=3, state="done")

    def test_run_of_a_killed_server_goes_on(self):
        run = self._issue(self.credentials)
        self._log_running(run)
        [first, *_rest] = self._as_admin(run)._chunks()
        self._as_admin(run)._seal(self._printed(run, first))
        self._schedule()
        self._assert_states(run, done=6, state="done")
        self._assert_issued_once(self.credentials)
        self._assert_combined(run, self.credentials)

    def _log_running(self, run):
        run.sudo().write({"state": "running", "started_at": fields.Datetime.now()})

    def _printed(self, run, line_ids):
        chunk = self._as_admin(run)._prepare(line_ids)
        chunk.printed |= print_batches(chunk.batches)
        return chunk

    def test_runs_are_made_one_after_the_other(self):
        first = self._issue(self.certificates)
        second = self._preview(self.statements)
        self._schedule()
        for run in (first, second):
            self._assert_states(run, done=3, state="done")

    def test_background_keeps_the_language_of_who_started_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.admin.lang = "fr_FR"
        starter = self._issue(self.certificates[0])._as_starter()
        self.assertEqual(starter.env.user, self.admin)
        self.assertEqual(starter.env.lang, "fr_FR")
        self.assertEqual(starter.env.companies, self.company)
        self._schedule()
        # The document's language is a matter of the document.
        self.assertEqual(self.certificates[0].document_data["language"][:2], "en")

    def test_progress_is_that_of_the_lines(self):
        run = self._issue(self.credentials)
        self._log_running(run)
        self.assertFalse(run.time_left)  # nothing is done, nothing is known
        run.line_ids[:2].sudo().write({"state": "done"})
        run.sudo().started_at = fields.Datetime.now() - timedelta(seconds=50)
        run.invalidate_recordset()
        self.assertAlmostEqual(run.progress, 100 * 2 / 6)
        self.assertRegex(run.time_left, r"^1:4[0-2] min$")  # 50 s for 2, 4 more
        run.line_ids[2:].sudo().write({"state": "refused"})
        run.invalidate_recordset()
        self.assertEqual(run.progress, 100)
        self.assertEqual(run.time_left, "0:00 min")
        run.sudo().state = "stopped"
        self.assertFalse(run.time_left)

    def test_form_and_filters_open_for_an_admin(self):
        run = self._issue(self.credentials)
        Form(self._as_admin(run))
        runs = self.env["lrm.credential.run"].with_user(self.admin)
        views = runs.get_views([(False, "list"), (False, "search")])["views"]
        self.assertIn('name="progress"', views["list"]["arch"])
        for name in ("under_way", "stopped", "mine", "previews", "issues"):
            self.assertIn(f'name="{name}"', views["search"]["arch"])
        self.assertEqual(runs.search([("state", "=", "queued")]), run)


class TestSteering(RunCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_address()
        cls.enrolments = cls._enrol(6)
        cls.credentials = cls._request(cls.enrolments)

    def _stop_at_first_seal(self):
        """Patch: an admin presses Stop while the first chunk is sealed."""
        calls = []

        def make(seal):
            def stopping(run, chunk):
                seal(run, chunk)
                if not calls:
                    calls.append(chunk)
                    run.with_user(self.admin).action_stop()

            return stopping

        return self._patch_run("_seal", make)

    def test_stop_keeps_what_is_done_and_resume_does_the_rest(self):
        run = self._issue(self.credentials, with_mail_merge=True)
        with self._stop_at_first_seal():
            self._schedule()
        # The second chunk was on its way already.
        done, rest = self.credentials[:4], self.credentials[4:]
        self._assert_states(run, done=4, pending=2, state="stopped")
        self.assertAlmostEqual(run.progress, 100 * 4 / 6)
        self._assert_issued_once(done)
        self._assert_untouched(rest)
        self._assert_combined(run, done)
        before = {credential: credential.document_sha256 for credential in done}
        self._as_admin(run).action_resume()
        self.assertEqual(run.state, "queued")
        self._schedule()
        self._assert_states(run, done=6, state="done", progress=100)
        self._assert_issued_once(self.credentials)
        self._assert_combined(run, self.credentials)
        self.assertEqual(len(self._attachment(run, "combined_pdf")), 1)
        self.assertEqual(len(self._attachment(run, "mail_merge_xlsx")), 1)
        for credential in done:
            self.assertEqual(credential.document_sha256, before[credential])

    def test_stopped_preview_can_be_resumed(self):
        run = self._preview(self.credentials)
        with self._stop_at_first_seal():
            self._schedule()
        self._assert_states(run, done=4, pending=2, state="stopped")
        self._as_admin(run).action_resume()
        self._schedule()
        self._assert_states(run, done=6, state="done")
        self._assert_combined(run, self.credentials)

    def test_queued_run_stops_before_it_begins(self):
        run = self._issue(self.credentials)
        self._as_admin(run).action_stop()
        self.assertEqual(run.state, "stopping")
        self._schedule()
        self._assert_states(run, pending=6, state="stopped")
        self.assertFalse(run.combined_pdf)
        self._assert_untouched(self.credentials)

    def test_stop_is_told_to_who_started_it(self):
        run = self._issue(self.credentials)
        with self._stop_at_first_seal():
            self._schedule()
        message = self.env["mail.message"].search(
            [("model", "=", run._name), ("res_id", "=", run.id)]
        )
        self.assertEqual(message.subject, f"Issue {run.id}: Stopped")
        self.assertIn("2 waiting", message.body.striptags())

    def test_only_what_fits_the_state_can_be_done(self):
        run = self._as_admin(self._issue(self.credentials[:1]))
        for action, message in (
            (run.action_resume, "not stopped"),
            (run.action_retry_failed, "still under way"),
        ):
            with self.assertRaisesRegex(UserError, message):
                action()
        self._schedule()
        for action, message in (
            (run.action_stop, "not under way"),
            (run.action_resume, "not stopped"),
            (run.action_retry_failed, "Nothing has failed"),
        ):
            with self.assertRaisesRegex(UserError, message):
                action()
        self._assert_states(run, done=1, state="done")

    def _prepared(self):
        """Patch: the credentials that are prepared end up in `self.prepared`."""
        self.prepared = self.env["lrm.credential"]

        def make(prepare):
            def recording(run, line_ids):
                lines = self.env["lrm.credential.run.line"].browse(line_ids)
                self.prepared += lines.credential_id
                return prepare(run, line_ids)

            return recording

        return self._patch_run("_prepare", make)

    def test_retry_tries_the_failed_lines_only(self):
        broken = self._create_broken()
        bad = self._request(self.enrolments[1], broken)
        held = self._request(self.enrolments[2], self.statement)
        self.enrolments[2].write({"hold": True, "hold_reason": "Fees outstanding"})
        good = self.credentials[0]
        for limit in (0, 100):
            with self.subTest(limit=limit), self.env.cr.savepoint() as savepoint:
                run = self._issue(good | bad | held)
                self._schedule()
                self._assert_states(run, done=1, failed=1, refused=1, state="done")
                self._assert_combined(run, good)
                before = good.document_sha256
                self._mend(broken)
                self.company.lrm_run_limit = limit
                with self._prepared():
                    self._as_admin(run).action_retry_failed()
                    if not limit:
                        self.assertEqual(run.state, "queued")
                        self._schedule()
                self.assertEqual(self.prepared.ids, bad.ids)
                self._assert_states(run, done=2, refused=1, state="done")
                self.assertFalse(self._message(run, bad))
                self.assertEqual(good.document_sha256, before)
                self._assert_issued_once(good | bad)
                self._assert_combined(run, good | bad)
                savepoint.rollback()

    def test_transcript_rides_along_with_the_certificate_of_the_first_try(self):
        broken = self._create_broken("Record", "transcript")
        transcripts = self._request(self.enrolments[:2], broken)
        certificate = self.credentials[0]
        run = self._issue(certificate | transcripts, final="yes")
        self._schedule()
        # One fails; the other one goes with no certificate at all.
        self.assertEqual(
            self._results(run),
            {
                certificate: "done",
                transcripts[0]: "failed",
                transcripts[1]: "refused",
            },
        )
        self._mend(broken)
        self._as_admin(run).action_retry_failed()
        self._schedule()
        self.assertEqual(self._results(run)[transcripts[0]], "done")
        self._assert_issued_once(certificate | transcripts[0])
        self.assertFalse(transcripts[0].is_final)
        self.assertEqual(self.enrolments[0].parchment_number, certificate.number)
        self._assert_combined(run, certificate | transcripts[0])

    def test_transcript_does_not_ride_with_the_certificate_of_another_run(self):
        self.company.lrm_run_limit = 100
        self._issue(self.credentials[0], final="yes")
        transcript = self._request(self.enrolments[0], self.transcript)
        run = self._issue(transcript, final="yes")
        self.assertEqual(self._results(run), {transcript: "refused"})

    def test_those_of_one_enrolment_stay_in_one_chunk(self):
        transcripts = self._request(self.enrolments, self.transcript)
        letters = self._request(
            self.enrolments[0], self._create_template("Letter", "letter")
        )
        everything = self.credentials | letters | transcripts
        run = self._issue(everything, final="yes")
        chunks = self._as_admin(run)._chunks()
        lines = run.line_ids
        self.assertEqual(sorted(sum(chunks, [])), sorted(lines.ids))
        enrolments = [lines.browse(ids).credential_id.enrolment_id for ids in chunks]
        self.assertEqual(list(map(len, chunks)), [3, 2, 2, 2, 2, 2])
        self.assertEqual(enrolments, list(self.enrolments))
        self._schedule()
        # The letter can be no final qualification, nor does it ride along.
        self._assert_states(run, done=12, refused=1, state="done")
        self.assertEqual(letters.state, "requested")
        self.assertEqual(set(self.credentials.mapped("is_final")), {True})
        self.assertEqual(set(transcripts.mapped("is_final")), {False})
        for certificate in self.credentials:
            self.assertEqual(
                certificate.enrolment_id.parchment_number, certificate.number
            )
        self._assert_combined(run, self.credentials | transcripts)


class TestTrouble(RunCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolments = cls._enrol(4)
        cls.credentials = cls._request(cls.enrolments)

    def _resume(self, run):
        self._as_admin(run).action_resume()
        self.assertFalse(run.problem)
        self._schedule()
        self._assert_states(run, done=4, state="done", problem=False)
        self._assert_issued_once(self.credentials)
        self._assert_combined(run, self.credentials)

    def test_missing_wkhtmltopdf_stops_and_resume_completes(self):
        run = self._issue(self.credentials)
        with self._without_program():
            self._schedule()
        self._assert_states(run, pending=4, state="stopped")
        self.assertRegex(run.problem, "^wkhtmltopdf could not be started.*Resume.$")
        self._assert_untouched(self.credentials)
        self._resume(run)

    def test_missing_wkhtmltopdf_stops_a_run_at_once_alike(self):
        self.company.lrm_run_limit = 4
        with self._without_program():
            run = self._issue(self.credentials)
        self._assert_states(run, pending=4, state="stopped")
        self.assertRegex(run.problem, "^wkhtmltopdf could not be started.*Resume.$")
        self._assert_untouched(self.credentials)
        self._resume(run)

    def test_wkhtmltopdf_that_goes_in_between_leaves_what_is_done(self):
        run = self._issue(self.credentials)
        html_to_pdf, calls = batch.html_to_pdf, []

        def vanish(*args, **kwargs):
            calls.append(args)
            if len(calls) > 1:
                raise ProgramError("wkhtmltopdf could not be started: gone")
            return html_to_pdf(*args, **kwargs)

        with patch.object(batch, "html_to_pdf", vanish):
            self._schedule()
        self._assert_states(run, done=2, pending=2, state="stopped")
        self._assert_issued_once(self.credentials[:2])
        self._assert_untouched(self.credentials[2:])
        self._resume(run)

    def test_full_disk_stops_and_resume_completes(self):
        # In the first chunk, in the second one, or for the print file at the end.
        for attempt, done in ((2, 0), (3, 2), (5, 4)):
            with self.subTest(attempt), self.env.cr.savepoint() as savepoint:
                run, written = self._issue(self.credentials), []
                with self._full_disk(attempt, written=written):
                    self._schedule()
                self._assert_states(run, done=done, pending=4 - done, state="stopped")
                self.assertRegex(
                    run.problem,
                    "^A file could not be written: No space left on device.*Resume.$",
                )
                if done:
                    self._assert_issued_once(self.credentials[:done])
                if done < 4:
                    self._assert_untouched(self.credentials[done:])
                self.assertFalse(run.combined_pdf)
                self.assertEqual(len(written), attempt - 1)
                self.assertEqual(self._kept(written), written[:done])
                self._resume(run)
                savepoint.rollback()

    def test_full_disk_changes_nothing_when_done_at_once(self):
        self.company.lrm_run_limit = 4
        before = self.env["lrm.credential.run"].search([])
        for attempt in (3, 5):
            with (
                self.subTest(attempt),
                self._full_disk(attempt),
                self.assertRaisesRegex(
                    UserError,
                    "could not be written: No space left on device. Nothing was done",
                ),
                self.env.cr.savepoint(),  # what the server does with an error
            ):
                self._issue(self.credentials)
            self._assert_untouched(self.credentials)
            self.assertEqual(self.env["lrm.credential.run"].search([]), before)
        self._issue(self.credentials)
        self._assert_issued_once(self.credentials)

    def test_unexpected_error_stops_its_run_only(self):
        first = self._issue(self.credentials[:2])
        second = self._issue(self.credentials[2:])

        def make(prepare):
            def failing(run, line_ids):
                if run == first:
                    raise ValueError("boom")
                return prepare(run, line_ids)

            return failing

        with self._patch_run("_prepare", make), self.assertLogs(SCHEDULE, "ERROR"):
            self._schedule()
        self._assert_states(first, pending=2, state="stopped")
        self.assertRegex(first.problem, r"nobody expected \(boom\).*Resume")
        self.assertTrue(first.finished_at)
        notice = self.env["mail.message"].search(
            [("model", "=", first._name), ("res_id", "=", first.id)]
        )
        self.assertEqual(notice.notified_partner_ids, self.admin.partner_id)
        self.assertIn("nobody expected (boom)", notice.body)
        self._assert_untouched(self.credentials[:2])
        self._assert_states(second, done=2, state="done")
        self._assert_issued_once(self.credentials[2:])
        self._as_admin(first).action_resume()
        self._schedule()
        self._assert_states(first, done=2, state="done")

    def test_time_left_counts_from_the_last_start(self):
        run = self._issue(self.credentials)
        run_sudo = run.sudo()
        run_sudo.write({"state": "queued"})
        run_sudo.line_ids[:2].write({"state": "done"})
        with freeze_time("2026-01-01 10:00:00"):
            run._set_running()
        self.assertFalse(run.time_left)
        run_sudo.line_ids[2].write({"state": "done"})
        with freeze_time("2026-01-01 10:00:40"):
            run.invalidate_recordset()
            self.assertEqual(run.time_left, "0:40 min")

    def test_starter_without_the_role_any_more_stops_that_run_only(self):
        leaver = new_test_user(
            self.env, "leaver", groups="lrm_credentials.group_lrm_admin"
        )
        first = self._issue(self.credentials[:2], user=leaver)
        second = self._issue(self.credentials[2:])
        leaver.group_ids = self.env.ref("lrm_credentials.group_lrm_user")
        self._schedule()
        self._assert_states(first, pending=2, state="stopped")
        self.assertRegex(first.problem, "Only LRM admins")
        self._assert_untouched(self.credentials[:2])
        self._assert_states(second, done=2, state="done")

    def test_deleted_run_does_not_stop_the_others(self):
        first = self._issue(self.credentials[:2])
        second = self._issue(self.credentials[2:])

        def make(continue_):
            def deleting(run, scheduler):
                if run == first:
                    run.sudo().unlink()
                return continue_(run, scheduler)

            return deleting

        with self._patch_run("_continue", make):
            self._schedule()
        self.assertFalse(first.exists())
        self._assert_untouched(self.credentials[:2])
        self._assert_states(second, done=2, state="done")

    def test_run_that_is_deleted_while_it_prints_issues_nothing(self):
        first = self._issue(self.credentials[:2])
        second = self._issue(self.credentials[2:])

        def make(seal):
            def deleting(run, chunk):
                if run == first:
                    run.sudo().unlink()
                return seal(run, chunk)

            return deleting

        with self._patch_run("_seal", make):
            self._schedule()
        self.assertFalse(first.exists())
        self._assert_untouched(self.credentials[:2])
        self._assert_states(second, done=2, state="done")

    def _refuse_to_seal(self, credential, error):
        """Patch: an extension of credentials does not let one of them be issued."""
        store = self.env.registry["lrm.credential"]._store_documents

        def refuse(credentials, contents):
            store(credentials, contents)
            if credential in credentials:
                raise error

        return patch.object(
            self.env.registry["lrm.credential"], "_store_documents", refuse
        )

    def test_extension_that_refuses_one_credential_stops_only_that_one(self):
        transcripts = self._request(self.enrolments, self.transcript)
        everything = self.credentials | transcripts
        certificate, transcript = self.credentials[1], transcripts[1]
        error = UserError("The rector has not signed.")
        for limit in (0, 100):
            with (
                self.subTest(limit=limit),
                self.env.cr.savepoint() as savepoint,
                patch.object(lrm_credential_run_work, "CHUNK", 8),
            ):
                self.company.lrm_run_limit = limit
                with self._refuse_to_seal(certificate, error):
                    run = self._issue(everything, final="yes")
                    self._schedule()
                self.assertEqual(run.state, "done")
                self.assertEqual(self._results(run)[certificate], "failed")
                self.assertEqual(
                    self._message(run, certificate), "The rector has not signed."
                )
                self.assertEqual(certificate.refusal, "The rector has not signed.")
                others = everything - certificate - transcript
                self._assert_issued_once(others)
                for credential in certificate | transcript:
                    self.assertEqual(credential.state, "requested")
                    self.assertTrue(self._message(run, credential))
                    self.assertFalse(self._attachment(credential))
                self.assertFalse(self.enrolments[1].qual_issued)
                self._assert_combined(run, others)
                self._as_admin(run).action_retry_failed()
                self._schedule()
                self.assertEqual(set(self._results(run).values()), {"done"})
                self._assert_issued_once(everything)
                self.assertFalse(transcript.is_final)
                savepoint.rollback()

    def test_any_error_at_sealing_stays_with_its_credential(self):
        error = ZeroDivisionError("division by zero")
        with self._refuse_to_seal(self.credentials[0], error):
            run = self._issue(self.credentials)
            self._schedule()
        self._assert_states(run, done=3, failed=1, state="done")
        self.assertIn("division by zero", self._message(run, self.credentials[0]))
        self._assert_issued_once(self.credentials[1:])


class TestMeanwhile(RunCommon):
    """Something happens after the documents were printed and before they are sealed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolments = cls._enrol(2)
        cls.credentials = cls._request(cls.enrolments)
        cls.startClassPatcher(patch.object(lrm_credential_run_work, "CHUNK", 10))

    def _print(self, credentials, **values):
        """A run whose documents are printed; and what seals them."""
        self.company.lrm_run_limit = 0
        run = self._as_admin(self._issue(credentials, **values))
        [line_ids] = run._chunks()
        chunk = run._prepare(line_ids)
        printing = Future()
        printing.set_result(print_batches(chunk.batches))
        self.company.lrm_run_limit = 100

        def seal():
            self.env.invalidate_all()  # a transaction of its own
            run._complete(chunk, printing, lambda function: function())
            run._finish()

        return run, seal

    def test_nothing_happened(self):
        run, seal = self._print(self.credentials)
        seal()
        self._assert_states(run, done=2, state="done")
        self._assert_issued_once(self.credentials)

    def test_another_run_issued_one_of_them(self):
        run, seal = self._print(self.credentials)
        other = self._issue(self.credentials[0], status_reason="Faster")
        before = self.credentials[0].document_sha256
        seal()
        self.assertEqual(
            self._results(run),
            {self.credentials[0]: "refused", self.credentials[1]: "done"},
        )
        self.assertEqual(
            self._message(run, self.credentials[0]), "It is issued already."
        )
        self.assertEqual(self.credentials[0].status_reason, "Faster")
        self.assertEqual(self.credentials[0].document_sha256, before)
        self.assertFalse(self.credentials[0].refusal)
        self._assert_issued_once(self.credentials)
        self._assert_combined(run, self.credentials[1])
        self._assert_combined(other, self.credentials[0])

    def test_another_run_previewed_the_same(self):
        run, seal = self._print(self.credentials)
        self._preview(self.credentials)
        seal()
        self._assert_states(run, done=2, state="done")

    def test_another_worker_sealed_the_same_chunk(self):
        run, seal = self._print(self.credentials)
        seal()
        before = self._bytes(self.credentials[0])
        seal()
        self._assert_states(run, done=2, state="done")
        self._assert_issued_once(self.credentials)
        self.assertTrue(self._bytes(self.credentials[0]) == before)

    def test_another_run_made_another_credential_the_final_one(self):
        second = self._request(self.enrolments[0])
        transcript = self._request(self.enrolments[0], self.transcript)
        run, seal = self._print(self.credentials | transcript, final="yes")
        self._issue(second, final="yes")
        seal()
        self.assertEqual(
            self._results(run),
            {
                self.credentials[0]: "refused",
                self.credentials[1]: "done",
                transcript: "refused",
            },
        )
        self.assertIn(
            f"has parchment {second.number} already",
            self._message(run, self.credentials[0]),
        )
        self.assertIn("goes with was not issued", self._message(run, transcript))
        self.assertEqual(self.enrolments[0].parchment_number, second.number)
        finals = self.enrolments[0].credential_ids.filtered("is_final")
        self.assertEqual(finals, second)
        self._assert_issued_once(second | self.credentials[1])

    def test_request_was_deleted(self):
        run, seal = self._print(self.credentials)
        self.credentials[0].with_user(self.requester).unlink()
        seal()
        self._assert_states(run, done=1, line_count=1, state="done")
        self._assert_issued_once(self.credentials[1])
        self._assert_combined(run, self.credentials[1])

    def test_all_requests_were_deleted(self):
        run, seal = self._print(self.credentials)
        self.credentials.with_user(self.requester).unlink()
        seal()
        self._assert_states(run, line_count=0, state="done", progress=100)
        self.assertFalse(run.combined_pdf)

    def test_final_request_was_deleted(self):
        transcript = self._request(self.enrolments[0], self.transcript)
        run, seal = self._print(self.credentials | transcript, final="yes")
        self.credentials[0].with_user(self.requester).unlink()
        seal()
        # It must not slip through as if its certificate had been issued.
        self.assertEqual(
            self._results(run), {self.credentials[1]: "done", transcript: "refused"}
        )
        self.assertEqual(transcript.state, "requested")

    def test_learner_moved_to_another_offer(self):
        run, seal = self._print(self.credentials, final="yes")
        printed = self.credentials[0]._document()
        self.enrolments[0].with_user(self.requester).offer_id = self.offer.copy(
            {"code": "DIP-2026"}
        )
        seal()
        self._assert_states(run, done=2, state="done")
        self._assert_issued_once(self.credentials)
        # The stored data are what the paper says; the register tells the difference.
        self.assertEqual(self.credentials[0].document_data, printed)
        self.assertEqual(printed["course"]["offer_code"], "DIP-2025")
        self.assertTrue(self.credentials[0].records_differ)
        self.assertFalse(self.credentials[1].records_differ)

    def test_learner_cannot_move_to_a_dummy_offer_or_another_company(self):
        self._print(self.credentials)
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        for offer in (dummy, self._in_own_company().offer_id):
            with self.subTest(offer.code), self.assertRaises(UserError):
                self.enrolments[0].with_user(self.requester).sudo().offer_id = offer

    def test_offer_cannot_become_a_dummy(self):
        self._print(self.credentials)
        with self.assertRaisesRegex(UserError, "has credentials already"):
            self.offer.with_user(self.requester).is_test = True

    def test_template_or_date_was_changed(self):
        run, seal = self._print(self.credentials)
        self.credentials[0].with_user(self.requester).credential_date = "2025-12-02"
        seal()
        self._assert_states(run, done=2, state="done")
        [page] = pdf_pages(self._bytes(self.credentials[0]))
        self.assertIn("1 December 2025", page)
        self.assertEqual(
            self.credentials[0].document_data["credential_date"], "2025-12-01"
        )
        problems = self.env["lrm.register.entry"]._integrity_problems(self.company)
        self.assertEqual(problems, [])


class TestTurn(RunCommon):
    """One transaction at a time; `make chaos` has whole servers seal at once."""

    def test_second_transaction_waits_for_the_first_and_readers_for_none(self):
        heads = self.env["lrm.register.head"]
        with self.registry.cursor() as first, self.registry.cursor() as second:
            heads.with_env(heads.env(cr=first))._take_turn()
            second.execute("SELECT count(*) FROM lrm_register_head")  # an auditor
            second.execute("SET LOCAL lock_timeout = '20ms'")
            with mute_logger("odoo.sql_db"), self.assertRaises(LockNotAvailable):
                heads.with_env(heads.env(cr=second))._take_turn()
            second.rollback()
            first.rollback()
            second.execute("SET LOCAL lock_timeout = '20ms'")
            heads.with_env(heads.env(cr=second))._take_turn()

    def test_taking_turns_is_the_first_statement_of_sealing(self):
        credentials = self._request(self._enrol(2))
        run = self._as_admin(self._issue(credentials))
        [line_ids] = run._chunks()
        chunk = run._prepare(line_ids)
        chunk.printed |= print_batches(chunk.batches)
        self.env.flush_all()
        self.env.invalidate_all()
        statements = []
        execute = type(self.env.cr).execute

        def record(cr, query, *args, **kwargs):
            statements.append(getattr(query, "code", query))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", record):
            run._seal(chunk)
        self.assertRegex(statements[0], "^LOCK TABLE .*lrm_register_head")
        self._assert_issued_once(credentials)


class TestDuplex(RunCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.lrm_run_limit = 100
        cls.credentials = cls._request(cls._enrol(3))

    def _sheets(self, run):
        """The pages of the print file, None for an empty one."""
        return [text or None for text in pdf_pages(self._bytes(run, "combined_pdf"))]

    def test_each_document_starts_on_a_sheet_of_its_own(self):
        self.company.lrm_run_limit = 0
        run = self._issue(self.credentials, is_duplex=True)
        self._schedule()
        sheets = self._sheets(run)
        self.assertEqual([bool(text) for text in sheets], [1, 0, 1, 0, 1])
        for text, credential in zip(sheets[::2], self.credentials, strict=True):
            self.assertIn(credential.number, text)
            self.assertEqual(len(pdf_pages(self._bytes(credential))), 1)

    def test_document_of_two_pages_needs_no_empty_one(self):
        self.course.unit_ids = self.env["lrm.unit"].create(
            [{"code": f"UNIT{n:03}", "name": f"Work on {n}"} for n in range(30)]
        )
        learner = self._create_learner("Gil")
        statement = self._request(self._create_enrolment(learner), self.statement)
        run = self._issue(statement | self.credentials[0], is_duplex=True)
        pages = len(pdf_pages(self._bytes(statement)))
        self.assertEqual(pages, 2)
        self.assertEqual([bool(text) for text in self._sheets(run)], [1, 1, 1])

    def test_single_sided_is_as_many_pages_as_documents(self):
        run = self._issue(self.credentials, is_duplex=False)
        self.assertEqual(len(self._sheets(run)), 3)

    def test_setting_is_proposed_in_the_wizard(self):
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        self.assertFalse(wizards.default_get(["is_duplex"])["is_duplex"])
        settings = self.env["lrm.settings"].with_user(self.admin)
        settings.create(
            settings.default_get(list(settings._fields))
            | {"lrm_duplex": True, "lrm_run_limit": 7}
        ).action_save()
        self.assertTrue(self.company.lrm_duplex)
        self.assertEqual(self.company.lrm_run_limit, 7)
        self.assertTrue(wizards.default_get(["is_duplex"])["is_duplex"])
        self.company.lrm_run_limit = 100
        run = self._issue(self.credentials)
        self.assertTrue(run.is_duplex)
        self.assertEqual(len(self._sheets(run)), 5)


class TestQueries(RunCommon):
    """A credential more costs no query more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(lrm_credential_run_work, "CHUNK", 100))

    def _count(self, function):
        """Return what `function` returns, and how many queries it takes."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = function()
        self.env.flush_all()
        return result, self.env.cr.sql_log_count - before

    def _measure(self, count, kind="issue", **values):
        """How many queries a run of `count` learners takes, by what it does."""
        enrolments = [
            self._create_enrolment(self._create_learner(f"Learner {n}"))
            for n in range(count)
        ]
        credentials = self._request(enrolments)
        if kind == "issue":
            run = self._issue(credentials, with_mail_merge=True, **values)
        else:
            run = self._preview(credentials)
        run = self._as_admin(run)
        [line_ids] = run._chunks()
        chunk, prepare = self._count(lambda: run._prepare(line_ids))
        chunk.printed |= print_batches(chunk.batches)
        _nothing, seal = self._count(lambda: run._seal(chunk))
        _nothing, finish = self._count(run._finish)
        self._assert_states(run, done=count, state="done")
        return {"prepare": prepare, "seal": seal, "finish": finish}

    def _assert_flat(self, **values):
        self._measure(1, **values)  # what is cached from the first time on
        few, many = self._measure(5, **values), self._measure(25, **values)
        for phase, queries in many.items():
            with self.subTest(phase):
                # Two, because what is cached can go at any time.
                self.assertLessEqual(queries, few[phase] + 2)

    def test_issue(self):
        self._assert_flat(final="yes")

    def test_preview(self):
        self._assert_flat(kind="preview")


class TestRights(RunCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.company"].create({"name": "Other College"})
        cls.stranger = new_test_user(
            cls.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        cls.colleague = new_test_user(
            cls.env, "colleague", groups="lrm_credentials.group_lrm_admin"
        )
        broken = cls._create_broken()
        cls.credentials = cls._request(cls._enrol(2))
        cls.bad = cls._request(cls.credentials[0].enrolment_id, broken)
        cls.queued = cls._issue(cls.credentials)
        cls.stopped = cls._preview(cls.credentials)
        cls.stopped.sudo().state = "stopped"
        cls.failed = cls._issue(cls.bad)
        cls.failed.line_ids.sudo().state = "failed"
        cls.failed.sudo().state = "done"
        cls.all_runs = cls.queued | cls.stopped | cls.failed

    def _assert_cannot_steer(self, user, **context):
        for run, action in (
            (self.queued, "action_stop"),
            (self.stopped, "action_resume"),
            (self.failed, "action_retry_failed"),
            (self.queued, "action_download_zip"),
            (self.stopped, "action_preview_again"),
            (self.stopped, "action_issue_selected"),
        ):
            self.env.invalidate_all()
            with (
                self.subTest(login=user.login, action=action),
                mute_logger(*BASE),
                self.assertRaises(AccessError),
            ):
                getattr(run.with_user(user).with_context(**context), action)()
        self.assertEqual(self.all_runs.mapped("state"), ["queued", "stopped", "done"])
        self._assert_states(self.failed, failed=1)

    def test_admin_of_another_company_sees_and_steers_nothing(self):
        runs = self.env["lrm.credential.run"].with_user(self.stranger)
        self.assertFalse(runs.search([]))
        self.assertFalse(runs.line_ids.search([]))
        self._assert_cannot_steer(self.stranger)
        self._assert_cannot_steer(
            self.stranger, allowed_company_ids=self.company.ids, active_test=False
        )

    def test_requester_and_auditor_steer_nothing(self):
        for user in (self.requester, self.auditor):
            self._assert_cannot_steer(user)
            self._assert_cannot_steer(user, lrm_seal=True, default_state="stopped")

    def test_another_admin_of_the_company_may_steer(self):
        self.queued.with_user(self.colleague).action_stop()
        self.assertEqual(self.queued.state, "stopping")
        self.stopped.with_user(self.colleague).action_resume()
        self.assertEqual(self.stopped.state, "queued")

    def test_credentials_are_issued_in_the_name_of_who_started_it(self):
        run = self.queued
        run.with_user(self.colleague).action_stop()
        self._schedule()
        run.with_user(self.colleague).action_resume()
        self._schedule()
        self._assert_states(run, done=2, state="done")
        self.assertEqual(self.credentials.issued_by_id, self.admin)

    def test_nobody_writes_a_run(self):
        for user in (self.requester, self.auditor, self.admin, self.stranger):
            run = self.queued.with_user(user)
            for name, call in {
                "write": lambda run=run: run.write({"state": "done"}),
                "unlink": lambda run=run: run.unlink(),
                "create": lambda run=run: run.create({"kind": "issue"}),
                "line": lambda run=run: run.line_ids.write({"state": "done"}),
            }.items():
                with (
                    self.subTest(login=user.login, call=name),
                    mute_logger(*BASE),
                    self.assertRaises(AccessError),
                ):
                    call()

    def test_scheduler_works_the_same_whatever_the_context_was(self):
        context = {
            "default_state": "done",
            "default_res_field": "combined_pdf",
            "default_public": True,
            "default_type": "url",
            "bin_size": True,
            "active_test": False,
            "tracking_disable": True,
        }
        self.stopped.with_user(self.admin).with_context(**context).action_resume()
        failed = self.failed.with_user(self.admin).with_context(**context)
        self._mend(self.bad.template_id)
        for limit in (0, 100):
            with self.subTest(limit=limit), self.env.cr.savepoint() as savepoint:
                self.company.lrm_run_limit = limit
                failed.action_retry_failed()
                self._schedule()
                self._assert_states(failed.with_context({}), done=1, state="done")
                self._assert_issued_once(self.bad)
                for record, name in (
                    (self.bad, "document"),
                    (self.failed, "combined_pdf"),
                ):
                    attachment = self._attachment(record, name)
                    self.assertEqual(len(attachment), 1)
                    self.assertEqual(attachment.type, "binary")
                    self.assertFalse(attachment.public)
                    self.assertEqual(attachment.company_id, self.company)
                savepoint.rollback()


class TestZip(RunCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.lrm_run_limit = 100
        other = cls.env["res.company"].create({"name": "Other College"})
        new_test_user(
            cls.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        new_test_user(cls.env, "portal_ana", groups="base.group_portal")
        cls.enrolments = cls._enrol(3)
        cls.enrolments[2].write({"hold": True, "hold_reason": "Fees outstanding"})
        cls.credentials = cls._request(cls.enrolments)
        cls.preview = cls._preview(cls.credentials)
        cls.issue = cls._issue(cls.credentials)

    def _get(self, run, login=None):
        """The response to the address that the button opens."""
        url = self._as_admin(run).action_download_zip()["url"]
        self.authenticate(login, login)
        with mute_logger("odoo.http", *BASE):
            return self.url_open(url, allow_redirects=False)

    def _assert_zip(self, run, files):
        """The archive that an admin gets has {name: content}, in that order."""
        response = self._get(run, "lrmadmin")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        self.assertEqual(int(response.headers["Content-Length"]), len(response.content))
        self.assertIn(
            f"{run.kind}-{run.id}.zip", response.headers["Content-Disposition"]
        )
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist(), list(files))
            for name, content in files.items():
                self.assertTrue(archive.read(name) == content, name)

    def test_admin_gets_all_documents_as_stored(self):
        done = self.credentials[:2]
        files = {
            credential.document_filename: self._bytes(credential) for credential in done
        }
        self.assertEqual(len(files), 2)
        self._assert_zip(self.issue, files)

    def test_admin_gets_the_previews(self):
        lines = self.preview.line_ids.filtered(lambda line: line.state == "done")
        files = {line.document_filename: self._bytes(line) for line in lines}
        self.assertEqual(len(files), 2)
        self._assert_zip(self.preview, files)
        for content in files.values():
            self.assertIn("preview", pdf_pages(content)[0].lower())

    def test_larger_runs_are_read_in_batches(self):
        path = "odoo.addons.lrm_credentials.models.lrm_credential_run_files.BATCH"
        with patch(path, 1):
            self.test_admin_gets_all_documents_as_stored()

    # As the rights on the log: LRM admins of the company read it, nobody else.
    def test_others_get_nothing(self):
        for run in (self.issue, self.preview):
            for login, status in (
                (None, 303),  # to the login page
                ("portal_ana", 403),
                ("requester", 403),
                ("auditor", 403),
                ("stranger", 404),
            ):
                with self.subTest(login=login, kind=run.kind):
                    response = self._get(run, login)
                    self.assertEqual(response.status_code, status)
                    self.assertNotIn(b"PK\x03\x04", response.content)
                    self.assertNotIn(b"%PDF", response.content)
                    self.assertNotIn(self.credentials[0].number, response.text)

    def test_unknown_run_is_not_found(self):
        self.authenticate("lrmadmin", "lrmadmin")
        with mute_logger("odoo.http"):
            for key in (0, 2**31 - 1):
                url = f"/lrm_credentials/run/{key}/documents.zip"
                self.assertEqual(self.url_open(url).status_code, 404)

    def test_run_without_documents_is_an_empty_archive(self):
        held = self._preview(self.credentials[2])
        self._assert_zip(held, {})
