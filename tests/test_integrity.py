"""The sealed register: what a check finds, who may check, what stays for ever."""

import json
import os
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import SQL, mute_logger

from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.addons.lrm_credentials.ledger import canonical, chain_hash
from odoo.addons.lrm_credentials.models import lrm_register_integrity

from .common import CredentialCommon, pdf_pages

FORGED = b"%PDF-1.4 forged"


# Of these credentials: final, cancelled (twice), other, newer, which replaces other, so
# that it is replaced and cancelled, and last.
EVENTS = [
    "issued",
    "issued",
    "cancelled",
    "issued",
    "issued",
    "replaced",
    "cancelled",
    "issued",
]


class IntegrityCommon(CredentialCommon):
    """A ledger of eight entries, see `EVENTS`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.final = cls._request(cls.enrolment)
        cls._issue(cls.final, final="yes")
        cls.cancelled = cls._request(cls._create_enrolment(cls._create_learner("Ben")))
        cls._issue(cls.cancelled)
        cls._cancel(cls.cancelled)
        cls.other = cls._request(cls._create_enrolment(cls._create_learner("Cleo")))
        cls._issue(cls.other)
        cls.other_enrolment = cls.other.enrolment_id
        cls.newer = cls.other.with_user(cls.admin)._replace("Lost", cancel_now=False)
        cls._issue(cls.newer)
        cls.last = cls._request(cls._create_enrolment(cls._create_learner("Dan")))
        cls._issue(cls.last)
        cls.requested = cls._request(cls.enrolment, cls.statement)
        cls.entries = cls.env["lrm.register.entry"].search(
            [("company_id", "=", cls.company.id)], order="sequence"
        )
        cls.entry = cls.entries[0]

    def _problems(self, company=None):
        self.env.invalidate_all()
        entries = self.env["lrm.register.entry"].with_user(self.auditor)
        return entries._integrity_problems(company or self.company)

    def _sql(self, query, **values):
        """Change the database behind the ORM's back."""
        self.env.flush_all()
        self.env.cr.execute(SQL(query, **values))
        self.env.invalidate_all()

    def _check(self, user=None, earlier_copy=None, company=None):
        """What the wizard shows to `user`."""
        user = user or self.auditor
        wizard = (
            self.env["lrm.integrity.check.start"]
            .with_user(user)
            .create({"earlier_copy": earlier_copy})
        )
        if company:
            wizard.company_id = company
        self.env.invalidate_all()
        action = wizard.action_check()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])


# Who has the database's password, what he does to it, what the check says of it.
# `%(…)s` are the ids and numbers that `_names` gives.
TAMPERING = [
    # --- the ledger itself
    (
        "a payload is changed",
        "UPDATE lrm_register_entry SET payload = replace(payload, 'true', 'false')"
        " WHERE id = %(entry)s",
        "^Entry 1 has been changed",
    ),
    (
        "a payload is no JSON any more",
        "UPDATE lrm_register_entry SET payload = 'gone' WHERE id = %(entry)s",
        "^Entry 1 has been changed",
    ),
    (
        "a hash is changed",
        "UPDATE lrm_register_entry SET hash = '$1$' || repeat('0', 64)"
        " WHERE id = %(entry)s",
        "^Entry 1 has been changed",
    ),
    (
        "a hash names an algorithm that there is not",
        "UPDATE lrm_register_entry SET hash = replace(hash, '$1$', '$9$')"
        " WHERE id = %(entry)s",
        "^Entry 1 has been changed",
    ),
    (
        "the hash of the entry before is changed",
        "UPDATE lrm_register_entry SET previous_hash = '$1$0' WHERE id = %(entry)s",
        "^Entry 1 has been changed",
    ),
    (
        "the event of an entry is changed",
        "UPDATE lrm_register_entry SET event = 'cancelled' WHERE id = %(entry)s",
        "^Entry 1 does not say what was sealed",
    ),
    (
        "the number in an entry is changed",
        "UPDATE lrm_register_entry SET number = '9999999999' WHERE id = %(entry)s",
        "^Entry 1 does not say what was sealed",
    ),
    (
        "the user of an entry is changed",
        "UPDATE lrm_register_entry SET user_id = %(user)s WHERE id = %(entry)s",
        "^Entry 1 does not say what was sealed",
    ),
    (
        "the date of an entry is changed",
        "UPDATE lrm_register_entry SET date = '2020-01-01' WHERE id = %(entry)s",
        "^Entry 1 does not say what was sealed",
    ),
    (
        "an entry names another credential",
        "UPDATE lrm_register_entry SET credential_id = %(requested)s"
        " WHERE id = %(entry)s",
        "^Credential %(requested_number)s has been edited",
    ),
    (
        "an entry names no credential",
        "UPDATE lrm_register_entry SET credential_id = NULL WHERE id = %(entry)s",
        "^Credential %(number)s of entry 1 is not there",
    ),
    (
        "the first entry is deleted",
        "DELETE FROM lrm_register_entry WHERE id = %(entry)s",
        "^Entry 1 is missing",
    ),
    (
        "entries in the middle are deleted",
        "DELETE FROM lrm_register_entry WHERE company_id = %(company)s"
        " AND sequence IN (2, 3)",
        "^Entries 2 to 3 are missing",
    ),
    (
        "the last entry is deleted",
        "DELETE FROM lrm_register_entry WHERE company_id = %(company)s"
        " AND sequence = 8",
        "^The ledger's end is missing. Entry 8 is missing",
    ),
    (
        "all entries are deleted",
        "DELETE FROM lrm_register_entry WHERE company_id = %(company)s",
        "^The ledger's end is missing. Entries 1 to 8 are missing",
    ),
    (
        "all entries are deleted, and the end of the ledger too",
        "DELETE FROM lrm_register_entry WHERE company_id = %(company)s;"
        "DELETE FROM lrm_register_head WHERE company_id = %(company)s",
        "^Credential %(number)s has no entry",
    ),
    (
        "the last entries are deleted, and the end is moved back",
        "DELETE FROM lrm_register_entry WHERE company_id = %(company)s"
        " AND sequence > 7;"
        "UPDATE lrm_register_head SET sequence = 7, hash = %(seventh_hash)s"
        " WHERE company_id = %(company)s",
        "^Credential %(last_number)s has no entry",
    ),
    (
        "two entries change places",
        "UPDATE lrm_register_entry SET sequence = 5 - sequence + 1000"
        " WHERE company_id = %(company)s AND sequence IN (2, 3);"
        "UPDATE lrm_register_entry SET sequence = sequence - 1000"
        " WHERE company_id = %(company)s AND sequence > 1000",
        "^Entry 2 has been changed",
    ),
    (
        "an entry is there twice",
        "ALTER TABLE lrm_register_entry DROP CONSTRAINT"
        " lrm_register_entry_sequence_uniq;"
        "INSERT INTO lrm_register_entry (company_id, sequence, event, credential_id,"
        " number, user_id, date, payload, previous_hash, hash)"
        " SELECT company_id, sequence, event, credential_id, number, user_id, date,"
        " payload, previous_hash, hash FROM lrm_register_entry WHERE id = %(entry)s",
        "^Entry 1 is there more than once",
    ),
    (
        "the end of the ledger names another hash",
        "UPDATE lrm_register_head SET hash = '$1$0' WHERE company_id = %(company)s",
        "^The ledger ends with entry 8",
    ),
    (
        "the end of the ledger is deleted",
        "DELETE FROM lrm_register_head WHERE company_id = %(company)s",
        "^The ledger ends with entry 8",
    ),
    # --- credentials
    *(
        (
            f"{what} is changed",
            f"UPDATE lrm_credential SET {change} WHERE id = %(final)s",
            finding,
        )
        for what, change, finding in (
            (
                "a number",
                "number = '9999999999'",
                "^Credential 9999999999 .*: Credential Number",
            ),
            (
                "the credential date",
                "credential_date = '2020-01-01'",
                "Credential Date",
            ),
            ("the moment of issue", "issued_at = '2020-01-01'", "Issued At"),
            ("the expiry date", "expiry_date = '2099-01-01'", "Valid Until|Expir"),
            ("the re-issue date", "reissue_date = '2020-01-01'", "Re-issued|Reissue"),
            ("Final Qualification", "is_final = false", "Final Qualification"),
            ("the template", "template_id = %(statement)s", "edited: Credential"),
            ("the digest of the PDF", "document_sha256 = repeat('0', 64)", "SHA-256"),
            (
                "what the document says",
                'document_data = document_data || \'{"title": "Doctor"}\'',
                "Document Data",
            ),
            ("the salt", "document_salt = 'known'", "Document Data"),
            ("what it replaces", "replaces_id = %(cancelled)s", "Replaces"),
            ("the learner", "partner_id = %(other_learner)s", "under another learner"),
            ("the enrolment", "enrolment_id = %(other_enrolment)s", "Enrolment"),
            ("the company", "company_id = %(other_company)s", "Company"),
        )
    ),
    (
        "an issued credential becomes a request again",
        "UPDATE lrm_credential SET state = 'requested' WHERE id = %(final)s",
        "^Credential %(number)s has been edited: Status",
    ),
    (
        "an issued credential becomes a sample",
        "UPDATE lrm_credential SET is_test = true WHERE id = %(final)s",
        "^Credential %(number)s has been edited: (Is Test|Dummy)",
    ),
    (
        "its course offer becomes a dummy offer",
        "UPDATE lrm_course_offer SET is_test = true WHERE id = %(offer)s",
        "^Credential %(number)s is listed under another learner, course offer",
    ),
    (
        "a cancelled credential becomes valid again",
        "UPDATE lrm_credential SET state = 'issued', cancelled_at = NULL"
        " WHERE id = %(cancelled)s",
        "^Credential %(cancelled_number)s has been edited: Cancelled At, Status",
    ),
    (
        "a valid credential becomes a cancelled one",
        "UPDATE lrm_credential SET state = 'cancelled', cancelled_at = issued_at"
        " WHERE id = %(final)s",
        "^Credential %(number)s has been edited: Cancelled At, Status",
    ),
    (
        "a replacement replaces nothing any more",
        "UPDATE lrm_credential SET replaces_id = NULL WHERE id = %(newer)s",
        "^Credential %(newer_number)s has been edited: Replaces",
    ),
    (
        "a credential is passed off as erased",
        "UPDATE lrm_credential SET erased_at = now(), document_data = NULL"
        " WHERE id = %(final)s;"
        "DELETE FROM ir_attachment WHERE id = %(attachment)s",
        "^Credential %(number)s has been edited: Document Data, Document Erased On",
    ),
    (
        "a credential is issued without the ledger",
        "UPDATE lrm_credential SET state = 'issued', issued_at = now(),"
        " document_sha256 = repeat('0', 64), document_data = '{}'"
        " WHERE id = %(requested)s",
        "^Credential %(requested_number)s has no entry",
    ),
    (
        "a credential is deleted, and the foreign keys with it",
        "ALTER TABLE lrm_register_entry DROP CONSTRAINT"
        " lrm_register_entry_credential_id_fkey;"
        "DELETE FROM lrm_credential WHERE id = %(final)s",
        "^Credential %(number)s of entry 1 is not there",
    ),
    # --- documents
    (
        "a document is deleted from the database",
        "DELETE FROM ir_attachment WHERE id = %(attachment)s",
        "^The document of %(number)s is missing",
    ),
    (
        "a document is replaced in the database",
        "UPDATE ir_attachment SET store_fname = NULL, db_datas = %(forged)s"
        " WHERE id = %(attachment)s",
        "^The document of %(number)s was changed",
    ),
    (
        "a document shows the file of another one",
        "UPDATE ir_attachment SET store_fname = (SELECT store_fname FROM ir_attachment"
        " WHERE id = %(other_attachment)s) WHERE id = %(attachment)s",
        "^The document of %(number)s was changed",
    ),
    (
        "a document is moved to another credential",
        "UPDATE ir_attachment SET res_id = %(requested)s WHERE id = %(attachment)s",
        "^The document of %(number)s is missing",
    ),
    (
        "a second document is added",
        "UPDATE ir_attachment SET res_model = 'lrm.credential', res_field = 'document',"
        " res_id = %(final)s WHERE id = %(loose)s",
        "^%(number)s has 2 documents instead of one",
    ),
    # --- enrolments
    (
        "a parchment number is changed",
        "UPDATE lrm_course_enrolment SET parchment_number = '9999999999'"
        " WHERE id = %(enrolment)s",
        "^The enrolment Ana Lee.* has Parchment Number 9999999999",
    ),
    (
        "a parchment number is taken away",
        "UPDATE lrm_course_enrolment SET parchment_number = NULL, qual_issued = false,"
        " qual_issued_date = NULL WHERE id = %(enrolment)s",
        "^The enrolment Ana Lee.* lacks the Parchment Number",
    ),
    (
        "a parchment is given to somebody without one",
        "UPDATE lrm_course_enrolment SET parchment_number = %(number)s,"
        " qual_issued = true, qual_issued_date = '2025-12-01'"
        " WHERE id = %(other_enrolment)s",
        "^The enrolment Cleo Lee.* has Parchment Number %(number)s",
    ),
]
FILE_TAMPERING = [
    ("a file is overwritten", lambda path: path.write_bytes(FORGED), "was changed"),
    (
        "one byte of a file is changed",
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"!"),
        "was changed",
    ),
    (
        "a file is cut off",
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        "was changed",
    ),
    ("a file is emptied", lambda path: path.write_bytes(b""), "is missing"),
    ("a file is deleted", lambda path: path.unlink(), "is missing"),
]


class TestTampering(IntegrityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        loose = cls.env["ir.attachment"].create({"name": "a.pdf", "raw": FORGED})
        cls.names = {
            "attachment": cls._attachment(cls.final).id,
            "cancelled": cls.cancelled.id,
            "cancelled_number": cls.cancelled.number,
            "company": cls.company.id,
            "enrolment": cls.enrolment.id,
            "entry": cls.entry.id,
            "final": cls.final.id,
            "forged": FORGED,
            "last_number": cls.last.number,
            "loose": loose.id,
            "newer": cls.newer.id,
            "newer_number": cls.newer.number,
            "number": cls.final.number,
            "offer": cls.offer.id,
            "other_attachment": cls._attachment(cls.other).id,
            "other_company": cls.env["res.company"].create({"name": "Other"}).id,
            "other_enrolment": cls.other_enrolment.id,
            "other_learner": cls.other.partner_id.id,
            "requested": cls.requested.id,
            "requested_number": cls.requested.number,
            "seventh_hash": cls.entries[6].hash,
            "statement": cls.statement.id,
            "user": cls.requester.id,
        }

    def test_ledger_is_the_one_that_the_table_is_about(self):
        self.assertEqual(self.entries.mapped("event"), EVENTS)
        self.assertEqual(self.entries.mapped("sequence"), list(range(1, 9)))
        self.assertEqual(self._problems(), [])

    def test_what_is_changed_in_the_database_is_found(self):
        for what, change, finding in TAMPERING:
            with self.subTest(what), self.env.cr.savepoint() as savepoint:
                self._sql(change, **self.names)
                problems = self._problems()
                self.assertTrue(problems, "not found")
                self.assertRegex(problems[0], finding % self.names)
                savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(self._problems(), [])

    @mute_logger("odoo.addons.base.models.ir_attachment")
    def test_what_is_changed_in_the_file_store_is_found(self):
        attachment = self._attachment(self.final)
        path = Path(attachment._full_path(attachment.store_fname))
        content = path.read_bytes()
        self.addCleanup(path.write_bytes, content)
        for what, change, finding in FILE_TAMPERING:
            with self.subTest(what):
                change(path)
                self.assertEqual(
                    self._problems(),
                    [f"The document of {self.final.number} {finding}."],
                )
                path.write_bytes(content)
        self.assertEqual(self._problems(), [])

    def test_everything_is_found_across_batches(self):
        with patch.object(lrm_register_integrity, "BATCH", 2):
            self.assertEqual(self._problems(), [])
            self._sql(
                "DELETE FROM lrm_register_entry WHERE company_id = %(company)s"
                " AND sequence IN (2, 3)",
                **self.names,
            )
            self.assertIn("Entries 2 to 3 are missing.", self._problems())

    def test_each_problem_is_told_and_the_chain_comes_first(self):
        self._sql(
            "UPDATE lrm_credential SET is_final = false WHERE id = %(final)s;"
            "UPDATE lrm_register_entry SET user_id = %(user)s"
            " WHERE company_id = %(company)s AND sequence = 4;"
            "DELETE FROM ir_attachment WHERE id = %(other_attachment)s",
            **self.names,
        )
        self.assertEqual(
            [sentence.split()[0] for sentence in self._problems()],
            ["Entry", "Credential", "The", "The"],  # entry, final, document, enrolment
        )

    def test_company_without_a_ledger_has_no_problems(self):
        company = self.env["res.company"].browse(self.names["other_company"])
        self.assertEqual(self._problems(company), [])

    def test_a_record_rule_for_users_hides_nothing_from_a_check(self):
        for model in ("lrm.credential", "lrm.register.entry", "lrm.course.enrolment"):
            self.env["ir.rule"].create(
                {
                    "name": "None at all",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "domain_force": "[(0, '=', 1)]",
                }
            )
        self.assertEqual(self._problems(), [])

    def test_records_may_change_after_issue(self):
        self.enrolment.partner_id.name = "Ana Wong"
        self.enrolment.unit_enrolment_ids.outcome_id = self.not_competent
        self.assertEqual(self._problems(), [])

    def test_deleted_request_is_no_problem(self):
        self.requested.with_user(self.requester).unlink()
        self.assertEqual(self._problems(), [])

    def test_corrected_final_qualification_is_no_problem(self):
        self.final.with_user(self.admin)._correct_final(False, False, "Wrong answer")
        self.assertEqual(self._problems(), [])
        self.final.with_user(self.admin)._correct_final(True, False, "Right answer")
        self.assertEqual(self._problems(), [])

    def test_replaced_final_qualification_is_no_problem(self):
        newer = self.final.with_user(self.admin)._replace("Lost", cancel_now=False)
        self.assertEqual(self._problems(), [])
        self._issue(newer)
        self.assertEqual(self._problems(), [])


class TestOutsideCopy(IntegrityCommon):
    """Somebody rewrites history so that all hashes agree again."""

    def setUp(self):
        super().setUp()
        self.copy = self._check().head

    def _rewrite(self, first):
        """Forge entry number `first` and seal it and all that follow again."""
        self.env.flush_all()
        last = self.entries[first - 2].hash if first > 1 else ""
        for entry in self.entries[first - 1 :]:
            payload = json.loads(entry.payload)
            if entry.sequence == first:
                payload["user"] = self.requester.id
            payload = canonical(payload)
            sealed = chain_hash(last, payload)
            self.env.cr.execute(
                "UPDATE lrm_register_entry SET user_id = %s, payload = %s, hash = %s,"
                " previous_hash = %s WHERE id = %s",
                (json.loads(payload)["user"], payload, sealed, last, entry.id),
            )
            last = sealed
        self.env.cr.execute(
            "UPDATE lrm_register_head SET hash = %s WHERE company_id = %s",
            (last, self.company.id),
        )
        self.env.invalidate_all()

    def test_copy_is_the_number_and_the_hash_of_the_last_entry(self):
        last = self.entries[-1]
        self.assertEqual(self.copy, f"{last.sequence} {last.hash}")

    def test_rewritten_ledger_agrees_with_itself(self):
        self._rewrite(2)
        check = self._check()
        self.assertEqual((check.state, check.problems), ("passed", ""))

    def test_outside_copy_proves_that_it_was_rewritten(self):
        self._rewrite(2)
        check = self._check(earlier_copy=self.copy)
        self.assertEqual(check.state, "failed")
        self.assertRegex(check.problems, "the ledger has been rewritten since")
        self.assertEqual(check.comparison, check.problems)

    def test_outside_copy_holds_after_more_was_issued(self):
        self._issue(self._request(self._create_enrolment(self._create_learner("Fay"))))
        check = self._check(earlier_copy=self.copy)
        self.assertEqual(check.state, "passed")
        self.assertRegex(check.comparison, "still contains entry .* exactly")

    def test_outside_copy_finds_a_ledger_that_was_cut_off(self):
        last, before = self.entries[-1], self.entries[-2]
        self._sql(
            "DELETE FROM lrm_register_entry WHERE id = %(last)s;"
            "UPDATE lrm_register_head SET sequence = %(sequence)s, hash = %(hash)s"
            " WHERE company_id = %(company)s",
            last=last.id,
            sequence=before.sequence,
            hash=before.hash,
            company=self.company.id,
        )
        check = self._check(earlier_copy=self.copy)
        self.assertRegex(check.problems, "has no entry .* any more")

    def test_copy_from_paper_may_be_broken_into_lines(self):
        broken = f" {self.copy[:20]}\n{self.copy[20:50]} {self.copy[50:]}\n"
        self.assertEqual(self._check(earlier_copy=broken).state, "passed")

    def test_anything_else_is_no_copy(self):
        for text in ("yesterday", "5", "$1$" + "0" * 64, "99999999999$1$" + "0" * 64):
            with self.subTest(text), self.assertRaisesRegex(UserError, "Paste the end"):
                self._check(earlier_copy=text)


class TestCheck(IntegrityCommon):
    def _break(self):
        self._sql(
            "UPDATE lrm_credential SET is_final = false WHERE id = %(id)s",
            id=self.final.id,
        )

    def test_auditor_and_admin_check_and_read(self):
        for user in (self.auditor, self.admin):
            with self.subTest(user.login):
                check = self._check(user)
                self.assertRecordValues(
                    check,
                    [
                        {
                            "company_id": self.company.id,
                            "user_id": user.id,
                            "state": "passed",
                            "problem_count": 0,
                            "entry_count": len(self.entries),
                            "document_count": 5,
                            "head_sequence": self.entries[-1].sequence,
                            "head_hash": self.entries[-1].hash,
                        }
                    ],
                )

    def test_problems_are_kept_with_the_check(self):
        self._break()
        check = self._check()
        self.assertEqual(check.state, "failed")
        self.assertEqual(check.problem_count, len(check.problems.split("\n")))
        self.assertIn(self.final.number, check.problems)

    def test_requester_does_not_check(self):
        with self.assertRaises(AccessError):
            self._check(self.requester)
        checks = self.env["lrm.integrity.check"].with_user(self.requester)
        with self.assertRaises(AccessError):
            checks._check(self.company)
        with self.assertRaises(AccessError):
            self._check().with_user(self.requester).read(["state"])

    def test_ledger_of_another_company_is_not_checked(self):
        company = self._in_own_company().company_id
        checks = self.env["lrm.integrity.check"].with_user(self.auditor)
        with self.assertRaises(AccessError):
            checks._check(company)

    def test_checks_of_another_company_are_not_seen(self):
        company = self._in_own_company().company_id
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="lrm_credentials.group_lrm_auditor",
            company_id=company.id,
            company_ids=company.ids,
        )
        check = self._check()
        with self.assertRaises(AccessError):
            check.with_user(stranger).read(["state"])
        mine = self._check(stranger)
        self.assertEqual((mine.company_id, mine.entry_count), (company, 0))
        self.assertFalse(mine.head)

    def test_check_is_neither_made_nor_changed_nor_removed_by_hand(self):
        check = self._check()
        values = {
            "company_id": self.company.id,
            "user_id": self.admin.id,
            "date": "2025-01-01",
            "state": "passed",
        }
        for who, env in {
            "auditor": self.env(user=self.auditor),
            "admin": self.env(user=self.admin),
            "superuser": self.env(su=True),
        }.items():
            for context in ({}, {"lrm_seal": True}, {"_force_unlink": True}):
                record = check.with_env(env).with_context(**context)
                with self.subTest(who=who, context=context):
                    with self.assertRaises(UserError):
                        record.create(values)
                    with self.assertRaises(UserError):
                        record.write({"problems": ""})
                    with self.assertRaises(UserError):
                        record.unlink()

    def test_many_problems_are_cut_off(self):
        checks = self.env["lrm.integrity.check"]
        text = checks._list_problems([f"Problem {n}" for n in range(1500)])
        self.assertEqual(len(text.split("\n")), 1001)
        self.assertTrue(text.endswith("… and 500 more."))


class TestWeeklyCheck(IntegrityCommon):
    def _check_all(self):
        """The checks that the scheduled action makes."""
        checks = self.env["lrm.integrity.check"]
        before = checks.search([])
        action = self.env.ref("lrm_credentials.ir_cron_check_integrity")
        with self.enter_registry_test_mode():  # it has a transaction of its own
            action.method_direct_trigger()
        return checks.search([("company_id", "=", self.company.id)]) - before

    def test_each_company_with_a_ledger_is_checked(self):
        company = self._in_own_company().company_id
        check = self._check_all()
        self.assertEqual(check.state, "passed")
        self.assertFalse(check.search([("company_id", "=", company.id)]))

    def test_nobody_is_bothered_when_nothing_is_wrong(self):
        self.assertFalse(self._check_all().activity_ids)

    def test_each_admin_of_the_company_is_told_once(self):
        company = self._in_own_company().company_id
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=company.id,
            company_ids=company.ids,
        )
        self._sql(
            "UPDATE lrm_credential SET is_final = false WHERE id = %(id)s",
            id=self.final.id,
        )
        first = self._check_all()
        self.assertEqual(first.state, "failed")
        told = first.activity_ids.user_id
        self.assertIn(self.admin, told)
        self.assertNotIn(self.requester, told)
        self.assertNotIn(self.auditor, told)
        self.assertNotIn(stranger, told)
        self.assertEqual(len(told), len(first.activity_ids))
        self.assertIn(self.final.number, first.activity_ids[0].note)
        self.assertFalse(self._check_all().activity_ids)
        mine = first.activity_ids.filtered(lambda a: a.user_id == self.admin)
        mine.with_user(self.admin).action_feedback("Restored from the backup")
        self.assertEqual(self._check_all().activity_ids.user_id, self.admin)

    def test_company_whose_ledger_is_gone_is_checked(self):
        self._sql(
            "DELETE FROM lrm_register_entry WHERE company_id = %(id)s;"
            "DELETE FROM lrm_register_head WHERE company_id = %(id)s",
            id=self.company.id,
        )
        self.assertEqual(self._check_all().state, "failed")


class TestPrint(IntegrityCommon):
    def _print(self, checks):
        """The text of the pages that the auditor prints."""
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        # No server is there to give wkhtmltopdf the styles.
        quiet = mute_logger("odoo.addons.base.models.ir_actions_report")
        with self.allow_pdf_render(), quiet:
            content, _type = reports.with_context(
                force_report_rendering=True
            )._render_qweb_pdf("lrm_credentials.integrity_check", checks.ids)
        return pdf_pages(content)

    def test_print_says_all_on_both_builds(self):
        self._sql(
            "UPDATE lrm_credential SET is_final = false WHERE id = %(id)s",
            id=self.final.id,
        )
        checks = self._check() | self._check(earlier_copy=self._check().head)
        for name in ("PATCHED", "UNPATCHED"):
            program = os.environ.get(f"LRM_WKHTMLTOPDF_{name}")
            if not (program and os.access(program, os.X_OK)):
                continue
            self.addCleanup(_wkhtml.cache_clear)
            _wkhtml.cache_clear()
            path = f"{os.path.dirname(program)}{os.pathsep}{os.environ['PATH']}"
            with self.subTest(name), patch.dict(os.environ, {"PATH": path}):
                pages = self._print(checks)
                self.assertEqual(len(pages), 2)
                for page, check in zip(pages, checks, strict=True):
                    self.assertIn("Problems found", page)
                    self.assertIn(self.company.name, page)
                    self.assertIn(self.auditor.name, page)
                    self.assertIn(str(check.date)[:4], page)
                    self.assertIn(check.problems.split("\n")[0], page)
                    copy = "".join(check.head.split())
                    self.assertIn(copy, "".join(page.split()))
                self.assertIn("still contains entry", pages[-1] + pages[0])

    def test_print_is_in_words_when_nothing_is_wrong(self):
        if not _wkhtml().bin:
            raise SkipTest("no wkhtmltopdf")
        [page] = self._print(self._check())
        self.assertIn("Nothing is wrong", page)

    def test_requester_does_not_print(self):
        check = self._check()
        reports = self.env["ir.actions.report"].with_user(self.requester)
        with self.assertRaises(AccessError):
            reports._render_qweb_html("lrm_credentials.integrity_check", check.ids)


# What the register rests on is not deleted, and whoever tries is told why.
class TestKept(IntegrityCommon):
    def _records(self):
        return {
            "learner": (self.enrolment.partner_id, "learners with enrolments"),
            "enrolment": (self.enrolment, "has credentials"),
            "offer": (self.offer, "has enrolments"),
            "course": (self.course, "has course offers"),
            "template": (self.certificate, "There are credentials of"),
            "officer": (self.officer, "is named on credentials"),
        }

    def test_admin_and_superuser_are_refused_with_a_sentence(self):
        for who, env in {
            "admin": self.env(user=self.admin),
            "superuser": self.env(su=True),
        }.items():
            for name, (record, sentence) in self._records().items():
                with (
                    self.subTest(who=who, what=name),
                    self.assertRaisesRegex(UserError, sentence),
                ):
                    record.with_env(env).unlink()

    def test_credentials_are_refused_with_a_sentence(self):
        for credential in (self.final, self.cancelled):
            for env in (self.env(user=self.admin), self.env(su=True)):
                with self.assertRaisesRegex(UserError, "stays on the register"):
                    credential.with_env(env).unlink()

    def test_layout_and_company_are_refused_with_a_sentence(self):
        with self.assertRaisesRegex(UserError, "is the layout of"):
            self.certificate.report_id.unlink()
        company = self.company
        with self.assertRaisesRegex(UserError, "register of credentials"):
            company.unlink()
        for record in (self.certificate.report_id, company):
            with self.assertRaises(AccessError):
                record.with_user(self.admin).unlink()

    def test_someone_outside_lrm_is_told_why_a_learner_stays(self):
        manager = new_test_user(
            self.env, "manager", groups="base.group_user,base.group_partner_manager"
        )
        with self.assertRaisesRegex(UserError, "Ana Lee cannot be deleted"):
            self.enrolment.partner_id.with_user(manager).unlink()

    def test_what_nothing_rests_on_can_be_deleted(self):
        course = self.course.copy({"code": "NEW"})
        offer = self.offer.copy({"code": "NEW", "course_id": course.id})
        enrolment = self._create_enrolment(self._create_learner("Eve"), offer=offer)
        learner = enrolment.partner_id
        template = self.certificate.copy()
        officer = self.officer.copy()
        for record in (enrolment, offer, course, learner, template, officer):
            with self.subTest(record._name):
                record.with_user(self.admin).unlink()
                self.assertFalse(record.exists())


class TestSealedEntries(IntegrityCommon):
    def test_nobody_touches_entries_whatever_the_context(self):
        values = self.entry.copy_data()[0] | {"sequence": 999}
        users = (
            self.auditor,
            self.requester,
            self.admin,
            self.env.ref("base.user_root"),
        )
        contexts = (
            {},
            {"lrm_seal": True},
            {"_force_unlink": True},
            {"install_mode": True, "module": "lrm_credentials"},
            {"default_company_id": 1, "tracking_disable": True},
        )
        for user in users:
            for context in contexts:
                entry = self.entry.with_user(user).with_context(**context)
                with self.subTest(user=user.login, context=context):
                    for attempt in (
                        lambda entry=entry: entry.create(values),
                        lambda entry=entry: entry.write({"payload": "{}"}),
                        lambda entry=entry: entry.write({}),
                        lambda entry=entry: entry.unlink(),
                        lambda entry=entry: entry.copy(),
                        lambda entry=entry: entry.load(["hash"], [["$1$0"]]),
                    ):
                        self._assert_nothing_happens(attempt)

    def _assert_nothing_happens(self, attempt):
        """`attempt` raises, or tells that it failed as `load` does."""
        before = self.env["lrm.register.entry"].search_count([])
        try:
            result = attempt()
        except UserError:
            pass
        else:
            self.assertTrue(isinstance(result, dict) and not result["ids"], result)
        self.assertEqual(self.env["lrm.register.entry"].search_count([]), before)

    def test_entries_cannot_be_made_through_what_they_belong_to(self):
        with self.assertRaises(UserError):
            self.env["lrm.register.head"].with_user(self.admin).create(
                {"company_id": self.company.id}
            )
        with self.assertRaises(UserError):
            self.final.sudo().write(
                {"replaced_by_ids": [Command.link(self.cancelled.id)]}
            )
