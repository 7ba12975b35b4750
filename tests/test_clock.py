"""The 30 days of Compliance Standards 2025, s9(2)."""

from ast import literal_eval
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError

from .common import CredentialCommon


@freeze_time("2025-12-01 12:00:00")
class TestClock(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.units = cls.enrolment.unit_enrolment_ids
        # The least who keeps enrolments
        cls.mine = cls.enrolment.with_user(cls.requester)

    def _issued(self, template=None, enrolment=None, **values):
        credential = self._request(enrolment or self.enrolment, template, **values)
        self._issue(credential)
        self.assertEqual(credential.state, "issued")
        return credential

    # ------------------------------------------------------------ when it is due

    def test_due_30_days_after_the_last_competent_unit(self):
        self.units[1].date_end = "2025-11-18"
        self.assertEqual(self.mine.date_assessed, date(2025, 11, 18))
        self.assertEqual(self.mine.credential_due_date, date(2025, 12, 18))

    def test_unit_that_is_not_competent_does_not_start_it(self):
        self.units[1].write(
            {"date_end": "2025-11-18", "outcome_id": self.not_competent.id}
        )
        self.assertEqual(self.mine.credential_due_date, date(2025, 12, 14))

    def test_nothing_is_due_before_completion(self):
        for state in ("enrolled", "completion_pending"):
            with self.subTest(state):
                self.mine.state = state
                self.assertFalse(self.mine.credential_due_date)
        self.mine.write({"state": "completed", "date_completed": "2025-11-20"})
        self.assertEqual(self.mine.credential_due_date, date(2025, 12, 14))

    def test_withdrawn_with_competent_units_is_due(self):
        for state in ("withdrawn", "cancelled"):
            with self.subTest(state):
                self.mine.state = state
                self.assertEqual(self.mine.credential_due_date, date(2025, 12, 14))

    def test_withdrawn_without_competent_units_is_not_due(self):
        self.units.outcome_id = self.not_competent
        self.mine.state = "withdrawn"
        self.assertFalse(self.mine.credential_due_date)

    def test_units_without_a_date_ended_with_the_course(self):
        self.units.date_end = False
        self.assertEqual(self.mine.credential_due_date, date(2025, 12, 20))

    def test_short_courses_and_dummy_offers_are_not_due(self):
        short = self.course.copy({"code": "SHORT", "kind": "short"})
        for values in (
            {"code": "SHORT", "course_id": short.id},
            {"code": "DUMMY", "is_test": True},
        ):
            with self.subTest(values["code"]):
                enrolment = self._create_enrolment(offer=self.offer.copy(values))
                self.assertFalse(enrolment.credential_due_date)

    # ------------------------------------------------------------ hold

    def test_hold_stops_the_clock_and_its_days_do_not_count(self):
        self.mine.write({"hold": True, "hold_reason": "Fees outstanding"})
        self.assertEqual(self.mine.hold_since, date(2025, 12, 1))
        self.assertFalse(self.mine.credential_due_date)
        with freeze_time("2025-12-11 12:00:00"):
            self.mine.hold = False
        self.assertRecordValues(
            self.mine,
            [
                {
                    "hold_since": False,
                    "hold_days": 10,
                    "credential_due_date": date(2025, 12, 24),
                }
            ],
        )

    def test_holds_add_up(self):
        for begin, end in (("2025-12-01", "2025-12-03"), ("2025-12-10", "2025-12-14")):
            with freeze_time(begin):
                self.mine.write({"hold": True, "hold_reason": "Fees outstanding"})
            with freeze_time(end):
                self.mine.hold = False
        self.assertEqual(self.mine.hold_days, 6)
        self.assertEqual(self.mine.credential_due_date, date(2025, 12, 20))

    def test_hold_before_the_last_assessment_does_not_count(self):
        with freeze_time("2025-06-01"):
            enrolment = self._create_enrolment(hold=True, hold_reason="Fees")
        self.assertEqual(enrolment.hold_since, date(2025, 6, 1))
        with freeze_time("2025-11-16"):  # two days after the last unit ended
            enrolment.hold = False
        self.assertEqual(enrolment.hold_days, 2)

    def test_hold_over_before_the_last_assessment_counts_nothing(self):
        with freeze_time("2025-06-01"):
            enrolment = self._create_enrolment(hold=True, hold_reason="Fees")
        with freeze_time("2025-06-11"):
            enrolment.hold = False
        self.assertEqual(enrolment.hold_days, 0)

    def test_writing_the_same_hold_again_changes_nothing(self):
        self.mine.write({"hold": True, "hold_reason": "Fees outstanding"})
        with freeze_time("2025-12-05"):
            self.mine.write({"hold": True, "hold_reason": "Still outstanding"})
        self.assertEqual(self.mine.hold_since, date(2025, 12, 1))
        self.assertEqual(self.mine.hold_reason, "Still outstanding")

    def test_holds_of_many_end_in_a_flat_number_of_queries(self):
        counts = []
        for size in (5, 25):
            enrolments = self.env["lrm.course.enrolment"].union(
                *(
                    self._create_enrolment(hold=True, hold_reason="x")
                    for _n in range(size)
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            enrolments.with_context(tracking_disable=True).hold = False
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # ------------------------------------------------------------ what meets it

    def test_certificate_meets_it_until_it_is_cancelled(self):
        self.assertFalse(self.mine.is_credential_met)
        self._request(self.enrolment)
        self.assertFalse(self.mine.is_credential_met)
        credential = self._issued()
        self.assertTrue(self.mine.is_credential_met)
        self._cancel(credential)
        self.assertFalse(self.mine.is_credential_met)

    def test_statement_meets_it_and_a_record_or_letter_does_not(self):
        self._issued(self._create_transcript_template())
        self._issued(self._create_template("Letter", "letter"))
        self.assertFalse(self.mine.is_credential_met)
        self._issued(self.statement)
        self.assertTrue(self.mine.is_credential_met)

    def test_interim_statement_does_not_meet_it(self):
        self.units[1:].outcome_id = False
        self._issued(self.statement, credential_date="2025-11-15")
        self.units[1:].write(
            {"outcome_id": self.competent.id, "date_end": "2025-11-18"}
        )
        self.assertFalse(self.mine.is_credential_met)

    def test_sample_does_not_meet_it(self):
        offer = self.offer.copy({"code": "DUMMY", "is_test": True})
        enrolment = self._create_enrolment(offer=offer)
        self._issued(enrolment=enrolment)
        self.assertFalse(enrolment.is_credential_met)

    # ------------------------------------------------------------ lists

    def _listed(self, domain, user=None):
        enrolments = self.env["lrm.course.enrolment"].with_user(user or self.auditor)
        return enrolments.search([("id", "=", self.enrolment.id), *domain])

    def test_overdue_from_the_day_after(self):
        overdue = [("is_credential_overdue", "=", True)]
        with freeze_time("2025-12-14 12:00:00"):
            self.assertFalse(self._listed(overdue))
            self.assertFalse(self.mine.is_credential_overdue)
        self.mine.invalidate_recordset(["is_credential_overdue"])
        with freeze_time("2025-12-15 12:00:00"):
            self.assertTrue(self._listed(overdue))
            self.assertTrue(self.mine.is_credential_overdue)
            self.assertFalse(self._listed([("is_credential_overdue", "=", False)]))
            self._issued()
            self.assertFalse(self._listed(overdue))
            self.assertTrue(self._listed([("is_credential_overdue", "=", False)]))

    def test_list_of_what_is_due(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_course_enrolment_action_due"
        )
        domain = self.env["lrm.course.enrolment"]._due_domain()
        self.assertEqual(literal_eval(action["domain"]), domain)
        self.assertTrue(self._listed(domain))
        self._issued()
        self.assertFalse(self._listed(domain))

    def test_generic_profile_has_no_clock(self):
        self.company.lrm_profile = "generic"
        self.assertFalse(self._listed(self.env["lrm.course.enrolment"]._due_domain()))
        with freeze_time("2026-12-15"):
            self.assertFalse(self.mine.is_credential_overdue)

    def test_other_companies_are_not_listed(self):
        other = self._in_own_company()
        other.company_id.lrm_profile = "au_vet"
        with self.assertRaises(AccessError):
            other.with_user(self.requester).read(["credential_due_date"])
        listed = self.env["lrm.course.enrolment"].with_user(self.requester)
        self.assertNotIn(other, listed.search(listed._due_domain()))

    def test_auditor_changes_no_hold(self):
        with self.assertRaises(AccessError):
            self.enrolment.with_user(self.auditor).write(
                {"hold": True, "hold_reason": "x"}
            )

    # ------------------------------------------------------------ reminders

    def _remind(self):
        self.env["lrm.course.enrolment"]._remind_of_due()

    def _activities(self, enrolment=None):
        return (enrolment or self.enrolment).activity_ids

    def test_nobody_is_reminded_unless_somebody_is_responsible(self):
        with freeze_time("2025-12-20"):
            self._remind()
        self.assertFalse(self._activities())

    def test_responsible_is_reminded_once_a_week_before(self):
        self.company.lrm_clock_user_id = self.requester
        with freeze_time("2025-12-06"):
            self._remind()
        self.assertFalse(self._activities())
        for day in ("2025-12-07", "2025-12-08"):
            with freeze_time(day):
                self._remind()
            self.assertRecordValues(
                self._activities(),
                [
                    {
                        "user_id": self.requester.id,
                        "date_deadline": date(2025, 12, 14),
                        "summary": "Issue the credential",
                    }
                ],
            )

    def test_reminder_ends_when_it_is_issued(self):
        self.company.lrm_clock_user_id = self.requester
        self._remind_on("2025-12-10")
        self.assertTrue(self._activities())
        self._issued()
        self._remind_on("2025-12-11")
        self.assertFalse(self._activities())

    def test_reminded_again_when_what_was_issued_is_cancelled(self):
        self.company.lrm_clock_user_id = self.requester
        issued = self._issued()
        self._remind_on("2025-12-10")
        self.assertFalse(self._activities())
        self._cancel(issued)
        self._remind_on("2025-12-11")
        self.assertTrue(self._activities())
        self._issue(self._request(self.mine))
        self._remind_on("2025-12-12")
        self.assertFalse(self._activities())

    def _remind_on(self, day):
        with freeze_time(day):
            self._remind()

    def test_who_has_left_is_not_reminded(self):
        self.company.lrm_clock_user_id = self.requester
        self.requester.active = False
        self._remind_on("2025-12-20")
        self.assertFalse(self._activities())
        self.assertFalse(self.enrolment.due_reminded_on)

    def test_reminders_are_made_in_a_flat_number_of_queries(self):
        self.company.lrm_clock_user_id = self.requester
        counts = []
        for size in (5, 25):
            for _n in range(size):
                self._create_enrolment()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._remind_on("2025-12-10")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_scheduled_action_reminds(self):
        self.company.lrm_clock_user_id = self.requester
        cron = self.env.ref("lrm_credentials.ir_cron_remind_of_due")
        with freeze_time("2025-12-10"):
            cron.ir_actions_server_id.run()
        self.assertTrue(self._activities())

    def test_days_are_calendar_days(self):
        self.assertEqual(
            self.mine.credential_due_date - self.mine.date_assessed, timedelta(days=30)
        )
