"""Issuing: what it stores, what it refuses, what a final qualification is."""

import base64
import datetime
import hashlib
import io

from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from odoo.addons.lrm_credentials.seal import with_seal

from .common import CredentialCommon, pdf_pages


class TestIssued(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.credential = cls._request(cls.enrolment)
        cls.log = cls._issue(cls.credential, status_reason="Graduation")

    def test_issued_credential_says_when_by_whom_and_why(self):
        self.assertRecordValues(
            self.credential,
            [
                {
                    "state": "issued",
                    "issued_by_id": self.admin.id,
                    "status_reason": "Graduation",
                }
            ],
        )
        self.assertTrue(self.credential.issued_at)

    def test_document_is_the_pdf_of_this_learner(self):
        [page] = pdf_pages(self._bytes(self.credential))
        self.assertIn("Ana Lee", page)
        self.assertIn(self.credential.number, page)

    def test_requester_reads_the_stored_document(self):
        document = self.credential.with_user(self.requester).document
        self.assertEqual(base64.b64decode(document), self._bytes(self.credential))

    def test_digest_is_that_of_the_stored_bytes(self):
        content = self._bytes(self.credential)
        self.assertEqual(
            self.credential.document_sha256, hashlib.sha256(content).hexdigest()
        )

    def test_stored_data_stay_when_the_records_change(self):
        before = self.credential.document_data
        self.enrolment.partner_id.name = "Ana Wong"
        self.units.name = "Renamed"
        self.credential.invalidate_recordset()
        self.assertEqual(self.credential.document_data, before)

    def test_document_opens_as_stored(self):
        action = self.credential.with_user(self.requester).action_open_document()
        self.assertIn(f"/lrm.credential/{self.credential.id}/document", action["url"])

    def test_changed_records_are_flagged_on_an_issued_credential(self):
        credential = self.credential.with_user(self.requester)
        self.assertFalse(credential.records_differ)
        self.enrolment.partner_id.name = "Ana Wong"
        credential.invalidate_recordset()
        self.assertTrue(credential.records_differ)

    def test_issue_is_noted_in_the_chatter(self):
        self.assertIn("Issued. Graduation", self.credential.message_ids[0].body)

    def test_run_is_logged_for_the_admin(self):
        self.assertRecordValues(
            self.log, [{"kind": "issue", "state": "done", "user_id": self.admin.id}]
        )
        self.assertEqual(self._results(self.log), {self.credential: "done"})

    def test_line_of_the_run_opens_the_stored_document(self):
        action = self.log.line_ids.with_user(self.admin).action_open_document()
        self.assertIn(f"/lrm.credential/{self.credential.id}/document", action["url"])

    def test_issued_credential_cannot_be_issued_again(self):
        with self.assertRaisesRegex(UserError, "Issued: it cannot be issued again"):
            self.credential.with_user(self.admin).action_issue()


class TestIssue(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.credential = cls._request(cls.enrolment)

    def test_number_stays_the_one_given_at_request(self):
        number = self.credential.number
        self._issue(self.credential)
        self.assertEqual(self.credential.number, number)

    def test_stored_data_are_what_was_printed(self):
        printed = self.credential._document()
        self._issue(self.credential)
        self.assertEqual(self.credential.document_data, printed)

    def test_request_has_no_document_to_open(self):
        with self.assertRaisesRegex(UserError, "has not been issued"):
            self.credential.action_open_document()

    def test_status_reason_is_required(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._issue(self.credential, status_reason=False)

    def test_status_reason_must_say_something(self):
        with self.assertRaises(UserError):
            self._issue(self.credential, status_reason="  ")

    def test_final_qualification_has_no_preselected_answer(self):
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        self.assertNotIn("final", wizards.default_get(["final"]))

    def test_final_qualification_must_be_answered(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._issue(self.credential, final=False)

    def test_wizard_opened_twice_issues_once(self):
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        first, second = wizards.create(
            [
                {
                    "credential_ids": [Command.set(self.credential.ids)],
                    "final": "no",
                    "status_reason": reason,
                }
                for reason in ("First", "Second")
            ]
        )
        first.action_issue()
        before = self.credential.document_sha256
        try:
            second.action_issue()
        except UserError:
            pass  # refused as a whole, or line by line
        self.assertEqual(self.credential.document_sha256, before)
        self.assertEqual(self.credential.status_reason, "First")

    def test_credentials_of_two_companies_are_refused(self):
        other = self._in_own_company()
        self.admin.company_ids += other.company_id
        both = self.credential | self._request(other, user=self.admin)
        with self.assertRaisesRegex(UserError, "one company at a time"):
            self._issue(both)
        self.assertEqual(both.mapped("state"), ["requested", "requested"])

    def test_what_will_be_refused_is_shown_before(self):
        self.enrolment.write({"hold": True, "hold_reason": "Fees outstanding"})
        wizard = (
            self.env["lrm.credential.issue"]
            .with_user(self.admin)
            .create(
                {
                    "credential_ids": [Command.set(self.credential.ids)],
                    "final": "no",
                    "status_reason": "Graduation",
                }
            )
        )
        self.assertEqual(wizard.line_ids.partner_id.name, "Ana Lee")
        self.assertIn("Fees outstanding", wizard.line_ids.message)

    def test_dummy_credential_is_issued_but_not_in_the_ledger(self):
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        credential = self._request(self._create_enrolment(offer=dummy))
        self._issue(credential)
        self.assertEqual(credential.state, "issued")
        self.assertFalse(
            self.env["lrm.register.entry"].search(
                [("credential_id", "=", credential.id)]
            )
        )

    def test_dummy_credential_can_be_deleted_after_issue_by_an_admin(self):
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        credential = self._request(self._create_enrolment(offer=dummy))
        self._issue(credential)
        attachment = self._attachment(credential)
        credential.with_user(self.admin).unlink()
        self.assertFalse(credential.exists())
        self.assertFalse(attachment.exists())


class TestRefusedLines(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls._request(cls._create_enrolment(cls._create_learner("Ana")))
        cls.held = cls._request(
            cls._create_enrolment(
                cls._create_learner("Ben"), hold=True, hold_reason="Fees outstanding"
            )
        )

    def test_refused_line_does_not_stop_the_others(self):
        run = self._issue(self.held | self.good)
        self.assertEqual(self._results(run), {self.good: "done", self.held: "refused"})
        self.assertEqual(self.good.state, "issued")

    def test_refused_credential_stays_requested_without_document(self):
        self._issue(self.held | self.good)
        self.assertEqual(self.held.state, "requested")
        self.assertFalse(self.held.document_sha256)
        self.assertFalse(self._attachment(self.held))

    def test_requester_sees_why_it_was_refused(self):
        self._issue(self.held)
        refusal = self.held.with_user(self.requester).refusal
        self.assertIn("on hold: Fees outstanding", refusal)

    def test_all_reasons_are_given_at_once(self):
        self.held.credential_date = "2025-11-01"
        run = self._issue(self.held)
        self.assertEqual(len(self._message(run, self.held).splitlines()), 2)

    def test_later_issue_clears_the_refusal(self):
        self._issue(self.held)
        self.held.enrolment_id.hold = False
        self._issue(self.held)
        self.assertEqual(self.held.state, "issued")
        self.assertFalse(self.held.refusal)

    def test_run_without_a_good_line_has_no_files(self):
        run = self._issue(self.held, with_mail_merge=True)
        self.assertFalse(run.combined_pdf)
        self.assertFalse(run.mail_merge_xlsx)


# Design rule 4, clause by clause.
class TestFinalQualification(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.transcript = cls._create_transcript_template()
        cls.letter = cls._create_template("Letter of Completion", "letter")

    def _assert_parchment(self, enrolment, number, date="2025-12-01"):
        self.assertRecordValues(
            enrolment,
            [
                {
                    "qual_issued": bool(number),
                    "parchment_number": number,
                    "qual_issued_date": number and datetime.date.fromisoformat(date),
                }
            ],
        )

    def _assert_refused(self, credential, sentence, **values):
        run = self._issue(credential, final="yes", **values)
        self.assertEqual(self._results(run)[credential], "refused")
        self.assertRegex(self._message(run, credential), sentence)
        self.assertEqual(credential.state, "requested")
        self.assertRegex(credential.refusal, sentence)

    def _complete(self, kind, outcomes=None, **values):
        """A request of a statement for a course of another kind."""
        course = self.course.copy({"code": kind.upper(), "kind": kind, **values})
        offer = self.offer.copy({"code": kind, "course_id": course.id})
        enrolment = self._create_enrolment(offer=offer, outcomes=outcomes)
        return self._request(enrolment, self.statement)

    def test_yes_sets_the_parchment_of_the_enrolment(self):
        credential = self._request(self.enrolment)
        self._issue(credential, final="yes")
        self._assert_parchment(self.enrolment, credential.number)

    def test_yes_marks_the_credential_as_final(self):
        credential = self._request(self.enrolment)
        self._issue(credential, final="yes")
        self.assertTrue(credential.is_final)

    def test_given_issued_date_is_taken(self):
        credential = self._request(self.enrolment)
        self._issue(credential, final="yes", qual_issued_date="2025-12-05")
        self._assert_parchment(self.enrolment, credential.number, "2025-12-05")

    def test_issued_date_defaults_to_each_credentials_own(self):
        early = self._request(self.enrolment)
        late = self._request(self._create_enrolment(), credential_date="2025-12-09")
        self._issue(early | late, final="yes")
        self.assertEqual(str(early.enrolment_id.qual_issued_date), "2025-12-01")
        self.assertEqual(str(late.enrolment_id.qual_issued_date), "2025-12-09")

    def test_no_sets_nothing(self):
        credential = self._request(self.enrolment)
        self._issue(credential, final="no", qual_issued_date="2025-12-05")
        self._assert_parchment(self.enrolment, False)
        self.assertFalse(credential.is_final)

    def test_parchment_is_noted_in_the_chatter_of_the_enrolment(self):
        credential = self._request(self.enrolment)
        self._issue(credential, final="yes")
        self.assertIn(
            f"parchment number {credential.number}", self.enrolment.message_ids[0].body
        )

    def test_statement_for_a_qualification_is_refused(self):
        self._assert_refused(
            self._request(self.enrolment, self.statement),
            "only for a skill set or an accredited course",
        )

    def test_statement_for_a_short_course_is_refused(self):
        self._assert_refused(self._complete("short"), "is not nationally recognised")

    def test_statement_for_a_completed_skill_set_or_course_is_final(self):
        for kind in ("skill_set", "accredited"):
            with self.subTest(kind):
                credential = self._complete(kind)
                self._issue(credential, final="yes")
                self._assert_parchment(credential.enrolment_id, credential.number)

    def test_statement_for_an_unfinished_skill_set_is_refused(self):
        outcomes = [self.competent, self.competent, self.not_competent]
        self._assert_refused(
            self._complete("skill_set", outcomes), "is not fully completed"
        )

    def test_statement_for_an_unfinished_accredited_course_is_refused(self):
        outcomes = [self.competent, self.competent, self.not_competent]
        self._assert_refused(
            self._complete("accredited", outcomes), "is not fully completed"
        )

    def test_statement_needs_as_many_units_as_the_packaging_rules(self):
        self._assert_refused(
            self._complete("skill_set", packaging_count=4), "is not fully completed"
        )

    def test_letter_cannot_be_final(self):
        self._assert_refused(
            self._request(self.enrolment, self.letter),
            "Letter of Completion cannot be a final qualification",
        )

    def test_transcript_alone_cannot_be_final(self):
        self._assert_refused(
            self._request(self.enrolment, self.transcript),
            "Record of Results cannot be a final qualification",
        )

    def test_any_type_can_be_final_in_the_generic_profile(self):
        self.company.lrm_profile = "generic"
        for template in (self.letter, self.transcript, self.statement):
            with self.subTest(template.name):
                credential = self._request(self._create_enrolment(), template)
                self._issue(credential, final="yes")
                self._assert_parchment(credential.enrolment_id, credential.number)

    def test_transcript_rides_along_and_sets_nothing(self):
        certificate = self._request(self.enrolment)
        transcript = self._request(self.enrolment, self.transcript)
        self._issue(transcript | certificate, final="yes")
        self.assertEqual(transcript.state, "issued")
        self.assertFalse(transcript.is_final)
        self._assert_parchment(self.enrolment, certificate.number)

    def test_transcript_rides_along_in_the_generic_profile_too(self):
        self.company.lrm_profile = "generic"
        certificate = self._request(self.enrolment)
        transcript = self._request(self.enrolment, self.transcript)
        self._issue(transcript | certificate, final="yes")
        self.assertEqual(transcript.state, "issued")
        self._assert_parchment(self.enrolment, certificate.number)

    def test_transcript_does_not_ride_with_somebody_elses_certificate(self):
        certificate = self._request(self._create_enrolment())
        transcript = self._request(self.enrolment, self.transcript)
        run = self._issue(certificate | transcript, final="yes")
        self.assertEqual(
            self._results(run), {certificate: "done", transcript: "refused"}
        )

    def test_transcript_does_not_ride_with_a_refused_certificate(self):
        certificate = self._request(self.enrolment, credential_date="2025-11-15")
        transcript = self._request(self.enrolment, self.transcript)
        self._issue(certificate | transcript, final="yes")
        self.assertEqual(certificate.state, "requested")
        self.assertEqual(transcript.state, "requested")

    def test_nothing_lesser_becomes_final_in_place_of_what_is_refused(self):
        self.company.lrm_profile = "generic"
        self.enrolment.write({"state": "enrolled", "date_completed": False})
        card = self._create_template("Card", "card")
        for lesser in (self.transcript, card):
            certificate = self._request(self.enrolment)
            other = self._request(self.enrolment, lesser)
            run = self._issue(certificate | other, final="yes")
            with self.subTest(lesser.name):
                self.assertIn("not completed", self._message(run, certificate))
                self.assertIn("it goes with was not", self._message(run, other))
                self.assertEqual(other.state, "requested")
                self.assertFalse(self.enrolment.parchment_number)

    def test_transcript_does_not_ride_with_a_certificate_that_fails(self):
        view = self.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "key": "lrm_test.broken",
                "arch": "<t t-name='broken'><t t-out='1 / 0' /></t>",
            }
        )
        report = self.certificate.report_id.copy({"report_name": view.key})
        broken = self._create_template("Broken", "certificate", report_id=report.id)
        certificate = self._request(self.enrolment, broken)
        transcript = self._request(self.enrolment, self.transcript)
        self._issue(certificate | transcript, final="yes")
        self.assertEqual(certificate.state, "requested")
        self.assertEqual(transcript.state, "requested")

    def test_letter_does_not_ride_along(self):
        certificate = self._request(self.enrolment)
        letter = self._request(self.enrolment, self.letter)
        run = self._issue(certificate | letter, final="yes")
        self.assertEqual(self._results(run), {certificate: "done", letter: "refused"})

    def test_certificate_is_final_rather_than_the_statement_beside_it(self):
        statement = self._complete("accredited")
        certificate = self._request(statement.enrolment_id)
        run = self._issue(statement | certificate, final="yes")
        self.assertEqual(
            self._results(run), {certificate: "done", statement: "refused"}
        )
        self._assert_parchment(statement.enrolment_id, certificate.number)

    def test_only_one_of_two_certificates_is_final(self):
        certificates = self._request([self.enrolment] * 2)
        run = self._issue(certificates, final="yes")
        self.assertEqual(sorted(self._results(run).values()), ["done", "refused"])
        issued = certificates.filtered(lambda c: c.state == "issued")
        self._assert_parchment(self.enrolment, issued.number)

    def test_second_parchment_is_refused(self):
        first = self._request(self.enrolment)
        self._issue(first, final="yes")
        self._assert_refused(
            self._request(self.enrolment), f"has parchment {first.number} already"
        )
        self._assert_parchment(self.enrolment, first.number)

    def test_second_certificate_may_be_issued_without_parchment(self):
        first, second = self._request([self.enrolment] * 2)
        self._issue(first, final="yes")
        self._issue(second, final="no")
        self.assertEqual(second.state, "issued")
        self._assert_parchment(self.enrolment, first.number)

    def test_replacement_takes_over_the_parchment(self):
        first, second = self._request([self.enrolment] * 2)
        self._issue(first, final="yes")
        with_seal(second.sudo()).replaces_id = first
        self._issue(second, final="yes")
        self._assert_parchment(self.enrolment, second.number)

    def test_refused_lines_do_not_stop_the_final_ones(self):
        certificate = self._request(self.enrolment)
        statement = self._request(self._create_enrolment(), self.statement)
        run = self._issue(statement | certificate, final="yes")
        self.assertEqual(
            self._results(run), {certificate: "done", statement: "refused"}
        )

    def test_dummy_credential_sets_no_parchment(self):
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        credential = self._request(self._create_enrolment(offer=dummy))
        self._issue(credential, final="yes")
        self.assertEqual(credential.state, "issued")
        self._assert_parchment(credential.enrolment_id, False)

    def test_refusals_of_yes_are_shown_before(self):
        wizard = (
            self.env["lrm.credential.issue"]
            .with_user(self.admin)
            .create(
                {
                    "credential_ids": [
                        Command.set(self._request(self.enrolment, self.letter).ids)
                    ],
                    "final": "yes",
                    "status_reason": "Graduation",
                }
            )
        )
        self.assertIn("cannot be a final qualification", wizard.line_ids.message)
        wizard.final = "no"
        self.assertFalse(wizard.line_ids)


class TestFilesOfARun(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credentials = cls._request(
            cls.env["lrm.course.enrolment"].union(
                *(
                    cls._create_enrolment(cls._create_learner(first))
                    for first in ("Ana", "Ben", "Cy")
                )
            )
        )

    def test_print_file_is_in_the_order_selected(self):
        ana, ben, cy = self.credentials
        for selected in (ben | ana | cy, cy | ben | ana, ana | cy | ben):
            credentials = selected.browse(
                [credential.copy().id for credential in selected]
            )
            names = credentials.mapped("partner_id.name")
            with self.subTest(names):
                run = self._issue(credentials)
                pages = pdf_pages(self._bytes(run, "combined_pdf"))
                self.assertEqual(
                    [next(n for n in names if n in page) for page in pages], names
                )

    def test_print_file_has_every_page_of_each_credential(self):
        units = self.env["lrm.unit"].create(
            [{"code": f"UNIT{n:03}", "name": "A unit"} for n in range(30)]
        )
        self.course.unit_ids = units
        long = self._request(self._create_enrolment(), self.statement)
        run = self._issue(self.credentials | long)
        count = sum(len(pdf_pages(self._bytes(c))) for c in self.credentials | long)
        self.assertGreater(count, 4)
        self.assertEqual(len(pdf_pages(self._bytes(run, "combined_pdf"))), count)

    def test_workbook_is_made_only_when_asked_for(self):
        run = self._issue(self.credentials[0])
        self.assertFalse(run.mail_merge_xlsx)


class TestMailMerge(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.ben, cls.held = cls._request(
            cls._create_enrolment(cls._create_learner(first))
            for first in ("Ana", "Ben", "Cy")
        )
        cls.held.enrolment_id.write({"hold": True, "hold_reason": "Fees outstanding"})
        cls.formula = '=HYPERLINK("http://x")'
        cls.ben.partner_id.lrm_credential_name = cls.formula
        run = cls._issue(cls.held | cls.ben | cls.ana, with_mail_merge=True)
        content = cls._bytes(run, "mail_merge_xlsx")
        cls.sheet = load_workbook(io.BytesIO(content)).active
        headings, *rows = cls.sheet.iter_rows()
        names = [cell.value for cell in headings]
        cls.rows = [dict(zip(names, row, strict=True)) for row in rows]

    def test_each_issued_credential_has_a_row_in_the_order_selected(self):
        self.assertEqual(
            [row["Credential Number"].value for row in self.rows],
            (self.ben | self.ana).mapped("number"),
        )

    def test_headings_stay_in_view(self):
        self.assertEqual(self.sheet.freeze_panes, "A2")

    def test_number_keeps_its_leading_zeros(self):
        cell = self.rows[0]["Credential Number"]
        self.assertEqual(cell.value[0], "0")
        self.assertEqual(cell.data_type, "s")

    def test_dates_are_real_dates(self):
        cell = self.rows[0]["Credential Date"]
        self.assertTrue(cell.is_date)
        self.assertEqual(cell.value.date(), datetime.date(2025, 12, 1))

    def test_name_like_a_formula_stays_text(self):
        cell = self.rows[0]["Learner"]
        self.assertEqual((cell.value, cell.data_type), (self.formula, "s"))

    def test_workbook_says_what_the_stored_data_say(self):
        for row, credential in zip(self.rows, self.ben | self.ana, strict=True):
            data = credential.document_data
            self.assertEqual(row["Learner"].value, data["learner"]["name"])
            self.assertEqual(row["Course"].value, data["course"]["name"])


class TestCancel(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.credential = cls._request(cls.enrolment)
        cls._issue(cls.credential, final="yes")

    def test_cancelled_credential_says_when_by_whom_and_why(self):
        self._cancel(self.credential, "  Wrong name printed ")
        self.assertRecordValues(
            self.credential,
            [
                {
                    "state": "cancelled",
                    "cancelled_by_id": self.admin.id,
                    "status_reason": "Wrong name printed",
                }
            ],
        )
        self.assertTrue(self.credential.cancelled_at)

    def test_cancelled_from_wherever_credentials_are_listed(self):
        for record, action in (
            (self.enrolment, "action_view_credentials"),
            (self.enrolment.offer_id, "action_view_credentials"),
            (self.enrolment.partner_id, "action_lrm_view_credentials"),
        ):
            with self.subTest(record._name):
                opened = getattr(record.with_user(self.admin), action)()
                credentials = self.env[opened["res_model"]].with_user(self.admin)
                self.assertEqual(credentials.search(opened["domain"]), self.credential)
                views = credentials.get_views(opened["views"])["views"]
                self.assertIn('name="action_cancel"', views["list"]["arch"])
                self.assertIn('name="action_cancel"', views["form"]["arch"])

    def test_only_lrm_admins_cancel(self):
        for user in (self.requester, self.auditor):
            with self.subTest(user.login):
                credential = self.credential.with_user(user)
                with self.assertRaises(AccessError):
                    credential.action_cancel()
                with self.assertRaises(AccessError):
                    credential._cancel("Because")

    def test_reason_is_required(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._cancel(self.credential, False)

    def test_reason_must_say_something(self):
        with self.assertRaisesRegex(UserError, "needs a reason"):
            self._cancel(self.credential, "   ")
        self.assertEqual(self.credential.state, "issued")

    def test_parchment_is_cleared(self):
        self._cancel(self.credential)
        self.assertRecordValues(
            self.enrolment,
            [
                {
                    "qual_issued": False,
                    "parchment_number": False,
                    "qual_issued_date": False,
                }
            ],
        )

    def test_parchment_of_another_credential_stays(self):
        other = self._request(self.enrolment)
        self._issue(other, final="no")
        self._cancel(other)
        self.assertEqual(self.enrolment.parchment_number, self.credential.number)

    def test_new_parchment_can_be_issued_after_cancelling(self):
        self._cancel(self.credential)
        other = self._request(self.enrolment)
        self._issue(other, final="yes")
        self.assertEqual(self.enrolment.parchment_number, other.number)

    def test_document_stays(self):
        before = self._bytes(self.credential)
        self._cancel(self.credential)
        self.assertEqual(self._bytes(self.credential), before)

    def test_cancelled_credential_stays_on_the_register(self):
        self._cancel(self.credential)
        with self.assertRaisesRegex(UserError, "stays on the register"):
            self.credential.with_user(self.admin).unlink()
        found = self.credential.with_user(self.requester).search(
            [("number", "=", self.credential.number)]
        )
        self.assertEqual(found, self.credential)

    def test_there_is_no_way_back(self):
        self._cancel(self.credential)
        credential = self.credential.with_user(self.admin)
        for action in ("action_preview", "action_issue"):
            with self.subTest(action), self.assertRaises(UserError):
                getattr(credential, action)()
        with self.assertRaises(UserError):
            self._cancel(self.credential)
        with self.assertRaises(UserError):
            credential.write({"state": "requested"})

    def test_request_cannot_be_cancelled(self):
        request = self._request(self.enrolment)
        with self.assertRaisesRegex(UserError, "Delete a request instead"):
            self._cancel(request)

    def test_one_that_cannot_be_cancelled_stops_all(self):
        request = self._request(self.enrolment)
        with self.assertRaises(UserError):
            self._cancel(self.credential | request)
        self.assertEqual(self.credential.state, "issued")

    def test_cancellation_is_noted_in_the_chatter(self):
        self._cancel(self.credential, "Wrong name")
        self.assertIn("Cancelled. Wrong name", self.credential.message_ids[0].body)

    def test_cancelled_credential_is_in_the_register_reports(self):
        self._cancel(self.credential)
        wizard = self.env["lrm.register.report"].with_user(self.auditor).create({})
        found = self.credential.search(wizard.action_open()["domain"])
        self.assertIn(self.credential, found)


class TestRegisterReports(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        dummy = cls.offer.copy({"code": "DUMMY", "is_test": True})
        cls.issued, cls.cancelled, cls.late = cls._request(
            cls._create_enrolment() for _n in range(3)
        )
        cls.late.credential_date = "2025-12-31"
        cls.sample = cls._request(cls._create_enrolment(offer=dummy))
        cls._issue(cls.issued | cls.cancelled | cls.late)
        cls._issue(cls.sample)
        cls._cancel(cls.cancelled)
        cls.requested = cls._request(cls._create_enrolment())
        cls.all = cls.issued | cls.cancelled | cls.late | cls.sample | cls.requested

    def _listed(self, **values):
        wizard = self.env["lrm.register.report"].with_user(self.auditor).create(values)
        return self.all & self.all.search(wizard.action_open()["domain"])

    def test_full_register_has_issued_and_cancelled_ones(self):
        self.assertEqual(self._listed(), self.issued | self.cancelled | self.late)

    def test_one_status_may_be_chosen(self):
        self.assertEqual(self._listed(state="cancelled"), self.cancelled)

    def test_dates_limit_the_register(self):
        self.assertEqual(self._listed(date_from="2025-12-31"), self.late)
        self.assertEqual(
            self._listed(date_to="2025-12-30"), self.issued | self.cancelled
        )

    def test_both_reports_open(self):
        for report in ("0323", "0411"):
            with self.subTest(report):
                self.assertEqual(
                    self._listed(report=report),
                    self.issued | self.cancelled | self.late,
                )
