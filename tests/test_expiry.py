"""Until when a credential is good, and who is reminded of it, once."""

from unittest.mock import patch

from odoo.fields import Date
from odoo.tests import freeze_time, new_test_user

from odoo.addons.lrm_credentials.models import lrm_credential_expiry

from .common import CredentialCommon, pdf_pages


class ExpiryCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.email = "office@wattle.example"
        cls.cpr = cls._create_template("CPR Card", validity_months=12)
        cls.learner = cls._create_learner("Ana", "Lee", email="ana@example.com")
        cls.enrolment = cls._create_enrolment(cls.learner)

    @classmethod
    def _issued(cls, template=None, enrolment=None, **values):
        credential = cls._request(
            enrolment or cls.enrolment, template or cls.cpr, **values
        )
        cls._issue(credential)
        return credential.sudo()  # activities are seen by whoever has to do them

    def _remind(self):
        self.env["lrm.credential"]._remind_of_expiry()

    def _mails(self, credential):
        return self.env["mail.mail"].search(
            [("model", "=", "lrm.credential"), ("res_id", "in", credential.ids)]
        )


@freeze_time("2025-12-15")
class TestExpiryDate(ExpiryCommon):
    def test_date_follows_from_the_credential_date(self):
        credential = self._request(self.enrolment, self.cpr)
        self.assertFalse(credential.expiry_date)
        self._issue(credential)
        self.assertEqual(credential.expiry_date, Date.to_date("2026-12-01"))
        self.assertEqual(credential.document_data["expiry_date"], "2026-12-01")
        self._change_template(self.cpr, validity_months=36)
        self.assertEqual(credential.expiry_date, Date.to_date("2026-12-01"))

    def test_no_validity_no_date(self):
        credential = self._issued(self.statement)
        self.assertFalse(credential.expiry_date)
        self.assertFalse(credential.document_data["expiry_date"])
        self.assertEqual(credential._expiry_note(), "")
        self.assertNotIn("Valid until", pdf_pages(self._bytes(credential))[0])

    def test_layouts_print_it(self):
        for report in (self.statement.report_id, self.certificate.report_id):
            self._change_template(self.cpr, report_id=report.id)
            page = pdf_pages(self._bytes(self._issued()))[0]
            self.assertIn("Valid until 1 December 2026", page)

    def test_recognised_document_prints_a_refresh_date(self):
        self._change_template(self.statement, validity_months=12)
        credential = self._issued(self.statement)
        page = pdf_pages(self._bytes(credential))[0]
        self.assertIn("Refresh recommended by 1 December 2026", page)
        self.assertNotIn("Valid until", page)

    def test_sentence_changes_with_the_day(self):
        card = self._issued()
        self._change_template(self.statement, validity_months=12)
        statement = self._issued(self.statement)
        self.company.lrm_profile = "generic"
        generic = self._issued(
            self.statement,
            self._create_enrolment(self._create_learner("Ben", "Lee")),
        )
        for day, sentences in (
            ("2026-12-01", ["Valid until", "Refresh is recommended by", "Valid until"]),
            ("2026-12-02", ["Expired on", "refresh date passed on", "Expired on"]),
        ):
            with freeze_time(day):
                for credential, sentence in zip(
                    card | statement | generic, sentences, strict=True
                ):
                    self.assertRegex(
                        credential._expiry_note(), f"{sentence} 1 December 2026"
                    )
                    self.assertEqual(
                        credential._verification_notes(), [credential._expiry_note()]
                    )

    def test_expired_is_a_date_and_no_status(self):
        credential = self._issued()
        with freeze_time("2030-01-01"):
            self.assertTrue(credential._is_expired())
            self.assertEqual(credential.state, "issued")
            self.assertEqual(credential._verification_status(), "genuine")

    def test_register_filters(self):
        credential = self._issued()
        view = self.env.ref("lrm_credentials.lrm_credential_view_search")
        arch = view._get_combined_arch()
        for day, found in (
            ("2026-10-01", []),
            ("2026-10-03", ["expiring"]),
            ("2026-12-01", ["expiring"]),
            ("2026-12-02", ["expired"]),
        ):
            with freeze_time(day):
                for name in ("expired", "expiring"):
                    (domain,) = arch.xpath(f"//filter[@name='{name}']/@domain")
                    domain = eval(domain)  # pylint: disable=W0123
                    hit = credential in self.env["lrm.credential"].search(domain)
                    self.assertEqual(hit, name in found, (day, name))

    def test_replacement_is_valid_as_long_as_the_replaced_one(self):
        credential = self._issued()
        self._change_template(self.cpr, validity_months=24)
        new = credential.with_user(self.admin)._replace("Lost", False)
        self._issue(new)
        self.assertEqual(new.expiry_date, credential.expiry_date)


class TestReminder(ExpiryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2025-12-15"))
        cls.credential = cls._issued()

    def test_learner_and_office_are_reminded_once(self):
        with freeze_time("2026-10-01"):
            self._remind()
            self.assertFalse(self._mails(self.credential))
        with freeze_time("2026-10-03"):
            self._remind()
            self.assertEqual(self._mails(self.credential).recipient_ids, self.learner)
            self.assertFalse(self._mails(self.credential).attachment_ids)
            self.assertIn(
                "Valid until 1 December 2026", self._mails(self.credential).body_html
            )
            activity = self.credential.activity_ids
            self.assertEqual(activity.user_id, self.admin)
            self.assertEqual(activity.date_deadline, Date.to_date("2026-12-01"))
            self.assertIn("Valid until", activity.summary)
            self.assertFalse(self.credential.emailed_at)
        with freeze_time("2026-10-04"):
            self._remind()
            self.assertEqual(len(self._mails(self.credential)), 1)
            self.assertEqual(len(self.credential.activity_ids), 1)

    def test_company_decides_when_and_who(self):
        self.company.write(
            {"lrm_expiry_days": 30, "lrm_expiry_user_id": self.requester.id}
        )
        with freeze_time("2026-10-15"):
            self._remind()
            self.assertFalse(self._mails(self.credential))
        with freeze_time("2026-11-02"):
            self._remind()
            self.assertEqual(self.credential.activity_ids.user_id, self.requester)

    def test_no_reminders_when_switched_off(self):
        self.company.lrm_expiry_days = 0
        with freeze_time("2026-11-02"):
            self._remind()
        self.assertFalse(self._mails(self.credential))

    def test_not_for_cancelled_replaced_deceased_and_renewed(self):
        def of(name):
            learner = self._create_learner(name, "X", email=f"{name}@example.com")
            return self._issued(enrolment=self._create_enrolment(learner))

        cancelled, replaced, deceased, renewed = map(of, ("a", "b", "c", "d"))
        self._cancel(cancelled)
        new = replaced.with_user(self.admin)._replace("Lost", False)
        self._issue(new)
        deceased.partner_id.lrm_deceased = True
        with freeze_time("2026-10-02"):
            later = self._issued(
                enrolment=renewed.enrolment_id, credential_date="2026-10-02"
            )
        with freeze_time("2026-10-03"):
            self._remind()
        for credential in cancelled, replaced, deceased, renewed, later:
            self.assertFalse(self._mails(credential))
            self.assertFalse(credential.activity_ids)
        self.assertTrue(self._mails(new))

    def test_many_who_have_renewed_keep_nobody_from_being_reminded(self):
        expiring = self.env.ref("lrm_credentials.ir_cron_remind_of_expiry")
        with freeze_time("2026-10-02"):
            for _n in range(2):
                learner = self._create_learner(email="r@example.com")
                enrolment = self._create_enrolment(learner)
                self._issued(enrolment=enrolment)
                self._issued(enrolment=enrolment, credential_date="2026-10-02")
            learner = self._create_learner(email="last@example.com")
            last = self._issued(enrolment=self._create_enrolment(learner))
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", expiring.id)])
        with (
            freeze_time("2026-10-03"),
            patch.object(lrm_credential_expiry, "REMIND_AT_ONCE", 2),
        ):
            for _n in range(4):
                self._remind()
        self.assertTrue(self._mails(last))
        more = self.env["ir.cron.trigger"].search([("cron_id", "=", expiring.id)])
        self.assertLess(len(more - triggers), 4)

    def test_a_sample_renews_nothing(self):
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        with freeze_time("2026-10-02"):
            self._issued(
                enrolment=self._create_enrolment(self.learner, offer=dummy),
                credential_date="2026-10-02",
            )
        with freeze_time("2026-10-03"):
            self._remind()
        self.assertTrue(self._mails(self.credential))

    def test_office_is_told_when_the_learner_cannot_be_mailed(self):
        self.learner.email = False
        with freeze_time("2026-10-03"):
            self._remind()
        self.assertFalse(self._mails(self.credential))
        self.assertIn("no e-mail address", self.credential.activity_ids.note)

    def test_nobody_who_has_left_gets_the_activity(self):
        self.company.lrm_expiry_user_id = new_test_user(self.env, "plain")
        self.admin.active = False
        with freeze_time("2026-10-03"):
            self._remind()
        self.assertFalse(self.credential.activity_ids)
        self.assertTrue(self._mails(self.credential))

    def test_scheduled_daily(self):
        cron = self.env.ref("lrm_credentials.ir_cron_remind_of_expiry")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
        with freeze_time("2026-10-03"):
            cron.ir_actions_server_id.run()
        self.assertTrue(self._mails(self.credential))
