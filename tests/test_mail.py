"""E-mailing issued credentials: to whom, with what, and never twice."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, warmup
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .common import CredentialCommon


class MailCommon(CredentialCommon, MockEmail):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.email = "office@wattle.example"
        cls.template = cls.env.ref("lrm_credentials.mail_template_credential")
        cls.ana = cls._create_learner("Ana", "Lee", email="ana@example.com")
        cls.ben = cls._create_learner("Ben", "Okafor", email="ben@example.com")

    @classmethod
    def _issued(cls, *learners, template=None):
        """Issued credentials, one for each learner."""
        enrolments = cls.env["lrm.course.enrolment"].union(
            *(cls._create_enrolment(learner) for learner in learners)
        )
        credentials = cls._request(enrolments, template or cls.statement)
        cls._issue(credentials)
        return credentials

    def test_wizard_says_to_whom(self):
        learners = [self.ana, self.ben]
        for name in ("Cem", "Dan", "Eve"):
            learners.append(self._create_learner(name, email=f"{name}@example.com"))
        wizard = self._wizard(self._issued(*learners))
        self.assertEqual(wizard.sendable_count, 5)
        self.assertIn('"Ana Lee" <ana@example.com>', wizard.recipients)
        self.assertTrue(wizard.recipients.endswith(", and 2 more"))

    def test_mail_is_signed_by_the_name_that_learners_know(self):
        self.company.lrm_trading_name = "Wattle College"
        credential = self._issued(self.ana)
        self._wizard(credential).action_send()
        mail = self.env["mail.mail"].search([("res_id", "=", credential.id)], limit=1)
        self.assertIn("Wattle College", mail.body_html)
        self.company.lrm_trading_name = False
        credential.invalidate_recordset(["issuer_name"])
        self.assertEqual(credential.issuer_name, self.company.lrm_legal_name)

    def _wizard(self, credentials, user=None, **values):
        user = user or self.requester
        action = credentials.with_user(user).action_send_email()
        return (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create(values)
        )

    def _send(self, credentials, user=None, **values):
        """What the wizard answers, as a user would press Send."""
        wizard = self._wizard(credentials, user, **values)
        self.env.invalidate_all()
        return wizard.action_send()

    def _mails_of(self, credentials):
        return self.env["mail.mail"].search(
            [("model", "=", "lrm.credential"), ("res_id", "in", credentials.ids)]
        )

    def _deliver(self, mails, error=None):
        """Have the mail queue work, on a server that accepts or refuses."""
        with self.mock_mail_gateway(mail_unlink_sent=True):
            if error:
                self.send_email_mocked.side_effect = error
            with mute_logger("odoo.addons.mail.models.mail_mail"):
                mails.send()
        return self._mails


class TestSend(MailCommon):
    def test_mail_carries_a_copy_of_the_stored_document(self):
        credential = self._issued(self.ana)
        self._send(credential)
        mail = self._mails_of(credential)
        self.assertEqual(mail.recipient_ids, self.ana)
        self.assertEqual(mail.state, "outgoing")
        copy = mail.attachment_ids
        self.assertEqual(copy.raw, self._bytes(credential))
        self.assertNotIn(copy, self._attachment(credential))
        self.assertFalse(copy.res_field)
        self.assertEqual(copy.name, credential.document_filename)
        self.assertIn("Statement of Attainment", mail.subject)
        self.assertIn("Dear Ana Lee", mail.body_html)
        self.assertIn(credential.number, mail.body_html)
        self.assertIn(credential.verification_url, mail.body_html)
        self.assertNotIn(self.ana.lrm_usi, mail.body_html)
        self.assertTrue(credential.emailed_at)

    def test_text_leaves_out_the_link_when_there_is_none(self):
        self.company.lrm_verification = False
        credential = self._issued(self.ana)
        self._send(credential)
        self.assertNotIn("genuine", self._mails_of(credential).body_html)

    def test_delivered_mail_has_the_bytes_and_shows_in_the_chatter(self):
        credential = self._issued(self.ana)
        self._send(credential)
        (mail,) = self._deliver(self._mails_of(credential))
        name, content, mimetype = mail["attachments"][0]
        self.assertEqual(content, self._bytes(credential))
        self.assertEqual(name, credential.document_filename)
        self.assertEqual(mimetype, "application/pdf")
        chatter = credential.message_ids.filtered(
            lambda m: m.message_type == "email_outgoing"
        )
        self.assertEqual(chatter.notification_ids.notification_status, "sent")
        self.assertEqual(chatter.notification_ids.res_partner_id, self.ana)
        self.assertEqual(chatter.author_id, self.requester.partner_id)
        self.assertFalse(credential.is_email_failed)

    def test_each_learner_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.template.with_context(lang="fr_FR").subject = "Votre titre"
        self.ben.lang = "fr_FR"
        credentials = self._issued(self.ana, self.ben)
        self._send(credentials)
        mails = {
            mail.recipient_ids: mail.subject for mail in self._mails_of(credentials)
        }
        self.assertEqual(mails[self.ben], "Votre titre")
        self.assertIn("Statement", mails[self.ana])

    def test_other_template_may_be_chosen(self):
        credential = self._issued(self.ana)
        other = self.template.copy({"subject": "Hooray", "name": "Hooray"})
        self._send(credential, mail_template_id=other.id)
        self.assertEqual(self._mails_of(credential).subject, "Hooray")
        foreign = self.env["mail.template"].create(
            {"name": "X", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        reminder = self.env.ref("lrm_credentials.mail_template_expiry")
        for template in foreign, reminder:
            with self.assertRaisesRegex(UserError, "carries the document"):
                self._send(credential, mail_template_id=template.id, send_again=True)

    def test_composer_of_the_chatter_attaches_a_copy_too(self):
        credential = self._issued(self.ana)
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.requester)
            .create(
                {
                    "composition_mode": "comment",
                    "model": "lrm.credential",
                    "res_ids": credential.ids,
                    "template_id": self.template.id,
                }
            )
        )
        self.assertEqual(composer.attachment_ids.raw, self._bytes(credential))
        self.assertNotIn(composer.attachment_ids, self._attachment(credential))
        composer.action_send_mail()
        self.assertEqual(len(self._attachment(credential)), 1)

    def test_admins_and_users_send_and_auditors_do_not(self):
        credential = self._issued(self.ana)
        self._send(credential, self.admin)
        with self.assertRaisesRegex(AccessError, "Only LRM users"):
            credential.with_user(self.auditor).action_send_email()
        with self.assertRaises(AccessError):
            credential.with_user(self.auditor)._send_emails()
        with self.assertRaises(AccessError):
            self.env["lrm.credential.send"].with_user(self.auditor).create(
                {"credential_ids": [Command.set(credential.ids)]}
            )

    def test_nobody_sends_those_of_another_company(self):
        credential = self._issued(self.ana)
        other = self.env["res.company"].create({"name": "Other College"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        with self.assertRaises(AccessError):
            credential.with_user(stranger).action_send_email()
        with self.assertRaises(AccessError):
            credential.with_user(stranger)._send_emails()

    def test_sent_fields_are_sealed(self):
        credential = self._request(self._create_enrolment(self.ana))
        for values in ({"emailed_at": "2025-01-01"}, {"expiry_date": "2025-01-01"}):
            with self.assertRaisesRegex(UserError, "system sets this"):
                credential.write(values)

    def test_admin_edits_the_text_and_requester_does_not(self):
        self.template.with_user(self.admin).subject = "Well done"
        reminder = self.env.ref("lrm_credentials.mail_template_expiry")
        reminder.with_user(self.admin).body_html = "<p>Soon over</p>"
        with self.assertRaises(AccessError):  # code is for template editors only
            reminder.with_user(self.admin).subject = "{{ object.env.user.login }}"
        with self.assertRaises(AccessError):
            self.template.with_user(self.requester).subject = "Well done"
        foreign = self.env["mail.template"].create(
            {"name": "X", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaises(AccessError):
            foreign.with_user(self.admin).subject = "Mine"

    @warmup
    def test_number_of_queries_does_not_grow(self):
        learners = [
            self._create_learner(f"L{n}", "Many", email=f"l{n}@example.com")
            for n in range(40)
        ]
        few, many = self._issued(*learners[:5]), self._issued(*learners[5:])
        counts = []
        for credentials in (few[:1], few[1:], many):
            wanted = credentials.with_user(self.requester)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(wanted._send_emails(), {})
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(self._mails_of(many)), 35)
        self.assertLess(counts[2], counts[1] + 15, counts)


class TestLeftOut(MailCommon):
    def test_who_is_left_out_is_told_and_the_others_go_on(self):
        dead = self._create_learner("Dan", "Dead", email="d@x.com", lrm_deceased=True)
        gone = self._create_learner("Eve", "Gone", email="e@example.com")
        mute = self._create_learner("Flo", "Mute")
        odd = self._create_learner("Gus", "Odd", email="no address")
        credentials = self._issued(self.ana, gone, mute, odd)
        gone.active = False
        cancelled = self._issued(self.ben)
        self._cancel(cancelled)
        requested = self._request(self._create_enrolment(dead), self.statement)
        deceased = self._issued(
            self._create_learner("Hal", "Late", email="h@example.com")
        )
        deceased.partner_id.lrm_deceased = True
        offer = self.offer.copy({"code": "TEST-1", "is_test": True})
        sample = self._request(
            self._create_enrolment(
                self._create_learner("Ida", "Try", email="i@example.com"), offer=offer
            ),
            self.statement,
        )
        self._issue(sample)
        everyone = credentials | cancelled | requested | deceased | sample
        form = Form(self._wizard(everyone))
        self.assertEqual(form.sendable_count, 1)
        for name, reason in (
            ("Eve Gone", "archived"),
            ("Flo Mute", "no e-mail address"),
            ("Gus Odd", "not valid"),
            ("Ben Okafor", "was cancelled"),
            ("Dan Dead", "has not been issued"),
            ("Hal Late", "has died"),
            ("Ida Try", "sample"),
        ):
            self.assertRegex(form.problems, rf"(?s){name}.*?{reason}")
        answer = self._send(everyone)
        self.assertIn("mail queue: 1.", answer["params"]["message"])
        self.assertIn("Left out: 7.", answer["params"]["message"])
        self.assertEqual(self._mails_of(everyone).recipient_ids, self.ana)
        self.assertEqual(everyone.filtered("emailed_at"), credentials[0])
        with self.assertRaisesRegex(UserError, "archived"):
            self._send(credentials[1], send_again=True)

    def test_document_that_is_no_longer_kept_is_not_sent(self):
        credential = self._issued(self.ana)
        attachment = self._attachment(credential)
        self.env.cr.execute("DELETE FROM ir_attachment WHERE id = %s", attachment.ids)
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "no longer kept"):
            self._send(credential, send_again=True)

    def test_second_run_sends_nothing_twice_unless_asked(self):
        credentials = self._issued(self.ana, self.ben)
        self._send(credentials[0])
        answer = self._send(credentials)
        self.assertIn("mail queue: 1.", answer["params"]["message"])
        self.assertEqual(len(self._mails_of(credentials)), 2)
        with self.assertRaisesRegex(UserError, "e-mailed on .* already"):
            self._send(credentials)
        self.assertEqual(len(self._mails_of(credentials)), 2)
        self._send(credentials, send_again=True)
        self.assertEqual(len(self._mails_of(credentials)), 4)

    def test_what_failed_is_shown_filtered_and_sent_again(self):
        credentials = self._issued(self.ana, self.ben)
        register = self.env["lrm.credential"].with_user(self.auditor)

        def filtered(name):
            """What a filter of the register finds of these."""
            view = self.env.ref("lrm_credentials.lrm_credential_view_search")
            arch = view._get_combined_arch()
            (domain,) = arch.xpath(f"//filter[@name='{name}']/@domain")
            return register.search(
                [("id", "in", credentials.ids), *eval(domain)]  # pylint: disable=W0123
            ).ids

        ana, ben = credentials
        self.assertEqual(set(filtered("not_emailed")), set(credentials.ids))
        self._send(credentials)
        self.assertEqual(filtered("not_emailed"), [])
        self._deliver(self._mails_of(ana))
        self._deliver(self._mails_of(ben), error=OSError("refused"))
        self.assertEqual(credentials.mapped("is_email_failed"), [False, True])
        self.assertEqual(filtered("email_failed"), ben.ids)
        self.assertEqual(filtered("not_emailed"), ben.ids)
        self._send(credentials)
        self.assertEqual(filtered("email_failed"), [])
        self.assertEqual(filtered("not_emailed"), [])
        self.assertEqual(len(self._mails_of(ben)), 2)
        self.assertEqual(len(self._mails_of(ana)), 0)  # delivered, and not repeated


class TestIssueAndSend(MailCommon):
    def test_off_by_default(self):
        credential = self._issued(self.ana)
        self.assertFalse(self._mails_of(credential))

    def test_issue_sends_what_was_issued(self):
        mute = self._create_learner("Flo", "Mute")
        units = [self.not_competent] * 3
        enrolments = (
            self._create_enrolment(self.ana)
            | self._create_enrolment(mute)
            | self._create_enrolment(self.ben, units)
        )
        credentials = self._request(enrolments, self.statement)
        run = self._issue(credentials, with_email=True)
        self.assertEqual(credentials.mapped("state"), ["issued", "issued", "requested"])
        mail = self._mails_of(credentials)
        self.assertEqual(mail.recipient_ids, self.ana)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Flo Mute: The learner has no e-mail address", run.warning)
        self.assertNotIn("Ana", run.warning)

    def test_broken_template_does_not_stop_the_issue(self):
        self.template.unlink()
        credentials = self._request(self._create_enrolment(self.ana), self.statement)
        run = self._issue(credentials, with_email=True)
        self.assertEqual(credentials.state, "issued")
        self.assertIn("was deleted", run.warning)
        self.assertFalse(credentials.emailed_at)

    def test_run_in_the_background_sends_too(self):
        self.company.lrm_run_limit = 0
        credentials = self._request(self._create_enrolment(self.ana), self.statement)
        run = self._issue(credentials, with_email=True)
        self.assertFalse(self._mails_of(credentials))
        self.assertEqual(run.state, "queued")
        run._process()
        self.assertEqual(self._mails_of(credentials).recipient_ids, self.ana)
