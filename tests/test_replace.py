from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time
from odoo.tools import mute_logger

from .common import CredentialCommon, pdf_pages


class TestReplace(CredentialCommon):
    def setUp(self):
        super().setUp()
        self.enrolment = self._create_enrolment()
        self.old = self._request(self.enrolment)
        self._issue(self.old, final="yes")

    def _replace(self, cause="name", user=None, **values):
        """The request that the wizard makes to replace the old credential."""
        user = user or self.admin
        action = self.old.with_user(user).action_replace()
        model = self.env[action["res_model"]].with_user(user)
        with Form(model.with_context(**action["context"])) as form:
            form.cause = cause
            form.reason = "Learner changed name"
            for name, value in values.items():
                setattr(form, name, value)
        action = form.record.action_replace()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _events(self):
        entries = self.env["lrm.register.entry"].search([], order="sequence")
        return [(entry.event, entry.number) for entry in entries]

    def test_new_request_carries_what_stays_the_same(self):
        new = self._replace()
        self.assertEqual(new.state, "requested")
        self.assertEqual(new.enrolment_id, self.enrolment)
        self.assertEqual(new.template_id, self.old.template_id)
        self.assertEqual(new.credential_date, self.old.credential_date)
        self.assertEqual(new.issuing_officer_id, self.old.issuing_officer_id)
        self.assertEqual(new.replaces_id, self.old)
        self.assertNotEqual(new.number, self.old.number)
        self.assertEqual(new.requested_by_id, self.admin)

    def test_replacement_prints_both_dates(self):
        new = self._replace()
        new.with_user(self.admin).reissue_date = "2026-02-03"
        self._issue(new)
        text = " ".join(pdf_pages(self._bytes(new)))
        self.assertIn("1 December 2025", text)
        self.assertIn("Re-issued on 3 February 2026", text)

    def test_old_one_is_cancelled_when_the_new_one_is_issued(self):
        new = self._replace("name")
        self.assertEqual(self.old.state, "issued")
        self._issue(new)
        self.assertEqual(self.old.state, "cancelled")
        self.assertEqual(self.old.status_reason, f"Replaced by {new.number}")

    def test_wrong_one_is_cancelled_now(self):
        self._replace("wrong")
        self.assertEqual(self.old.state, "cancelled")
        self.assertEqual(self.old.status_reason, "Learner changed name")
        self.assertFalse(self.enrolment.qual_issued)

    def test_user_may_choose_when_the_old_one_is_cancelled(self):
        self._replace("wrong", cancel="on_issue")
        self.assertEqual(self.old.state, "issued")

    def test_parchment_moves_to_the_new_number(self):
        for cause in ("name", "wrong"):
            with self.subTest(cause):
                new = self._replace(cause)
                self._issue(new, final="no")  # whatever the answer
                self.assertTrue(new.is_final)
                self.assertTrue(self.enrolment.qual_issued)
                self.assertEqual(self.enrolment.parchment_number, new.number)
                self.assertEqual(
                    self.enrolment.qual_issued_date, self.old.credential_date
                )
                self.assertEqual(self.old.state, "cancelled")
                self.old = new

    def test_ledger_tells_the_whole_story(self):
        new = self._replace()
        self._issue(new)
        self.assertEqual(
            self._events(),
            [
                ("issued", self.old.number),
                ("issued", new.number),
                ("replaced", self.old.number),
                ("cancelled", self.old.number),
            ],
        )
        entries = self.env["lrm.register.entry"]
        self.assertEqual(entries._integrity_problems(self.company), [])

    def test_lineage_stands_on_both(self):
        new = self._replace()
        self.assertFalse(self.old.is_replaced)
        self._issue(new)
        self.old.invalidate_recordset()
        self.assertTrue(self.old.is_replaced)
        self.assertEqual(self.old.replaced_by_ids, new)
        messages = " ".join(self.old.message_ids.mapped("body"))
        self.assertIn(f"Replaced by {new.number}", messages)

    def test_refused_replacement_leaves_the_old_one(self):
        new = self._replace()
        self.enrolment.write({"hold": True, "hold_reason": "Fees"})
        run = self._issue(new)
        self.assertEqual(self._results(run), {new: "refused"})
        self.assertEqual(self.old.state, "issued")
        self.assertEqual(self.enrolment.parchment_number, self.old.number)

    def test_second_replacement_is_refused(self):
        new = self._replace()
        with self.assertRaisesRegex(UserError, f"replacement already.*{new.number}"):
            self.old.with_user(self.admin).action_replace()

    def test_database_refuses_two_replacements(self):
        new, other = self._replace(), self._request(self._create_enrolment())
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            self.env.cr.execute(
                "UPDATE lrm_credential SET replaces_id = %s WHERE id = %s",
                [new.replaces_id.id, other.id],
            )

    def test_cancelled_replacement_can_be_replaced_by_another(self):
        new = self._replace()
        self._issue(new)
        self._cancel(new)
        self.assertTrue(self.old.with_user(self.admin).action_replace())

    def test_cancelled_credential_can_be_replaced(self):
        self._cancel(self.old)
        new = self._replace()
        self._issue(new)
        self.assertEqual(self.enrolment.parchment_number, new.number)
        self.assertEqual(self.old.status_reason, "Wrong name printed")

    def test_request_is_changed_not_replaced(self):
        request = self._request(self.enrolment, self.statement)
        with self.assertRaisesRegex(UserError, "change the request instead"):
            request.with_user(self.admin).action_replace()

    def test_lost_one_can_be_reprinted_first(self):
        action = self.old.with_user(self.admin).action_replace()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.admin)
            .with_context(**action["context"])
            .create({"cause": "lost", "reason": "Lost", "cancel": "on_issue"})
        )
        url = wizard.action_reprint()["url"]
        self.assertIn(f"/web/content/lrm.credential/{self.old.id}/document", url)

    def test_reissue_date_is_neither_before_the_award_nor_in_the_future(self):
        new = self._replace().with_user(self.admin)
        for date in ("2025-11-30", "2999-01-01"):
            with self.subTest(date), self.assertRaises(ValidationError):
                new.reissue_date = date

    def test_reissue_date_needs_something_to_replace(self):
        with self.assertRaisesRegex(ValidationError, "replaces nothing"):
            self._request(self.old.enrolment_id, reissue_date="2025-12-02")

    def test_sample_is_deleted_after_what_replaces_it(self):
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        old = self._request(self._create_enrolment(offer=dummy)).with_user(self.admin)
        self._issue(old)
        new = old._replace("Lost", cancel_now=False)
        self._issue(new)
        with self.assertRaisesRegex(UserError, "delete that one first"):
            old.unlink()
        (old | new).unlink()
        self.assertFalse((old | new).exists())

    def test_replaced_where_the_day_has_not_begun(self):
        tomorrow = fields.Date.today() + timedelta(days=1)
        with freeze_time(f"{fields.Date.today()} 20:00:00"):
            self.admin.tz = "Australia/Melbourne"  # where it is tomorrow
            old = self._request(self._create_enrolment(), credential_date=tomorrow)
            self._issue(old)
            self.admin.tz = "America/New_York"
            new = old.with_user(self.admin).with_context(tz="America/New_York")
            self.assertEqual(new._replace("Lost", False).reissue_date, tomorrow)

    def test_only_lrm_admins_replace(self):
        for user in (self.requester, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.old.with_user(user).action_replace()

    def test_lineage_cannot_be_written(self):
        request = self._request(self._create_enrolment(), user=self.admin)
        for values in ({"replaces_id": self.old.id}, {"cancel_replaced": True}):
            with self.subTest(values), self.assertRaises(UserError):
                request.write(values)


class TestCorrectFinal(CredentialCommon):
    def setUp(self):
        super().setUp()
        self.enrolment = self._create_enrolment()
        self.credential = self._request(self.enrolment)

    def _correct(self, credential, final, user=None, **values):
        user = user or self.admin
        action = credential.with_user(user).action_correct_final()
        wizard = (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create({"final": final, "reason": "Wrong answer", **values})
        )
        wizard.action_correct()

    def test_no_becomes_yes(self):
        self._issue(self.credential, final="no")
        before = self._bytes(self.credential)
        self._correct(self.credential, "yes", qual_issued_date="2025-12-05")
        self.assertTrue(self.credential.is_final)
        self.assertEqual(self.enrolment.parchment_number, self.credential.number)
        self.assertEqual(str(self.enrolment.qual_issued_date), "2025-12-05")
        self.assertTrue(before == self._bytes(self.credential))

    def test_yes_becomes_no(self):
        self._issue(self.credential, final="yes")
        self._correct(self.credential, "no")
        self.assertFalse(self.credential.is_final)
        self.assertFalse(self.enrolment.qual_issued)
        self.assertFalse(self.enrolment.parchment_number)
        self.assertFalse(self.enrolment.qual_issued_date)

    def test_reason_is_in_the_chatter_and_the_event_in_the_ledger(self):
        self._issue(self.credential, final="yes")
        self._correct(self.credential, "no")
        messages = " ".join(self.credential.message_ids.mapped("body"))
        self.assertIn("corrected to No: Wrong answer", messages)
        entries = self.env["lrm.register.entry"]
        last = entries.search([], order="sequence desc", limit=1)
        self.assertEqual(last.event, "final_corrected")
        self.assertNotIn("Wrong answer", last.payload)
        self.assertEqual(entries._integrity_problems(self.company), [])

    def test_second_parchment_is_refused(self):
        self._issue(self.credential, final="yes")
        other = self._request(self.enrolment)
        self._issue(other, final="no")
        with self.assertRaisesRegex(UserError, "has parchment"):
            self._correct(other, "yes")

    def test_what_cannot_be_final_stays_so(self):
        statement = self._request(self.enrolment, self.statement)
        self._issue(statement)
        with self.assertRaises(UserError):
            self._correct(statement, "yes")

    def test_issued_date_in_the_future_is_refused(self):
        self._issue(self.credential, final="no")
        with self.assertRaisesRegex(UserError, "cannot be in the future"):
            self._correct(self.credential, "yes", qual_issued_date="2999-01-01")

    def test_same_answer_is_told(self):
        self._issue(self.credential, final="yes")
        with self.assertRaisesRegex(UserError, "nothing to correct"):
            self._correct(self.credential, "yes")

    def test_reason_is_required(self):
        self._issue(self.credential, final="yes")
        with self.assertRaisesRegex(UserError, "needs a reason"):
            self._correct(self.credential, "no", reason="  ")

    def test_only_issued_ones_are_corrected(self):
        with self.assertRaisesRegex(UserError, "is not issued"):
            self._correct(self.credential, "yes")

    def test_only_lrm_admins_correct(self):
        self._issue(self.credential, final="yes")
        for user in (self.requester, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._correct(self.credential, "no", user=user)
