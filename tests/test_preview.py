"""Previews, Log History, and its monthly purge."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import SQL

from .common import CredentialCommon, pdf_pages


class TestPreview(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.transcript = cls._create_transcript_template()
        cls.ana = cls._create_enrolment(cls._create_learner("Ana"))
        cls.ben = cls._create_enrolment(cls._create_learner("Ben"))
        # Requested in a mixed order.
        cls.ben_transcript = cls._request(cls.ben, cls.transcript)
        cls.ana_transcript = cls._request(cls.ana, cls.transcript)
        cls.ben_certificate = cls._request(cls.ben)
        cls.ana_certificate = cls._request(cls.ana)
        cls.ana_statement = cls._request(cls.ana, cls.statement)
        cls.credentials = (
            cls.ben_transcript
            | cls.ana_transcript
            | cls.ben_certificate
            | cls.ana_certificate
            | cls.ana_statement
        )

    def _snapshot(self, records):
        """All that the database has of some records."""
        self.env.flush_all()
        table = SQL.identifier(records._table)
        self.env.cr.execute(
            SQL("SELECT * FROM %s WHERE id IN %s ORDER BY id", table, (*records.ids,))
        )
        return self.env.cr.dictfetchall()

    def _make_old(self, records):
        """So that a write of this transaction shows in the write date."""
        self.env.flush_all()
        table = SQL.identifier(records._table)
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = '2025-01-01' WHERE id IN %s",
                table,
                (*records.ids,),
            )
        )
        records.invalidate_recordset()

    def test_preview_changes_nothing_on_the_records(self):
        self.ben.write({"hold": True, "hold_reason": "Fees outstanding"})
        enrolments = self.ana | self.ben
        watched = (
            self.credentials,
            enrolments,
            enrolments.unit_enrolment_ids,
            enrolments.partner_id,
        )
        for records in watched:
            self._make_old(records)
        before = [self._snapshot(records) for records in watched]
        self._preview(self.credentials)
        self.assertEqual([self._snapshot(records) for records in watched], before)

    def test_preview_leaves_no_document_on_the_credentials(self):
        self._preview(self.ana_certificate)
        self.assertFalse(
            self.env["ir.attachment"].search(
                [
                    ("res_model", "=", "lrm.credential"),
                    ("res_field", "!=", False),
                    ("res_id", "in", self.credentials.ids),
                ]
            )
        )

    def test_preview_says_nothing_in_the_chatter(self):
        before = self.credentials.message_ids
        self._preview(self.ana_certificate)
        self.assertEqual(self.credentials.message_ids, before)

    def test_preview_is_not_in_the_ledger(self):
        self._preview(self.ana_certificate)
        self.assertFalse(
            self.env["lrm.register.entry"].search(
                [("credential_id", "in", self.credentials.ids)]
            )
        )

    def _assert_marked(self, content, pages):
        texts = pdf_pages(content)
        self.assertEqual(len(texts), pages)
        for text in texts:
            self.assertIn("preview", text.lower())

    def test_each_file_is_watermarked(self):
        run = self._preview(self.credentials)
        for line in run.line_ids:
            with self.subTest(line.credential_id.display_name):
                self._assert_marked(self._bytes(line), 1)

    def test_combined_file_is_watermarked(self):
        run = self._preview(self.credentials)
        self._assert_marked(self._bytes(run, "combined_pdf"), 5)

    def test_issued_document_is_not_watermarked(self):
        issued = self.ana_certificate | self.ana_statement
        self._preview(issued)
        self._issue(issued)
        for credential in issued:
            content = self._bytes(credential)
            with self.subTest(credential.display_name):
                self.assertNotIn("preview", str(pdf_pages(content)).lower())

    def test_order_is_learner_then_certificate_then_record(self):
        run = self._preview(self.credentials)
        self.assertEqual(
            run.line_ids.credential_id,
            self.ana_certificate
            | self.ana_statement
            | self.ana_transcript
            | self.ben_certificate
            | self.ben_transcript,
        )

    def test_combined_file_is_in_that_order(self):
        run = self._preview(self.credentials)
        pages = pdf_pages(self._bytes(run, "combined_pdf"))
        for page, credential in zip(pages, run.line_ids.credential_id, strict=True):
            self.assertIn(credential.number, page)

    def test_learners_of_the_same_name_are_kept_apart(self):
        other = self._create_enrolment(self._create_learner("Ana"))
        others = self._request(other) | self._request(other, self.transcript)
        run = self._preview(others | self.ana_certificate | self.ana_transcript)
        enrolments = run.line_ids.credential_id.mapped("enrolment_id.id")
        sequence = [line.credential_id.enrolment_id.id for line in run.line_ids]
        self.assertEqual(sequence, [key for key in enrolments for _n in range(2)])

    def test_refused_line_says_why_and_has_no_file(self):
        self.ben.write({"hold": True, "hold_reason": "Fees outstanding"})
        run = self._preview(self.ben_certificate | self.ana_certificate)
        self.assertEqual(
            self._results(run),
            {self.ana_certificate: "done", self.ben_certificate: "refused"},
        )
        self.assertIn(
            "on hold: Fees outstanding", self._message(run, self.ben_certificate)
        )
        refused = run.line_ids.filtered(lambda line: line.state == "refused")
        self.assertFalse(self._attachment(refused))

    def test_preview_of_refused_lines_only_has_no_file(self):
        self.ben.write({"hold": True, "hold_reason": "Fees outstanding"})
        run = self._preview(self.ben_certificate)
        self.assertEqual(run.state, "done")
        self.assertFalse(run.combined_pdf)

    def test_counts_are_those_of_the_lines(self):
        self.ben.write({"hold": True, "hold_reason": "Fees outstanding"})
        run = self._preview(self.ben_certificate | self.ana_certificate)
        self.assertRecordValues(
            run, [{"done_count": 1, "refused_count": 1, "failed_count": 0}]
        )

    def test_nothing_ticked_is_refused(self):
        with self.assertRaisesRegex(UserError, "Tick the credentials"):
            self._preview(self.env["lrm.credential"])

    def test_issued_credential_cannot_be_previewed(self):
        self._issue(self.ana_certificate)
        with self.assertRaisesRegex(UserError, "has its document already"):
            self._preview(self.ana_certificate)

    def test_issued_credential_does_not_stop_the_preview_of_others(self):
        self._issue(self.ana_certificate)
        run = self._preview(self.credentials)
        stale = run.line_ids.filtered(
            lambda line: line.credential_id == self.ana_certificate
        )
        self.assertEqual(
            (stale.state, stale.message), ("refused", "It is issued already.")
        )
        self.assertEqual(set((run.line_ids - stale).mapped("state")), {"done"})

    def test_preview_of_two_companies_is_refused(self):
        other = self._in_own_company()
        self.admin.company_ids += other.company_id
        credential = self._request(other, user=self.admin)
        with self.assertRaisesRegex(UserError, "one company at a time"):
            self._preview(self.ana_certificate | credential)

    def test_line_opens_its_own_file(self):
        line = self._preview(self.ana_certificate).line_ids
        url = line.with_user(self.admin).action_open_document()["url"]
        self.assertIn(f"/lrm.credential.run.line/{line.id}/document", url)


class TestPreviewAgain(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.ben = (
            cls._request(cls._create_enrolment(cls._create_learner(first)))
            for first in ("Ana", "Ben")
        )
        cls.log = cls._preview(cls.ana | cls.ben).with_user(cls.admin)

    def _preview_again(self):
        action = self.log.action_preview_again()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _changed(self, run):
        return run.line_ids.filtered("is_changed").credential_id

    def test_first_preview_marks_nothing(self):
        self.assertFalse(self._changed(self.log))

    def test_preview_again_is_a_run_of_its_own(self):
        again = self._preview_again()
        self.assertNotEqual(again, self.log)
        self.assertEqual(again.previous_run_id, self.log)
        self.assertEqual(again.line_ids.credential_id, self.ana | self.ben)

    def test_unchanged_documents_are_not_marked(self):
        self.assertFalse(self._changed(self._preview_again()))

    def test_exactly_the_changed_document_is_marked(self):
        self.ben.partner_id.lrm_credential_name = "Benjamin Lee"
        self.assertEqual(self._changed(self._preview_again()), self.ben)

    def test_changed_layout_marks_all(self):
        self.certificate.title = "Award"
        self.assertEqual(self._changed(self._preview_again()), self.ana | self.ben)

    def test_new_file_shows_the_change(self):
        self.ben.partner_id.lrm_credential_name = "Benjamin Lee"
        again = self._preview_again()
        line = again.line_ids.filtered(lambda line: line.credential_id == self.ben)
        self.assertIn("Benjamin Lee", pdf_pages(self._bytes(line))[0])

    def test_previewing_again_and_again_is_safe(self):
        for _time in range(3):
            self.assertEqual(
                self._results(self._preview_again()),
                {self.ana: "done", self.ben: "done"},
            )
        self.assertEqual((self.ana | self.ben).mapped("state"), ["requested"] * 2)

    def test_issued_ones_are_left_out(self):
        self._issue(self.ana)
        self.assertEqual(self._preview_again().line_ids.credential_id, self.ben)

    def test_nothing_left_is_refused(self):
        self._issue(self.ana | self.ben)
        with self.assertRaisesRegex(UserError, "Nothing is left to preview"):
            self._preview_again()

    def test_issue_selected_opens_the_wizard_for_all_that_were_previewed(self):
        self.ben.enrolment_id.write({"hold": True, "hold_reason": "Fees"})
        again = self._preview_again().with_user(self.admin)
        action = again.action_issue_selected()
        self.assertEqual(action["res_model"], "lrm.credential.issue")
        both = self.ana | self.ben
        self.assertEqual(action["context"]["default_credential_ids"], both.ids)
        wizards = self.env[action["res_model"]].with_user(self.admin)
        with Form(wizards.with_context(**action["context"])) as wizard:
            self.assertEqual(len(wizard.line_ids), 1)
            with wizard.line_ids.edit(0) as line:
                self.assertIn("Fees", line.message)
            wizard.final = "no"
            wizard.status_reason = "Course completed"

    def test_what_is_only_refused_can_be_issued_with_a_reason(self):
        (self.ana | self.ben).enrolment_id.write({"hold": True, "hold_reason": "Fees"})
        again = self._preview_again().with_user(self.admin)
        self.assertEqual((again.done_count, again.issuable_count), (0, 2))
        action = again.action_issue_selected()
        both = self.ana | self.ben
        self.assertEqual(action["context"]["default_credential_ids"], both.ids)

    def test_what_was_refused_can_be_looked_at_together(self):
        self.ben.enrolment_id.write({"hold": True, "hold_reason": "Fees"})
        again = self._preview_again().with_user(self.admin)
        action = again.action_view_refused()
        self.assertEqual(action["res_model"], "lrm.credential")
        self.assertEqual(action["context"]["lrm_selected_ids"], self.ben.ids)
        action = again.line_ids[0].action_view_credential()
        self.assertEqual(action["res_id"], again.line_ids[0].credential_id.id)

    def test_issue_selected_leaves_out_what_has_been_issued_since(self):
        self._issue(self.ana)
        action = self.log.action_issue_selected()
        self.assertEqual(action["context"]["default_credential_ids"], self.ben.ids)

    def test_nothing_is_issuable_from_an_issue(self):
        self.assertEqual(self._issue(self.ana).issuable_count, 0)

    def test_nothing_left_cannot_be_issued(self):
        self._issue(self.ana | self.ben)
        with self.assertRaises(UserError):
            self._issue(self.log._issuable_lines().credential_id)


class TestPurge(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credential, cls.other = (
            cls._request(cls._create_enrolment()) for _n in range(2)
        )
        cls.preview = cls._preview(cls.credential | cls.other)
        cls.issue = cls._issue(cls.credential, with_mail_merge=True)

    def _finished(self, run, **ago):
        run.sudo().finished_at = fields.Datetime.now() - timedelta(**ago)

    def _purge(self):
        self.env["lrm.credential.run"]._purge()

    def _files(self, run):
        return (
            self._attachment(run.line_ids)
            | self._attachment(run, "combined_pdf")
            | self._attachment(run, "mail_merge_xlsx")
        )

    def test_old_runs_go_with_their_files(self):
        runs = self.preview | self.issue
        files, lines = self._files(runs), runs.line_ids
        self.assertEqual(len(files), 5)
        self._finished(runs, days=8)
        self._purge()
        self.assertFalse(runs.exists())
        self.assertFalse(lines.exists())
        self.assertFalse(files.exists())

    def test_young_runs_stay(self):
        self._finished(self.preview, days=6, hours=23)
        files = self._files(self.preview)
        self._purge()
        self.assertTrue(self.preview.exists())
        self.assertEqual(files.exists(), files)

    def test_unfinished_runs_stay(self):
        self.preview.sudo().finished_at = False
        self._purge()
        self.assertTrue(self.preview.exists())

    def test_credentials_and_their_documents_stay(self):
        before = self._bytes(self.credential)
        self._finished(self.preview | self.issue, days=8)
        self._purge()
        self.assertEqual(
            (self.credential | self.other).exists(), self.credential | self.other
        )
        self.assertEqual(self._bytes(self.credential), before)
        self.assertTrue(self.credential.state, "issued")

    def test_ledger_stays(self):
        self._finished(self.issue, days=8)
        self._purge()
        problems = self.env["lrm.register.entry"]._integrity_problems(self.company)
        self.assertEqual(problems, [])

    def test_later_preview_of_a_purged_one_stays(self):
        action = self.preview.with_user(self.admin).action_preview_again()
        again = self.preview.browse(action["res_id"])
        self._finished(self.preview, days=8)
        self._purge()
        self.assertTrue(again.exists())
        self.assertFalse(again.previous_run_id)

    def test_purge_is_scheduled_on_the_first_of_the_month_at_ten_utc(self):
        cron = self.env.ref("lrm_credentials.ir_cron_purge_log_history")
        self.assertTrue(cron.active)
        self.assertEqual((cron.nextcall.day, cron.nextcall.hour), (1, 10))
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "months"))

    def test_scheduled_action_purges(self):
        self._finished(self.preview, days=8)
        cron = self.env.ref("lrm_credentials.ir_cron_purge_log_history")
        cron.ir_actions_server_id.with_user(cron.user_id).run()
        self.assertFalse(self.preview.exists())
