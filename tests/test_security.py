"""Rights, sealed documents and the ledger: what nobody can do, and who can do what."""

import base64
import hashlib
import json

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import SQL, mute_logger

from .common import PIXEL, CredentialCommon, pdf_pages

LRM_MODELS = (
    "lrm.unit",
    "lrm.course",
    "lrm.outcome",
    "lrm.issuing.officer",
    "lrm.course.offer",
    "lrm.course.enrolment",
    "lrm.unit.enrolment",
    "lrm.credential.template",
    "lrm.credential",
    "lrm.credential.run",
    "lrm.credential.run.line",
    "lrm.register.head",
    "lrm.register.entry",
    "lrm.integrity.check",
    "lrm.credential.template.check",
    "lrm.credential.template.column",
    "lrm.credential.template.version",
    "lrm.verification.attempt",
)


class SecurityCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.requested = cls._request(cls.enrolment, cls.statement)
        cls.preview = cls._preview(cls.requested)
        cls.issued = cls._request(cls.enrolment)
        cls._issue(cls.issued, final="yes")

    def _one_of_each(self):
        """{model: a record of this company}"""
        entry = self.env["lrm.register.entry"].search(
            [("credential_id", "=", self.issued.id)]
        )
        heads = self.env["lrm.register.head"]
        return {
            "lrm.unit": self.units[0],
            "lrm.course": self.course,
            "lrm.outcome": self.competent,
            "lrm.issuing.officer": self.officer,
            "lrm.course.offer": self.offer,
            "lrm.course.enrolment": self.enrolment,
            "lrm.unit.enrolment": self.enrolment.unit_enrolment_ids[0],
            "lrm.credential.template": self.certificate,
            "lrm.credential": self.requested,
            "lrm.credential.run": self.preview,
            "lrm.credential.run.line": self.preview.line_ids,
            "lrm.register.head": heads.search([("company_id", "=", self.company.id)]),
            "lrm.register.entry": entry,
            "lrm.integrity.check": self.env["lrm.integrity.check"]._run(self.company),
        }

    def _sql(self, query, *args):
        """Change the database behind the ORM's back."""
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))
        self.env.invalidate_all()


class TestRequester(SecurityCommon):
    def test_requester_neither_previews_nor_issues_nor_cancels(self):
        requested = self.requested.with_user(self.requester)
        issued = self.issued.with_user(self.requester)
        runs = self.env["lrm.credential.run"].with_user(self.requester)
        attempts = {
            "preview": requested.action_preview,
            "issue": requested.action_issue,
            "cancel": issued.action_cancel,
            "cancel without the wizard": lambda: issued._cancel("Because"),
            "issue wizard": lambda: self.env["lrm.credential.issue"]
            .with_user(self.requester)
            .create({"final": "no", "status_reason": "Because"}),
            "cancel wizard": lambda: self.env["lrm.credential.cancel"]
            .with_user(self.requester)
            .create({"reason": "Because"}),
            "start a preview": lambda: runs._start("preview", requested),
            "start an issue": lambda: runs._start("issue", requested),
            "preview again": self.preview.with_user(
                self.requester
            ).action_preview_again,
            "issue a preview": self.preview.with_user(
                self.requester
            ).action_issue_selected,
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(AccessError):
                attempt()
        self.assertEqual(self.requested.state, "requested")
        self.assertEqual(self.issued.state, "issued")

    def test_requester_cannot_use_the_wizard_of_an_admin(self):
        wizard = (
            self.env["lrm.credential.issue"]
            .with_user(self.admin)
            .create(
                {
                    "credential_ids": [Command.set(self.requested.ids)],
                    "final": "no",
                    "status_reason": "Because",
                }
            )
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.requester).action_issue()

    def test_requester_sees_neither_log_history_nor_ledger(self):
        for model in (
            "lrm.credential.run",
            "lrm.credential.run.line",
            "lrm.register.entry",
            "lrm.register.head",
        ):
            record = self._one_of_each()[model].with_user(self.requester)
            with self.subTest(model):
                with self.assertRaises(AccessError):
                    record.read(["id"])
                with self.assertRaises(AccessError):
                    record.search([])
                with self.assertRaises(UserError):
                    record.create({})

    def test_status_cannot_be_written(self):
        for user in (self.requester, self.admin):
            with self.subTest(user.login), self.assertRaises(UserError):
                self.requested.with_user(user).write({"state": "issued"})

    def test_signature_is_for_lrm_admins(self):
        self.assertTrue(self.officer.with_user(self.admin).signature)
        for user in (self.requester, self.auditor):
            officer = self.officer.with_user(user)
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    officer.read(["signature"])
                with self.assertRaises(AccessError):
                    officer.search([("signature", "!=", False)])
                self.assertNotIn("signature", officer.read()[0])

    def test_signature_is_not_in_the_stored_data(self):
        self.assertNotIn(PIXEL.decode(), json.dumps(self.issued.document_data))

    def test_configuration_is_for_lrm_admins(self):
        for model in (
            "lrm.unit",
            "lrm.course",
            "lrm.outcome",
            "lrm.issuing.officer",
            "lrm.credential.template",
        ):
            record = self._one_of_each()[model].with_user(self.requester)
            with self.subTest(model):
                self.assertTrue(record.name)
                with self.assertRaises(AccessError):
                    record.name = "Mine"
                with self.assertRaises(AccessError):
                    record.copy()
                with self.assertRaises(AccessError):
                    record.unlink()

    def test_user_outside_lrm_sees_nothing_of_it(self):
        outsider = new_test_user(self.env, "outsider", groups="base.group_user")
        for model, record in self._one_of_each().items():
            with self.subTest(model), self.assertRaises(AccessError):
                record.with_user(outsider).read(["id"])
        with self.assertRaises(AccessError):
            self.enrolment.partner_id.with_user(outsider).read(["lrm_usi"])

    def test_layouts_are_for_system_users(self):
        report = self.certificate.report_id.with_user(self.admin)
        with self.assertRaises(AccessError):
            report.report_name = "base.other"
        view = self.env.ref("lrm_credentials.certificate").with_user(self.admin)
        with self.assertRaises(AccessError):
            view.arch = "<t/>"


class TestAuditor(SecurityCommon):
    def test_auditor_reads_the_register_and_what_it_rests_on(self):
        for model, record in self._one_of_each().items():
            if not model.startswith("lrm.credential.run"):
                with self.subTest(model):
                    self.assertTrue(record.with_user(self.auditor).read())

    def test_auditor_does_not_see_log_history(self):
        for record in (self.preview, self.preview.line_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.auditor).read(["id"])

    def test_auditor_reads_issued_documents(self):
        document = self.issued.with_user(self.auditor).document
        self.assertEqual(base64.b64decode(document), self._bytes(self.issued))

    def test_auditor_checks_the_ledger(self):
        entries = self.env["lrm.register.entry"].with_user(self.auditor)
        self.assertEqual(entries._integrity_problems(self.company), [])

    def test_auditor_opens_the_register_reports(self):
        wizard = self.env["lrm.register.report"].with_user(self.auditor).create({})
        self.assertEqual(wizard.action_open()["res_model"], "lrm.credential")

    def test_auditor_cannot_read_usi_or_birth_date(self):
        learner = self.enrolment.partner_id.with_user(self.auditor)
        self.assertEqual(learner.name, "Ana Lee")
        for field_name in ("lrm_usi", "lrm_usi_status", "lrm_birth_date"):
            with self.subTest(field_name):
                with self.assertRaises(AccessError):
                    learner.read([field_name])
                with self.assertRaises(UserError):
                    learner.export_data([field_name])
                self.assertNotIn(field_name, learner.fields_get())

    def test_auditor_cannot_guess_usi_or_birth_date_by_searching(self):
        credentials = self.issued.with_user(self.auditor)
        guesses = (
            ("partner_id.lrm_usi", "=", "ABCDEFGH23"),
            ("partner_id.lrm_usi", "=like", "A%"),
            ("partner_id.lrm_birth_date", ">", "1990-01-01"),
            ("enrolment_id.partner_id.lrm_usi", "=", "ABCDEFGH23"),
        )
        for guess in guesses:
            with self.subTest(guess), self.assertRaises(AccessError):
                credentials.search([guess])

    def test_auditor_cannot_group_or_sort_by_birth_date(self):
        learners = self.enrolment.partner_id.with_user(self.auditor)
        with self.assertRaises(AccessError):
            learners._read_group([], ["lrm_birth_date:year"])
        with self.assertRaises(AccessError):
            learners.search([], order="lrm_birth_date", limit=1)

    def test_auditor_changes_nothing(self):
        for model, record in self._one_of_each().items():
            record = record.with_user(self.auditor)
            with self.subTest(model):
                with self.assertRaises(AccessError):
                    record.check_access("write")
                with self.assertRaises(AccessError):
                    record.check_access("create")
                with self.assertRaises(AccessError):
                    record.check_access("unlink")

    def test_auditor_requests_nothing(self):
        with self.assertRaises(AccessError):
            self._request(self.enrolment, user=self.auditor)
        with self.assertRaises(AccessError):
            self.env["lrm.credential.request"].with_user(self.auditor).create({})
        with self.assertRaises(AccessError):
            self.env["lrm.course.offer.enrol"].with_user(self.auditor).create({})

    def test_auditor_changes_no_learner(self):
        learner = self.enrolment.partner_id.with_user(self.auditor)
        with self.assertRaises(AccessError):
            learner.lrm_previous_name = "Mine"

    def test_auditor_neither_previews_nor_issues_nor_cancels(self):
        for action in ("action_preview", "action_issue", "action_cancel"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(self.requested.with_user(self.auditor), action)()

    def test_auditor_writes_no_message(self):
        for record in (self.requested, self.issued, self.enrolment):
            with self.subTest(record.display_name), self.assertRaises(AccessError):
                record.with_user(self.auditor).message_post(body="I was here")

    def test_auditor_attaches_nothing(self):
        for record in (self.requested, self.issued, self.enrolment):
            with self.subTest(record.display_name), self.assertRaises(AccessError):
                self.env["ir.attachment"].with_user(self.auditor).create(
                    {
                        "name": "note.txt",
                        "raw": b"I was here",
                        "res_model": record._name,
                        "res_id": record.id,
                    }
                )

    def test_auditor_plans_no_activity(self):
        with self.assertRaises(AccessError):
            self.issued.with_user(self.auditor).activity_schedule(
                "mail.mail_activity_data_todo", summary="I was here"
            )


# An issued credential is neither edited nor deleted, on whatever road.
class TestIssuedIsFinal(SecurityCommon):
    def _roads(self):
        """{who: the issued credential in that environment}"""
        return {
            "requester": self.issued.with_user(self.requester),
            "admin": self.issued.with_user(self.admin),
            "forced": self.issued.with_user(self.admin).with_context(
                _force_unlink=True
            ),
            "forged seal": self.issued.with_user(self.admin).with_context(
                lrm_seal=True
            ),
            "superuser": self.issued.with_user(self.env.ref("base.user_root")),
            "superuser, forced": self.issued.sudo().with_context(_force_unlink=True),
        }

    def test_issued_credential_cannot_be_deleted(self):
        for who, issued in self._roads().items():
            with self.subTest(who), self.assertRaises(UserError):
                issued.unlink()
        self.assertTrue(self.issued.exists())

    def test_cancelled_credential_cannot_be_deleted(self):
        self._cancel(self.issued)
        for who, issued in self._roads().items():
            with self.subTest(who), self.assertRaises(UserError):
                issued.unlink()

    def test_requests_are_not_deleted_with_an_issued_one(self):
        with self.assertRaises(UserError):
            (self.requested | self.issued).with_user(self.admin).unlink()
        self.assertTrue(self.requested.exists())

    def test_issued_credential_cannot_be_edited(self):
        other = self._create_enrolment()
        values = {
            "template_id": self.statement.id,
            "credential_date": "2025-12-02",
            "issuing_officer_id": False,
            "request_reason": "Changed",
            "enrolment_id": other.id,
            "partner_id": other.partner_id.id,
            "is_test": True,
            "number": "9999999999",
            "state": "requested",
            "document": base64.b64encode(b"%PDF-forged"),
            "document_data": {},
            "document_sha256": "0" * 64,
            "is_final": False,
            "issued_at": "2020-01-01 00:00:00",
            "status_reason": "Changed",
        }
        for who, issued in self._roads().items():
            for field_name, value in values.items():
                with (
                    self.subTest(who=who, field=field_name),
                    self.assertRaises(UserError),
                ):
                    issued.write({field_name: value})

    def test_nothing_it_rests_on_can_be_deleted(self):
        records = {
            "enrolment": self.enrolment,
            "offer": self.offer,
            "course": self.course,
            "learner": self.enrolment.partner_id,
            "template": self.certificate,
            "layout": self.certificate.report_id,
            "officer": self.officer,
        }
        for name, record in records.items():
            with self.subTest(name), self.assertRaises(UserError):
                record.sudo().unlink()

    def test_company_cannot_be_deleted(self):
        enrolment = self._in_own_company()
        self.admin.company_ids += enrolment.company_id
        enrolment.company_id.write({"lrm_rto_code": "45998"})
        enrolment.partner_id.lrm_usi_status = "verified"
        credential = self._request(enrolment, user=self.admin)
        self._issue(credential)
        self.assertEqual(credential.state, "issued")
        self.admin.company_ids -= enrolment.company_id
        with self.assertRaisesRegex(UserError, "must be kept"):
            enrolment.company_id.unlink()
        self.env.invalidate_all()
        self.assertTrue(credential.exists())

    def test_database_itself_keeps_credentials_that_are_in_the_ledger(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._sql("DELETE FROM lrm_credential WHERE id = %s", self.issued.id)

    def test_database_itself_wants_a_document_of_each_issued_credential(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._sql(
                "UPDATE lrm_credential SET state = 'issued' WHERE id = %s",
                self.requested.id,
            )

    def test_notes_may_be_written_on_an_issued_credential(self):
        note = self.issued.with_user(self.requester).message_post(body="Posted today")
        self.assertIn("Posted today", note.body)

    def test_issued_credential_may_be_written_with_nothing(self):
        self.issued.sudo().write({})
        self.assertEqual(self.issued.state, "issued")


class TestSealedDocument(SecurityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.content = cls._bytes(cls.issued)
        cls.attachment = cls._attachment(cls.issued)
        cls.forgery = b"%PDF-1.4 forged"

    def _users(self):
        return {
            "requester": self.env(user=self.requester),
            "admin": self.env(user=self.admin),
            "superuser": self.env(su=True),
        }

    def _assert_refused(self, attempt):
        """`attempt` (a function of an environment) is refused to everybody."""
        for who, env in self._users().items():
            with self.subTest(who), self.assertRaises(UserError):
                attempt(env)
        self.env.invalidate_all()
        self.assertEqual(self._attachment(self.issued), self.attachment)
        self.assertEqual(self.attachment.raw, self.content)
        self.assertFalse(self._attachment(self.requested))

    def test_document_cannot_be_overwritten(self):
        for values in (
            {"raw": self.forgery},
            {"datas": base64.b64encode(self.forgery)},
            {"db_datas": self.forgery},
            {"store_fname": "00/0000"},
            {"type": "url", "url": "https://example.com/forged.pdf"},
        ):
            with self.subTest(next(iter(values))):
                self._assert_refused(
                    lambda env, vals=values: self.attachment.with_env(env).write(vals)
                )

    def test_document_cannot_be_taken_away(self):
        for values in (
            {"res_id": self.requested.id},
            {"res_field": False},
            {"res_model": "res.partner"},
            {"public": True},
            {"name": "other.pdf"},
        ):
            with self.subTest(next(iter(values))):
                self._assert_refused(
                    lambda env, vals=values: self.attachment.with_env(env).write(vals)
                )

    def test_document_keeps_its_type_when_the_same_bytes_are_written(self):
        try:
            self.attachment.sudo().write({"raw": self.content, "mimetype": "text/html"})
        except UserError:
            pass
        self.attachment.invalidate_recordset()
        self.assertEqual(self.attachment.mimetype, "application/pdf")

    def test_document_cannot_be_removed(self):
        self._assert_refused(lambda env: self.attachment.with_env(env).unlink())

    def test_document_cannot_be_removed_by_force(self):
        self._assert_refused(
            lambda env: self.attachment.with_env(env)
            .with_context(_force_unlink=True)
            .unlink()
        )

    def test_second_document_cannot_be_added(self):
        for credential in (self.issued, self.requested):
            with self.subTest(credential.state):
                self._assert_refused(
                    lambda env, credential=credential: env["ir.attachment"].create(
                        {
                            "name": "forged.pdf",
                            "raw": self.forgery,
                            "res_model": "lrm.credential",
                            "res_field": "document",
                            "res_id": credential.id,
                        }
                    )
                )

    def test_second_document_cannot_be_added_by_defaults(self):
        self._assert_refused(
            lambda env: env["ir.attachment"]
            .with_context(
                default_res_model="lrm.credential",
                default_res_field="document",
                default_res_id=self.issued.id,
            )
            .create({"name": "forged.pdf", "raw": self.forgery})
        )

    def test_document_cannot_be_copied_onto_a_credential(self):
        self._assert_refused(lambda env: self.attachment.with_env(env).copy())

    def test_attachment_cannot_be_moved_onto_a_credential(self):
        def move(env):
            attachment = env["ir.attachment"].create(
                {"name": "forged.pdf", "raw": self.forgery}
            )
            attachment.write(
                {
                    "res_model": "lrm.credential",
                    "res_field": "document",
                    "res_id": self.issued.id,
                }
            )

        self._assert_refused(move)

    def test_attachment_cannot_be_moved_onto_a_credential_in_steps(self):
        def move(env):
            attachment = env["ir.attachment"].create(
                {
                    "name": "forged.pdf",
                    "raw": self.forgery,
                    "res_model": "lrm.credential",
                    "res_id": self.requested.id,
                }
            )
            attachment.write({"res_field": "document"})
            attachment.write({"res_id": self.issued.id})

        self._assert_refused(move)

    def test_seal_cannot_be_sent_by_a_caller(self):
        self._assert_refused(
            lambda env: self.attachment.with_env(env)
            .with_context(lrm_seal=True)
            .write({"raw": self.forgery})
        )

    def test_files_may_be_attached_to_a_credential(self):
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.requester)
            .create(
                {
                    "name": "letter.txt",
                    "raw": b"A letter",
                    "res_model": "lrm.credential",
                    "res_id": self.requested.id,
                }
            )
        )
        attachment.unlink()
        self.assertFalse(attachment.exists())

    def test_moving_all_files_to_another_storage_keeps_the_document(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        self.attachment.sudo()._migrate()
        self.attachment.invalidate_recordset()
        self.assertEqual(self.attachment.raw, self.content)


# What a caller puts in the context changes nothing of what is made.
class TestHostileContext(SecurityCommon):
    def _hostile(self, records, **context):
        return records.with_user(self.admin).with_context(**context)

    def _wizard(self, credentials, **context):
        wizards = self._hostile(self.env["lrm.credential.issue"], **context)
        return wizards.create(
            {
                "credential_ids": [Command.set(credentials.ids)],
                "final": "no",
                "status_reason": "Because",
            }
        )

    def _page(self, **context):
        """The HTML of the requested credential."""
        reports = self._hostile(self.env["ir.actions.report"], **context)
        report = self.requested.template_id.report_id.report_name
        return reports._render_qweb_html(report, self.requested.ids)[0]

    def test_document_is_whole_whatever_the_context(self):
        for key in ("bin_size", "bin_size_document", "bin_size_signature"):
            with self.subTest(key):
                credential = self._request(self.enrolment)
                self._wizard(credential, **{key: True}).action_issue()
                content = self._bytes(credential)
                self.assertIn("Ana Lee", pdf_pages(content)[0])
                self.assertEqual(
                    credential.document_sha256, hashlib.sha256(content).hexdigest()
                )

    def test_stored_documents_are_whole_whatever_the_context(self):
        issued = self._hostile(self.issued, bin_size=True, bin_size_document=True)
        self.assertEqual(
            issued._stored_documents()[issued.id], self._bytes(self.issued)
        )

    def test_signature_is_printed_whatever_the_context(self):
        for key in ("bin_size", "bin_size_signature"):
            with self.subTest(key):
                self.env.invalidate_all()
                self.assertIn(PIXEL, self._page(**{key: True}))

    def test_artwork_is_printed_whatever_the_context(self):
        self.company.lrm_seal = PIXEL
        self.officer.signature = False
        for key in ("bin_size", "bin_size_lrm_seal"):
            with self.subTest(key):
                self.env.invalidate_all()
                self.assertIn(PIXEL, self._page(**{key: True}))

    def test_issue_is_noted_whatever_the_context(self):
        credential = self._request(self.enrolment)
        self._wizard(credential, tracking_disable=True).action_issue()
        self.assertIn("Issued.", credential.message_ids[0].body)

    def test_issue_stores_what_is_true_whatever_the_defaults(self):
        credential = self._request(self.enrolment)
        context = {
            "default_state": "done",
            "default_kind": "preview",
            "default_is_final": True,
            "default_user_id": self.requester.id,
            "default_message": "Forged",
            "default_res_model": "res.partner",
            "default_res_field": "image_1920",
            "default_public": True,
            "default_event": "cancelled",
        }
        wizard = self._wizard(credential, **context)
        action = wizard.with_context(**context).action_issue()
        run = self.env["lrm.credential.run"].browse(action["res_id"])
        self.assertRecordValues(
            run, [{"kind": "issue", "is_final": False, "user_id": self.admin.id}]
        )
        self.assertEqual(self._results(run), {credential: "done"})
        self.assertFalse(self._attachment(credential).public)
        self.assertFalse(credential.is_final)

    def test_preview_is_watermarked_whatever_the_context(self):
        action = self._hostile(
            self.requested, default_kind="issue", default_state="done"
        ).action_preview()
        run = self.env["lrm.credential.run"].browse(action["res_id"])
        self.assertEqual(run.kind, "preview")
        [page] = pdf_pages(self._bytes(run.line_ids))
        self.assertIn("preview", page.lower())

    def test_language_of_the_caller_does_not_change_the_document(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        credential = self._request(self.enrolment)
        self._wizard(credential, lang="fr_FR").action_issue()
        self.assertEqual(credential.document_data["language"][:2], "en")
        self.assertIn("1 December 2025", pdf_pages(self._bytes(credential))[0])


# What `/report/pdf`, `/report/html` and `/report/text` call.
class TestReportRoutes(SecurityCommon):
    def _render(self, kind, credentials, user):
        reports = self.env["ir.actions.report"].with_user(user)
        render = getattr(reports, f"_render_qweb_{kind}")
        content, _type = render(
            credentials.template_id[:1].report_id.report_name, credentials.ids
        )
        return content

    def test_no_clean_copy_of_a_request_for_anyone(self):
        for user in (self.requester, self.auditor, self.admin):
            with (
                self.subTest(user.login),
                self.assertRaisesRegex(UserError, "has not been issued"),
            ):
                self._render("pdf", self.requested, user)

    def test_no_page_of_a_request_for_requester_and_auditor(self):
        for user in (self.requester, self.auditor):
            for kind in ("html", "text"):
                with (
                    self.subTest(user=user.login, kind=kind),
                    self.assertRaisesRegex(AccessError, "Only LRM admins preview"),
                ):
                    self._render(kind, self.requested, user)

    def test_page_for_an_admin_is_watermarked(self):
        for credential in (self.requested, self.issued):
            for kind in ("html", "text"):
                with self.subTest(state=credential.state, kind=kind):
                    html = self._render(kind, credential, self.admin)
                    self.assertIn(b"PREVIEW", html)

    def test_pdf_of_an_issued_credential_is_the_stored_one(self):
        for user in (self.requester, self.auditor, self.admin):
            with self.subTest(user.login):
                self.assertEqual(
                    pdf_pages(self._render("pdf", self.issued, user)),
                    pdf_pages(self._bytes(self.issued)),
                )

    def test_pdf_of_an_issued_credential_does_not_follow_the_records(self):
        self.enrolment.partner_id.name = "Ana Wong"
        [page] = pdf_pages(self._render("pdf", self.issued, self.requester))
        self.assertIn("Ana Lee", page)

    def test_request_beside_an_issued_credential_is_refused(self):
        with self.assertRaises(UserError):
            self._render("pdf", self.issued | self.requested, self.admin)

    def test_pdf_is_refused_to_other_companies(self):
        company = self._in_own_company().company_id
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=company.id,
            company_ids=company.ids,
        )
        for kind in ("pdf", "html"):
            with self.subTest(kind), self.assertRaises(AccessError):
                self._render(kind, self.issued, stranger)

    def test_reports_are_not_in_the_print_menu(self):
        reports = self.env["ir.actions.report"].search(
            [("model", "=", "lrm.credential")]
        )
        self.assertTrue(reports)
        self.assertFalse(reports.binding_model_id)


class TestCompanies(SecurityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._in_own_company()
        cls.stranger = new_test_user(
            cls.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin,lrm_credentials.group_lrm_auditor",
            company_id=cls.other.company_id.id,
            company_ids=cls.other.company_id.ids,
        )

    def test_all_models_are_looked_at(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("lrm.") and not (model._transient or model._abstract)
        }
        self.assertEqual(models, set(LRM_MODELS))

    def test_records_of_another_company_are_not_seen(self):
        for model, record in self._one_of_each().items():
            if not record.sudo()._fields.get("company_id") or not record.company_id:
                continue  # shared by all companies
            with self.subTest(model):
                found = record.with_user(self.stranger).search(
                    [("company_id", "=", self.company.id)]
                )
                self.assertFalse(found)
                with self.assertRaises(AccessError):
                    record.with_user(self.stranger).read(["id"])

    def test_catalogue_of_another_company_is_not_seen(self):
        private = (
            self.units[0].copy({"code": "OWN", "company_id": self.company.id}),
            self.course.copy({"code": "OWN", "company_id": self.company.id}),
            self.certificate.copy({"company_id": self.company.id}),
        )
        for record in private:
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.stranger).read(["name"])

    def test_credential_for_another_company_cannot_be_requested(self):
        with self.assertRaises(AccessError):
            self._request(self.enrolment, user=self.stranger)

    def test_each_company_has_a_ledger_of_its_own(self):
        self.other.partner_id.lrm_usi_status = "verified"
        credential = self._request(self.other, user=self.stranger)
        self._issue(credential, user=self.stranger)
        entry = (
            self.env["lrm.register.entry"]
            .with_user(self.stranger)
            .search([("credential_id", "=", credential.id)])
        )
        self.assertEqual(entry.company_id, self.other.company_id)
        self.assertEqual((entry.sequence, entry.previous_hash or ""), (1, ""))


class TestLedger(SecurityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._request(cls._create_enrolment(cls._create_learner("Ben")))
        cls._issue(cls.second)
        cls._cancel(cls.second, "Wrong name printed")
        cls.entries = cls.env["lrm.register.entry"].search(
            [("company_id", "=", cls.company.id)], order="sequence"
        )
        cls.entry = cls.entries.filtered(
            lambda entry: entry.credential_id == cls.issued
        )

    def _problems(self):
        self.env.invalidate_all()
        entries = self.env["lrm.register.entry"].with_user(self.auditor)
        return entries._integrity_problems(self.company)

    def test_each_event_is_one_entry(self):
        entries = self.entries.filtered(lambda e: e.credential_id == self.second)
        self.assertEqual(entries.mapped("event"), ["issued", "cancelled"])

    def test_entry_says_what_by_whom_and_when(self):
        self.assertRecordValues(
            self.entry,
            [
                {
                    "number": self.issued.number,
                    "user_id": self.admin.id,
                    "company_id": self.company.id,
                }
            ],
        )

    def test_sequence_has_no_gap(self):
        sequences = self.entries.mapped("sequence")
        self.assertEqual(
            sequences, list(range(sequences[0], sequences[0] + len(sequences)))
        )

    def test_several_credentials_of_one_issue_are_chained(self):
        credentials = self._request([self._create_enrolment() for _n in range(3)])
        self._issue(credentials)
        self.assertEqual(self._problems(), [])
        entries = self.entry.search([("credential_id", "in", credentials.ids)])
        self.assertEqual(len(set(entries.mapped("previous_hash"))), 3)

    def test_chain_can_be_recomputed_by_anyone(self):
        previous = self.entries[0].previous_hash or ""
        for entry in self.entries:
            sealed = f"{previous}\n{entry.payload}".encode()
            expected = "$1$" + hashlib.sha256(sealed).hexdigest()
            self.assertEqual(entry.previous_hash or "", previous)
            self.assertEqual(entry.hash, expected)
            previous = expected

    def test_payload_is_canonical(self):
        payload = json.loads(self.entry.payload)
        canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"))
        self.assertEqual(self.entry.payload, canonical)

    def test_payload_names_the_pdf_and_a_salted_digest_of_the_data(self):
        payload = json.loads(self.entry.payload)
        data = json.dumps(
            self.issued.document_data, sort_keys=True, separators=(",", ":")
        )
        salted = self.issued.sudo().document_salt + data
        self.assertEqual(
            payload["document"], hashlib.sha256(salted.encode()).hexdigest()
        )
        self.assertEqual(
            payload["pdf"], hashlib.sha256(self._bytes(self.issued)).hexdigest()
        )

    def test_payload_has_no_personal_data(self):
        learner = self.enrolment.partner_id
        for value in (
            "Ana",
            "Lee",
            learner.lrm_usi,
            "1994",
            learner.lrm_learner_number,
        ):
            with self.subTest(value):
                self.assertNotIn(value, self.entry.payload)

    def test_salt_is_nobodys_to_read(self):
        for user in (self.requester, self.auditor, self.admin):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.issued.with_user(user).read(["document_salt"])

    def test_entries_are_made_by_this_addon_only(self):
        values = self.entry.copy_data()[0] | {"sequence": 999}
        for env in (self.env(user=self.admin), self.env(su=True)):
            entries = env["lrm.register.entry"]
            for context in ({}, {"lrm_seal": True}):
                with self.subTest(su=env.su, context=context):
                    with self.assertRaises(UserError):
                        entries.with_context(**context).create(values)

    def test_entries_are_never_changed(self):
        for env in (self.env(user=self.admin), self.env(su=True)):
            for values in ({"payload": "{}"}, {"hash": "$1$0"}, {"event": "cancelled"}):
                with self.subTest(su=env.su, values=values):
                    with self.assertRaises(UserError):
                        self.entry.with_env(env).write(values)

    def test_entries_are_never_removed(self):
        for env in (self.env(user=self.admin), self.env(su=True)):
            for context in ({}, {"_force_unlink": True}, {"lrm_seal": True}):
                with self.subTest(su=env.su, context=context):
                    with self.assertRaises(UserError):
                        self.entry.with_env(env).with_context(**context).unlink()

    def test_end_of_the_chain_is_not_writable(self):
        head = self.env["lrm.register.head"].search(
            [("company_id", "=", self.company.id)]
        )
        with self.assertRaises(AccessError):
            head.with_user(self.admin).write({"sequence": 0})
        with self.assertRaises(AccessError):
            head.with_user(self.admin).unlink()

    def test_nothing_is_wrong_after_issue_and_cancel(self):
        self.assertEqual(self._problems(), [])

    def test_nothing_is_wrong_after_the_records_changed(self):
        self.enrolment.partner_id.name = "Ana Wong"
        self.enrolment.unit_enrolment_ids.outcome_id = self.not_competent
        self.assertEqual(self._problems(), [])

    def _assert_found(self, number):
        """The entry or credential of this number is named."""
        problems = self._problems()
        self.assertTrue(problems)
        self.assertIn(str(number), " ".join(problems))

    def test_changed_payload_is_found(self):
        for payload in (
            self.entry.payload.replace(self.issued.number, "9999999999"),
            "{}",
            "not JSON",
        ):
            with self.subTest(payload):
                self._sql(
                    "UPDATE lrm_register_entry SET payload = %s WHERE id = %s",
                    payload,
                    self.entry.id,
                )
                self._assert_found(self.entry.sequence)

    def test_changed_payload_with_a_matching_hash_is_found(self):
        payload = self.entry.payload.replace('"is_final":true', '"is_final":false')
        self.assertNotEqual(payload, self.entry.payload)
        sealed = f"{self.entry.previous_hash or ''}\n{payload}".encode()
        self._sql(
            "UPDATE lrm_register_entry SET payload = %s, hash = %s WHERE id = %s",
            payload,
            "$1$" + hashlib.sha256(sealed).hexdigest(),
            self.entry.id,
        )
        self._assert_found(self.entry.sequence + 1)

    def test_changed_columns_of_an_entry_are_found(self):
        for column, value in (
            ("event", "cancelled"),
            ("number", "9999999999"),
            ("user_id", self.requester.id),
            ("date", "2020-01-01 00:00:00"),
        ):
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                self._sql(
                    "UPDATE lrm_register_entry SET %s = %s WHERE id = %s",
                    SQL.identifier(column),
                    value,
                    self.entry.id,
                )
                self._assert_found(self.entry.sequence)
                savepoint.rollback()

    def test_missing_entry_is_found(self):
        sequence = self.entry.sequence
        self._sql("DELETE FROM lrm_register_entry WHERE id = %s", self.entry.id)
        self._assert_found(sequence)

    def test_missing_last_entry_is_found(self):
        last = self.entries[-1]
        sequence = last.sequence
        self._sql("DELETE FROM lrm_register_entry WHERE id = %s", last.id)
        self._assert_found(sequence)

    def test_issued_credential_without_entry_is_found(self):
        # Somebody took the last entry away and put the end of the chain back.
        credential = self._request(self._create_enrolment())
        self._issue(credential)
        self._sql(
            "UPDATE lrm_register_head SET sequence = %s, hash = %s "
            "WHERE company_id = %s",
            self.entries[-1].sequence,
            self.entries[-1].hash,
            self.company.id,
        )
        self._sql(
            "DELETE FROM lrm_register_entry WHERE credential_id = %s", credential.id
        )
        self._assert_found(credential.number)

    def test_changed_pdf_is_found(self):
        self._sql(
            "UPDATE ir_attachment SET store_fname = NULL, db_datas = %s WHERE id = %s",
            b"%PDF-1.4 forged",
            self._attachment(self.issued).id,
        )
        self._assert_found(self.issued.number)

    def test_missing_pdf_is_found(self):
        self._sql(
            "DELETE FROM ir_attachment WHERE id = %s", self._attachment(self.issued).id
        )
        self._assert_found(self.issued.number)

    def test_second_pdf_is_found(self):
        attachment = self.env["ir.attachment"].create(
            {"name": "forged.pdf", "raw": b"%PDF-1.4 forged"}
        )
        self._sql(
            "UPDATE ir_attachment SET res_model = 'lrm.credential', res_id = %s, "
            "res_field = 'document' WHERE id = %s",
            self.issued.id,
            attachment.id,
        )
        self._assert_found(self.issued.number)

    def test_edited_credential_is_found(self):
        for column, value in (
            ("number", "9999999999"),
            ("credential_date", "2020-01-01"),
            ("is_final", False),
            ("document_sha256", "0" * 64),
            ("document_data", "{}"),
            ("document_salt", "known"),
        ):
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                self._sql(
                    "UPDATE lrm_credential SET %s = %s WHERE id = %s",
                    SQL.identifier(column),
                    value,
                    self.issued.id,
                )
                self._assert_found(value if column == "number" else self.issued.number)
                savepoint.rollback()

    def test_cancelled_credential_made_issued_again_is_found(self):
        self._sql(
            "UPDATE lrm_credential SET state = 'issued', cancelled_at = NULL "
            "WHERE id = %s",
            self.second.id,
        )
        self._assert_found(self.second.number)
