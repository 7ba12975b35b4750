"""Erasing documents that need no longer be kept: what goes, what stays, who may."""

import json
from pathlib import Path

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools import SQL, mute_logger

from .common import CredentialCommon, pdf_pages

LATER = "2056-01-10 09:00:00"  # thirty years and some days after the issue
KEPT = (
    "number",
    "state",
    "credential_date",
    "issued_at",
    "is_final",
    "template_id",
    "course_id",
    "partner_id",
    "document_sha256",
    "status_reason",
)


class TestErase(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-05 09:00:00"):
            cls.enrolment = cls._create_enrolment()
            cls.issued = cls._request(cls.enrolment)
            cls._issue(cls.issued, final="yes")
            cls.other = cls._request(cls._create_enrolment(cls._create_learner("Ben")))
            cls._issue(cls.other)
            cls.requested = cls._request(cls.enrolment, cls.statement)
        cls.attachment = cls._attachment(cls.issued)

    def _erase(self, credentials=None, reason="Retention period over", user=None):
        """What the wizard does for the ticked `credentials`."""
        user = user or self.admin
        credentials = credentials or self.issued
        action = credentials.with_user(user).action_erase()
        wizard = (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        self.env.invalidate_all()
        return wizard.action_erase()

    def _problems(self):
        self.env.invalidate_all()
        return self.env["lrm.register.entry"]._integrity_problems(self.company)

    @freeze_time(LATER)
    def test_document_and_what_it_said_are_gone(self):
        path = Path(self.attachment._full_path(self.attachment.store_fname))
        self.assertTrue(path.exists())
        self._erase()
        self.assertFalse(self._attachment(self.issued))
        self.assertFalse(self.issued.document)
        self.assertFalse(self.issued.document_data)
        self.assertFalse(self.issued.sudo().document_salt)
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertFalse(path.exists())

    @freeze_time(LATER)
    def test_copies_go_too(self):
        content = self.attachment.raw
        copies = self.env["ir.attachment"].create(
            [
                {
                    "name": "sent.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": model,
                    "res_id": record_id,
                }
                for model, record_id in (
                    ("lrm.credential", self.issued.id),
                    ("mail.message", 0),
                    (False, False),
                )
            ]
        )
        self._erase()
        self.assertFalse(copies.exists())

    @freeze_time(LATER)
    def test_line_of_the_register_stays(self):
        before = self.issued.read(KEPT)
        name = self.issued.display_name
        self._erase()
        self.env.invalidate_all()
        self.assertEqual(self.issued.with_user(self.auditor).read(KEPT), before)
        self.assertEqual(self.issued.with_user(self.auditor).display_name, name)
        self.assertEqual(self.enrolment.parchment_number, self.issued.number)
        self.assertRecordValues(
            self.issued,
            [
                {
                    "erased_at": fields.Datetime.to_datetime(LATER),
                    "erased_by_id": self.admin.id,
                    "erased_reason": "Retention period over",
                    "records_differ": False,
                }
            ],
        )
        self.assertIn("Document erased", self.issued.message_ids[0].body)

    @freeze_time(LATER)
    def test_others_keep_their_documents(self):
        self._erase()
        self.assertIn("Ben Lee", pdf_pages(self._bytes(self.other))[0])
        self.assertTrue(self.other.document_data)

    @freeze_time(LATER)
    def test_ledger_records_it_and_still_holds(self):
        self._erase()
        entry = self.env["lrm.register.entry"].search(
            [("credential_id", "=", self.issued.id)], limit=1
        )
        self.assertEqual((entry.event, entry.user_id), ("erased", self.admin))
        payload = json.loads(entry.payload)
        self.assertEqual(payload["pdf"], self.issued.document_sha256)
        self.assertFalse(payload["document"])
        self.assertEqual(self._problems(), [])

    @freeze_time(LATER)
    def test_ledger_finds_what_is_changed_after_it(self):
        self._erase()
        for change, finding in (
            ("erased_at = NULL, document_data = '{}'", "Document Erased On"),
            ("erased_at = '2020-01-01'", "Document Erased On"),
            ("document_sha256 = repeat('0', 64)", "SHA-256"),
            ("state = 'cancelled', cancelled_at = now()", "Status"),
        ):
            with self.subTest(change), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(
                    f"UPDATE lrm_credential SET {change} WHERE id = %s",
                    [self.issued.id],
                )
                self.assertRegex(self._problems()[0], finding)
                savepoint.rollback()

    @freeze_time(LATER)
    def test_ledger_finds_a_document_that_is_there_again(self):
        self._erase()
        attachment = self.env["ir.attachment"].create({"name": "a", "raw": b"%PDF"})
        self.env.cr.execute(
            SQL(
                "UPDATE ir_attachment SET res_model = 'lrm.credential',"
                " res_field = 'document', res_id = %s WHERE id = %s",
                self.issued.id,
                attachment.id,
            )
        )
        self.assertRegex(self._problems()[0], "was erased, and is there again")

    @freeze_time(LATER)
    def test_opening_it_says_when_it_was_erased(self):
        self._erase()
        with self.assertRaisesRegex(UserError, "was erased on 01/10/2056"):
            self.issued.with_user(self.auditor).action_open_document()
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        report = self.certificate.report_id.report_name
        with self.assertRaisesRegex(UserError, "was erased on 01/10/2056"):
            reports._render_qweb_pdf(report, self.issued.ids)

    @freeze_time(LATER)
    def test_strangers_cannot_verify_it_any_more(self):
        credentials = self.env["lrm.credential"]
        self.assertTrue(credentials._verify_token(self.issued.token))
        self.assertTrue(credentials._verify_name(self.issued.number, "Lee"))
        self._erase()
        self.env.invalidate_all()
        self.assertFalse(credentials._verify_token(self.issued.token))
        self.assertFalse(credentials._verify_name(self.issued.number, "Lee"))
        self.assertFalse(self.issued.verification_url)

    @freeze_time(LATER)
    def test_many_at_once(self):
        self._erase(self.issued | self.other)
        self.assertFalse(self._attachment(self.issued | self.other))
        self.assertEqual(self._problems(), [])

    @freeze_time(LATER)
    def test_cancelled_credentials_can_be_erased(self):
        self._cancel(self.issued)
        self._erase()
        self.assertEqual(self.issued.state, "cancelled")
        self.assertEqual(self._problems(), [])

    @freeze_time(LATER)
    def test_erased_credentials_can_be_cancelled(self):
        self._erase()
        self._cancel(self.issued)
        self.assertEqual(self._problems(), [])

    def test_too_early_is_refused_with_the_date(self):
        with (
            freeze_time("2056-01-05 08:59:59"),
            self.assertRaisesRegex(
                UserError, "issued on 01/05/2026 .* 30 years: .* before 01/0[56]/2056"
            ),
        ):
            self._erase()
        self.assertTrue(self._attachment(self.issued))

    def test_period_is_counted_from_the_issue(self):
        with freeze_time("2056-01-05 09:00:01"):
            self._erase()
        self.assertTrue(self.issued.erased_at)

    def test_period_is_that_of_the_company(self):
        self.company.lrm_retention_years = 7
        with freeze_time("2033-01-06 09:00:00"):
            self._erase()
        self.assertTrue(self.issued.erased_at)

    @freeze_time(LATER)
    def test_all_are_refused_when_one_is(self):
        with freeze_time("2040-06-01"):
            young = self._request(self._create_enrolment(self._create_learner("Cleo")))
            self._issue(young)
        with self.assertRaisesRegex(UserError, young.number):
            self._erase(self.issued | young)
        self.assertTrue(self._attachment(self.issued))

    @freeze_time(LATER)
    def test_what_is_not_issued_is_refused(self):
        sample_offer = self.offer.copy({"code": "DUMMY", "is_test": True})
        sample = self._request(self._create_enrolment(offer=sample_offer))
        self._issue(sample)
        self._erase(self.other)
        for credential, sentence in (
            (self.requested, "has not been issued: delete the request"),
            (sample, "is a sample: delete it"),
            (self.other, "was erased on"),
        ):
            with self.subTest(sentence), self.assertRaisesRegex(UserError, sentence):
                self._erase(credential)

    @freeze_time(LATER)
    def test_nothing_ticked_is_refused(self):
        with self.assertRaisesRegex(UserError, "Tick the credentials"):
            self.env["lrm.credential"].with_user(self.admin).action_erase()

    @freeze_time(LATER)
    def test_reason_is_required(self):
        for reason in ("", "   ", False):
            with self.subTest(reason), self.assertRaisesRegex(UserError, "Say why"):
                self.issued.with_user(self.admin)._erase(reason)

    @freeze_time(LATER)
    def test_only_lrm_admins_erase(self):
        for user in (self.requester, self.auditor):
            issued = self.issued.with_user(user)
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    issued.action_erase()
                with self.assertRaises(AccessError):
                    issued._erase("Because")
                with self.assertRaises(AccessError):
                    self.env["lrm.credential.erase"].with_user(user).create(
                        {"reason": "Because"}
                    )
        self.assertTrue(self._attachment(self.issued))

    @freeze_time(LATER)
    def test_wizard_of_an_admin_does_not_erase_too_early(self):
        self.company.lrm_retention_years = 100
        wizard = (
            self.env["lrm.credential.erase"]
            .with_user(self.admin)
            .create({"credential_ids": self.issued.ids, "reason": "Because"})
        )
        with self.assertRaisesRegex(UserError, "100 years"):
            wizard.action_erase()

    @freeze_time(LATER)
    def test_what_it_sets_cannot_be_written(self):
        for credential in (self.issued.sudo(), self.requested.with_user(self.admin)):
            for values in (
                {"erased_at": LATER},
                {"erased_by_id": self.admin.id},
                {"erased_reason": "Because"},
            ):
                with self.subTest(values), self.assertRaises(UserError):
                    credential.write(values)

    @mute_logger("odoo.sql_db")
    def test_database_itself_wants_the_data_of_what_was_not_erased(self):
        with self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE lrm_credential SET document_data = NULL WHERE id = %s",
                [self.issued.id],
            )

    def test_register_finds_what_need_no_longer_be_kept(self):
        credentials = self.env["lrm.credential"].with_user(self.admin)
        mine = self.issued | self.other | self.requested
        for moment, found in (
            ("2056-01-05 08:59:59", self.env["lrm.credential"]),
            (LATER, self.issued | self.other),
        ):
            with self.subTest(moment), freeze_time(moment):
                self.env.invalidate_all()
                domain = [("is_erasable", "=", True), ("id", "in", mine.ids)]
                self.assertEqual(credentials.search(domain), found.sorted("id")[::-1])
                self.assertEqual(mine.filtered("is_erasable"), found)
                domain = [("is_erasable", "=", False), ("id", "in", mine.ids)]
                self.assertEqual(credentials.search(domain) | found, mine)

    @freeze_time(LATER)
    def test_erased_ones_are_not_found_again(self):
        self._erase()
        self.assertNotIn(self.issued, self.issued.search([("is_erasable", "=", True)]))
