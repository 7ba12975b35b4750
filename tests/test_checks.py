"""What prevents issue, or speaks against it: one test for each check."""

from unittest.mock import patch

from freezegun import freeze_time
from markupsafe import escape

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from odoo.addons.lrm_credentials.report import letters

from .common import PIXEL, CredentialCommon


class TestChecks(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.units = cls.enrolment.unit_enrolment_ids
        cls.transcript = cls._create_transcript_template()
        cls.letter = cls._create_template("Letter", "letter")

    def _refusals(self, credentials):
        """The sentences that refuse one credential, for an LRM admin."""
        credentials = credentials.with_user(self.admin)
        documents = {
            credential.id: credential._document() for credential in credentials
        }
        return credentials._refusals(documents).get(credentials[:1].id, [])

    def _assert_refused(self, sentence, template=None, enrolment=None, **values):
        credential = self._request(enrolment or self.enrolment, template, **values)
        sentences = self._refusals(credential)
        self.assertEqual(len(sentences), 1, sentences)
        self.assertRegex(sentences[0], sentence)

    def _assert_passes(self, template=None, enrolment=None, **values):
        credential = self._request(enrolment or self.enrolment, template, **values)
        self.assertEqual(self._refusals(credential), [])

    def _enrolment_in(self, kind):
        course = self.course.copy({"code": kind.upper(), "kind": kind})
        offer = self.offer.copy({"code": kind.upper(), "course_id": course.id})
        return self._create_enrolment(offer=offer)

    def test_nothing_is_refused_when_all_is_in_order(self):
        for template in (
            self.certificate,
            self.statement,
            self.transcript,
            self.letter,
        ):
            with self.subTest(template.name):
                self._assert_passes(template)

    def test_requester_sees_what_prevents_issue(self):
        credential = self._request(self.enrolment)
        self.assertFalse(credential.problems)
        self.enrolment.write({"hold": True, "hold_reason": "Fees outstanding"})
        credential.invalidate_recordset(["problems"])
        self.assertIn("on hold: Fees outstanding", credential.problems)

    def test_only_the_faulty_one_of_several_is_refused(self):
        held = self._create_enrolment(hold=True, hold_reason="Fees outstanding")
        credentials = self._request(held | self.enrolment)
        documents = {c.id: c._document() for c in credentials}
        self.assertEqual(list(credentials._refusals(documents)), [credentials[0].id])

    def test_issued_credential_is_refused(self):
        credential = self._request(self.enrolment)
        self._issue(credential)
        self.assertIn("It is issued already.", self._refusals(credential))

    def test_cancelled_credential_is_refused(self):
        credential = self._request(self.enrolment)
        self._issue(credential)
        self._cancel(credential)
        self.assertIn("It is cancelled already.", self._refusals(credential))

    def test_australian_issuer_without_rto_code_is_refused(self):
        self.company.lrm_rto_code = False
        self._assert_refused("has no RTO Code: an LRM admin enters it")

    def test_generic_issuer_needs_no_rto_code(self):
        self.company.write({"lrm_rto_code": False, "lrm_profile": "generic"})
        self._assert_passes()

    def test_learner_without_a_name_is_refused(self):
        self.enrolment.partner_id.write({"name": " ", "lrm_usi_status": "verified"})
        self._assert_refused("has no name to print")

    def test_name_on_credentials_stands_for_a_missing_name(self):
        self.enrolment.partner_id.write(
            {"name": " ", "lrm_credential_name": "Ana", "lrm_usi_status": "verified"}
        )
        self._assert_passes()

    def test_certificate_of_credit_transfers_says_something_without_units(self):
        self.units.outcome_id = self.env.ref("lrm_credentials.outcome_national_60")
        self._change_template(
            self.certificate, units_printed="competent", leaves_out_transfers=True
        )
        self._assert_passes()

    def test_statement_that_leaves_out_all_units_is_refused(self):
        self.units.outcome_id = self.env.ref("lrm_credentials.outcome_national_60")
        for template in (self.statement, self.transcript):
            self._change_template(template, leaves_out_transfers=True)
            self._assert_refused("all units are credit transfers", template)

    def test_letter_that_says_completed_is_refused_before(self):
        self.enrolment.write({"state": "enrolled", "date_completed": False})
        self._assert_refused("not completed", self.letter)
        self._change_template(self.letter, opening="{learner.name} is enrolled.")
        self._assert_passes(self.letter)

    def test_enrolment_on_hold_is_refused_with_its_reason(self):
        self.enrolment.write({"hold": True, "hold_reason": "Fees outstanding"})
        self._assert_refused("on hold: Fees outstanding")

    def test_certificate_for_something_else_than_a_qualification_is_refused(self):
        for kind in ("skill_set", "unit"):
            with self.subTest(kind):
                self._assert_refused(
                    "is not a qualification: request a",
                    enrolment=self._enrolment_in(kind),
                )

    def test_short_course_leads_to_no_aqf_document(self):
        enrolment = self._enrolment_in("short")
        for template in (self.certificate, self.statement):
            with self.subTest(template.name):
                self._assert_refused("not nationally recognised", template, enrolment)
        self._assert_passes(self.letter, enrolment)

    def test_certificate_for_an_accredited_course_passes(self):
        self._assert_passes(enrolment=self._enrolment_in("accredited"))

    def test_certificate_for_any_course_passes_in_the_generic_profile(self):
        self.company.lrm_profile = "generic"
        self._assert_passes(enrolment=self._enrolment_in("short"))

    def test_document_of_attainment_without_competent_unit_is_refused(self):
        self.course.packaging_count = 0
        self.units.outcome_id = self.not_competent
        for template in (self.certificate, self.statement):
            with self.subTest(template.name):
                self._assert_refused("no unit has an outcome", template)

    def test_unit_without_outcome_is_not_competent(self):
        self.units.outcome_id = False
        self._assert_refused("Nothing competent to print", self.statement)

    def test_one_competent_unit_is_enough_for_a_statement(self):
        self.units[1:].outcome_id = self.not_competent
        self._assert_passes(self.statement)

    def test_any_template_that_prints_competent_units_needs_one(self):
        self.units.outcome_id = self.not_competent
        self._change_template(self.letter, units_printed="competent")
        self._assert_refused("Nothing competent to print", self.letter)

    def test_record_of_results_prints_units_of_any_outcome(self):
        self.units.outcome_id = self.not_competent
        self._assert_passes(self.transcript)

    def test_record_of_results_without_units_is_refused(self):
        self.units.unlink()
        self._assert_refused("the enrolment has no units", self.transcript)

    def test_letter_needs_no_units(self):
        self.units.unlink()
        self._assert_passes(self.letter)

    def test_certificate_before_completion_of_the_course_is_refused(self):
        for state in ("enrolled", "completion_pending", "withdrawn", "cancelled"):
            with self.subTest(state):
                self.enrolment.state = state
                self._assert_refused("course is not completed")

    def test_statement_needs_no_completed_course(self):
        self.enrolment.state = "withdrawn"
        self._assert_passes(self.statement)

    def test_certificate_with_too_few_competent_units_is_refused(self):
        self.units[0].outcome_id = self.not_competent
        self._assert_refused("Only 2 of the 3 required units are competent")

    def test_learner_without_usi_is_refused(self):
        self.enrolment.partner_id.lrm_usi = False
        for template in (self.certificate, self.statement):
            with self.subTest(template.name):
                self._assert_refused("no USI and no recorded exemption", template)

    def test_learner_with_an_exemption_needs_no_usi(self):
        self.enrolment.partner_id.write(
            {"lrm_usi": False, "lrm_usi_exemption": "individual"}
        )
        self._assert_passes()

    def test_unverified_usi_is_refused(self):
        self.enrolment.partner_id.lrm_usi_status = "unverified"
        self._assert_refused("USI is not verified")

    def test_usi_is_not_told_in_the_refusal(self):
        usi = self.enrolment.partner_id.lrm_usi
        self.enrolment.partner_id.lrm_usi_status = "unverified"
        sentences = self._refusals(self._request(self.enrolment))
        self.assertNotIn(usi, str(sentences))

    def test_record_of_results_needs_no_usi(self):
        self.enrolment.partner_id.lrm_usi = False
        self._assert_passes(self.transcript)

    def test_short_course_needs_no_usi(self):
        enrolment = self._enrolment_in("short")
        enrolment.partner_id.lrm_usi = False
        refusals = self._refusals(self._request(enrolment, self.statement))
        self.assertNotIn("USI", str(refusals))

    def test_generic_profile_needs_no_usi(self):
        self.company.lrm_profile = "generic"
        self.enrolment.partner_id.lrm_usi = False
        self._assert_passes()

    def test_date_that_is_in_the_future_is_refused(self):
        credential = self._request(self.enrolment)
        with freeze_time("2025-11-25 12:00:00"):
            self.assertIn(
                "The credential date is in the future.", self._refusals(credential)
            )

    def test_certificate_dated_before_completion_is_refused(self):
        self._assert_refused(
            "before completion on 2025-11-20", credential_date="2025-11-19"
        )

    def test_certificate_dated_on_the_day_of_completion_passes(self):
        self._assert_passes(credential_date="2025-11-20")

    def test_statement_dated_before_its_last_unit_is_refused(self):
        self.units[2].date_end = "2025-11-18"
        self._assert_refused(
            "before completion on 2025-11-18",
            self.statement,
            credential_date="2025-11-17",
        )

    def test_units_that_are_not_competent_do_not_date_the_statement(self):
        self.units[2].write(
            {"date_end": "2025-11-18", "outcome_id": self.not_competent.id}
        )
        self._assert_passes(self.statement, credential_date="2025-11-17")

    def test_date_of_completion_does_not_matter_to_a_letter(self):
        self._assert_passes(self.letter, credential_date="2025-06-01")

    def test_all_reasons_are_given_at_once(self):
        self.enrolment.write({"hold": True, "hold_reason": "Fees outstanding"})
        credential = self._request(self.enrolment, credential_date="2025-11-19")
        self.assertEqual(len(self._refusals(credential)), 2)


class TestFindings(CredentialCommon):
    """What the requester is told, who may do no more than request."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.learner = cls.enrolment.partner_id
        cls.units = cls.enrolment.unit_enrolment_ids
        cls._set_address()
        cls.transcript = cls._create_transcript_template()
        cls.letter = cls._create_template("Letter", "letter")

    def _found(self, credentials):
        """{code: severity} of what is found about the first of `credentials`."""
        credentials = credentials.with_user(self.requester)
        credentials.invalidate_recordset()
        documents, errors = credentials._documents()
        self.assertFalse(errors)
        findings = credentials._findings(documents).get(credentials[:1].id, [])
        return {finding.code: finding.severity for finding in findings}

    def _assert_finds(self, code, severity, template=None, **values):
        credential = self._request(self.enrolment, template, **values)
        self.assertEqual(self._found(credential).get(code), severity)

    def _assert_finds_not(self, code, template=None, **values):
        credential = self._request(self.enrolment, template, **values)
        self.assertNotIn(code, self._found(credential))

    # ------------------------------------------------------------ the list

    def test_each_check_is_described_and_has_a_method(self):
        credentials = self.env["lrm.credential"]
        checks = credentials._pre_issue_checks()
        self.assertEqual(len({check.code for check in checks}), len(checks))
        for check in checks:
            with self.subTest(check.code):
                self.assertTrue(callable(getattr(credentials, f"_find_{check.code}")))
                self.assertTrue(check.name and check.explanation.endswith("."))
                self.assertIn(check.severity, ("refuse", "warn"))

    def test_what_may_never_be_overridden(self):
        """Design rule 7, and what no reason could make good."""
        checks = self.env["lrm.credential"]._pre_issue_checks()
        self.assertEqual(
            {check.code for check in checks if not check.is_overridable},
            {
                "state",
                "issuer_incomplete",
                "template_broken",
                "template_draft",
                "name_missing",
                "unprintable",
                "usi_printed",
                "nothing_to_print",
                "usi_missing",
                "date_future",
            },
        )

    def test_only_a_missing_record_is_found_when_all_is_in_order(self):
        expected = {self.certificate: {"record_missing": "warn"}}
        for template in (
            self.certificate,
            self.statement,
            self.transcript,
            self.letter,
        ):
            with self.subTest(template.name):
                credential = self._request(self._create_enrolment(), template)
                self.assertEqual(self._found(credential), expected.get(template, {}))

    def test_failing_check_refuses_its_own_line_only(self):
        other = self._request(self._create_enrolment())
        credentials = self._request(self.enrolment) | other
        documents = {c.id: c._document() for c in credentials}
        failures = {
            "in Python": lambda self: 1 / 0,
            "in SQL": lambda self: self.env.cr.execute("SELECT nothing"),
        }
        for name, fail in failures.items():

            def find(record, document, fail=fail):
                return fail(record) if record.id == other.id else None

            with (
                self.subTest(name),
                patch.object(type(other), "_find_deceased", find),
                mute_logger("odoo.sql_db"),
            ):
                refusals = credentials._refusals(documents)
                warnings = credentials._warnings(documents)
                self.assertFalse(refusals)
                self.assertIn("Deceased learner", str(warnings[other.id]))
                self.assertNotIn("Deceased", str(warnings[credentials[0].id]))

    def test_failing_check_that_refuses_is_a_refusal(self):
        credential = self._request(self.enrolment)
        documents = {credential.id: credential._document()}
        with patch.object(
            type(credential), "_find_on_hold", lambda record, document: 1 / 0
        ):
            [sentence] = credential._refusals(documents)[credential.id]
        self.assertIn("The check “On hold” failed: division by zero", sentence)

    # ------------------------------------------------------------ severities

    def test_template_relaxes_a_check(self):
        self.enrolment.write({"hold": True, "hold_reason": "Fees outstanding"})
        self._assert_finds("on_hold", "refuse")
        setting = self.env["lrm.credential.template.check"].with_user(self.admin)
        line = setting.create(
            {
                "template_id": self.certificate.id,
                "code": "on_hold",
                "severity": "warn",
            }
        )
        self._assert_finds("on_hold", "warn")
        self._assert_finds("on_hold", "refuse", self.statement)
        line.severity = "off"
        self._assert_finds_not("on_hold")

    def test_template_tightens_a_check(self):
        self.learner.lrm_deceased = True
        self.certificate.with_user(self.admin).check_ids = [
            Command.create({"code": "deceased", "severity": "refuse"})
        ]
        self._assert_finds("deceased", "refuse")

    def test_what_the_law_demands_cannot_be_relaxed(self):
        for check in self.env["lrm.credential"]._pre_issue_checks():
            if check.is_overridable:
                continue
            for severity in ("warn", "off"):
                with (
                    self.subTest(check.code, severity=severity),
                    self.assertRaisesRegex(ValidationError, "cannot be relaxed"),
                    self.env.cr.savepoint(),
                ):
                    self.certificate.with_user(self.admin).check_ids = [
                        Command.create({"code": check.code, "severity": severity})
                    ]

    def test_only_admins_set_severities(self):
        for user in (self.requester, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["lrm.credential.template.check"].with_user(user).create(
                    {
                        "template_id": self.certificate.id,
                        "code": "on_hold",
                        "severity": "off",
                    }
                )

    def test_form_of_a_template_explains_its_checks(self):
        with (
            Form(self.certificate.with_user(self.admin)) as form,
            form.check_ids.new() as line,
        ):
            line.code = "deceased"
            self.assertEqual(line.usual_severity, "warn")
            self.assertEqual(line.explanation, "The learner should be alive.")
            line.severity = "off"
        self.assertEqual(self.certificate.check_ids.severity, "off")

    # ------------------------------------------------------------ the document

    def test_template_whose_layout_is_gone(self):
        self._assert_finds_not("template_broken")
        self.letter.report_id = self.statement.report_id.copy(
            {"report_name": "lrm_test.nowhere"}
        )
        self._assert_finds("template_broken", "refuse", self.letter)

    def test_template_whose_layout_is_no_template(self):
        view = self.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "key": "lrm_test.broken",
                "arch": "<t t-name='lrm_test.broken'><body/></t>",
            }
        )
        self.env.cr.execute(
            "UPDATE ir_ui_view SET arch_db = %s WHERE id = %s",
            ['{"en_US": "<t><p t-if=\\"1 +\\"/></t>"}', view.id],
        )
        self.env.invalidate_all()
        self.letter.report_id = self.statement.report_id.copy({"report_name": view.key})
        self._assert_finds("template_broken", "refuse", self.letter)

    def test_draft_can_be_requested_and_previewed_but_not_issued(self):
        self.letter.title = "Letter of Praise"  # what was approved said another thing
        credential = self._request(self.enrolment, self.letter)
        self.assertEqual(self._found(credential), {"template_draft": "refuse"})
        self.assertEqual(credential.readiness, "blocked")
        line = self._preview(credential).line_ids
        self.assertEqual(line.state, "done")
        self.assertIn("Letter is a draft", line.message)
        self.assertEqual(self._issue(credential).line_ids.state, "refused")
        self.letter.with_user(self.admin).action_approve()
        self.assertEqual(self._found(credential), {})
        self.assertEqual(self._issue(credential).line_ids.state, "done")

    def test_characters_that_no_font_has(self):
        for name in ("Ana Lee", "Nguyễn Thị Minh Khuê", "Αθηνά", "محمد", "Zoe\u0301"):
            with self.subTest(name):
                self.learner.lrm_credential_name = name
                self._assert_finds_not("unprintable")
        self.learner.lrm_credential_name = "Ana \ue000 Lee"
        self._assert_finds("unprintable", "refuse")

    def test_title_that_no_font_has(self):
        self.units[0].unit_id.name = "Communicate \ue000"
        self._assert_finds("unprintable", "refuse", self.statement)
        self._assert_finds_not("unprintable")  # the certificate prints no units

    def test_without_fontconfig_nothing_is_known(self):
        with patch.object(letters, "_ranges", lambda: ()):
            self.assertEqual(letters.unprintable("\ue001"), "")

    def test_name_that_does_not_fit(self):
        for name, fits in {
            "Wilhelmina Marguerite Montgomery " * 3: True,
            "Wilhelmina Marguerite Montgomery " * 4: False,
            "Wolfeschlegelsteinhausenbergerdorff": True,
            "W" * 25: False,
        }.items():
            with self.subTest(name):
                self.learner.lrm_credential_name = name
                if fits:
                    self._assert_finds_not("too_long")
                else:
                    self._assert_finds("too_long", "refuse")

    def test_title_that_does_not_fit(self):
        self.course.name = "Diploma of " * 18
        self._assert_finds_not("too_long")
        self.course.name = "Diploma of " * 19
        self._assert_finds("too_long", "refuse")

    def test_paragraphs_that_do_not_fit(self):
        self._change_template(self.certificate, opening="a" * 250)
        self._assert_finds_not("too_long")
        self._change_template(self.certificate, closing="b")
        self._assert_finds("too_long", "refuse")

    def test_usi_in_what_is_printed(self):
        self._assert_finds_not("usi_printed")
        self.learner.lrm_credential_name = f"Ana Lee {self.learner.lrm_usi}"
        self._assert_finds("usi_printed", "refuse")

    def test_content_that_has_changed_since_the_preview(self):
        credential = self._request(self.enrolment)
        self.assertNotIn("changed_since_preview", self._found(credential))
        self._preview(credential)
        self.assertNotIn("changed_since_preview", self._found(credential))
        self.learner.lrm_credential_name = "Anna Lee"
        self.assertEqual(self._found(credential)["changed_since_preview"], "warn")
        self._preview(credential)
        self.assertNotIn("changed_since_preview", self._found(credential))

    def test_code_that_leads_nowhere(self):
        for address in (
            "http://learn.example.edu",
            "https://localhost:8069",
            "https://127.0.0.1",
            "https://192.168.1.20",
            "https://[::1]",
            "https://odoo",
            "https://odoo.local",
            "https://",
            "https://[",
        ):
            with self.subTest(address):
                self._set_address(address)
                self._assert_finds("unreachable", "warn")

    def test_code_that_is_not_there_may_lead_nowhere(self):
        self._set_address("http://localhost:8069")
        self._assert_finds_not("unreachable", self.letter)
        dummy = self.offer.copy({"code": "TRY", "is_test": True})
        sample = self._request(self._create_enrolment(offer=dummy))
        self.assertNotIn("unreachable", self._found(sample))
        self.company.lrm_verification = False
        self._assert_finds_not("unreachable")

    def test_settings_say_what_to_do_about_the_address(self):
        form = Form(self.env["lrm.settings"].with_user(self.admin))
        self.assertFalse(form.address_problem)
        self._set_address("http://localhost:8069")
        form = Form(self.env["lrm.settings"].with_user(self.admin))
        self.assertIn("http://localhost:8069", form.address_problem)
        self.assertIn("web.base.url", form.address_problem)

    # ------------------------------------------------------------ the signatory

    def test_certificate_without_an_officer(self):
        for template in (self.certificate, self.statement):
            self._assert_finds(
                "officer_missing", "refuse", template, issuing_officer_id=False
            )
        self._assert_finds_not("officer_missing")
        self._assert_finds_not("officer_missing", self.letter, issuing_officer_id=False)
        self.company.lrm_profile = "generic"
        self._assert_finds_not("officer_missing", issuing_officer_id=False)

    def test_officer_who_has_left(self):
        self._assert_finds_not("officer_gone")
        credential = self._request(self.enrolment)
        self.officer.active = False
        self.assertEqual(self._found(credential)["officer_gone"], "refuse")

    def test_officer_without_a_signature(self):
        self._assert_finds_not("signature_missing")
        self.officer.signature = False
        self._assert_finds("signature_missing", "warn")
        self.officer.signature = PIXEL
        self._assert_finds_not("signature_missing")

    def test_layout_without_a_signature_needs_none(self):
        self.officer.signature = False
        self.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "key": "lrm_test.plain",
                "arch": "<t t-name='lrm_test.plain'><body>Dear learner</body></t>",
            }
        )
        self.letter.report_id = self.statement.report_id.copy(
            {"report_name": "lrm_test.plain"}
        )
        self._assert_finds_not("signature_missing", self.letter)

    # ------------------------------------------------------------ entitlement

    def test_statement_of_credit_transfers_only(self):
        transfer = self.env.ref("lrm_credentials.outcome_national_60")
        self.units[0].outcome_id = transfer
        self._assert_finds_not("credit_transfer_only", self.statement)
        self.units.outcome_id = transfer
        self._assert_finds("credit_transfer_only", "warn", self.statement)

    def test_recognised_prior_learning_is_assessed_here(self):
        self.units.outcome_id = self.env.ref("lrm_credentials.outcome_national_51")
        self._assert_finds_not("credit_transfer_only", self.statement)

    def test_too_few_units_and_an_open_course_are_told_apart(self):
        self.units[0].outcome_id = self.not_competent
        self._assert_finds("units_short", "refuse")
        self._assert_finds_not("not_completed")
        self.units.outcome_id = self.competent
        self.enrolment.state = "enrolled"
        self._assert_finds("not_completed", "refuse")
        self._assert_finds_not("units_short")

    def test_course_off_scope(self):
        for values, is_found in (
            ({"scope_from": "2025-12-01", "scope_to": "2025-12-01"}, False),
            ({"scope_from": "2025-12-02", "scope_to": False}, True),
            ({"scope_from": False, "scope_to": "2025-11-30"}, True),
        ):
            with self.subTest(values):
                self.course.write(values)
                if is_found:
                    self._assert_finds("off_scope", "refuse")
                else:
                    self._assert_finds_not("off_scope")
                self._assert_finds_not("off_scope", self.letter)

    def test_course_superseded(self):
        self.course.superseded_on = "2025-12-02"
        self._assert_finds_not("superseded")
        self.course.superseded_on = "2025-12-01"
        self._assert_finds("superseded", "warn")

    def test_certificate_without_record_of_results(self):
        self._assert_finds("record_missing", "warn")
        self._assert_finds_not("record_missing", self.statement)
        both = self._request(self.enrolment)
        both |= self._request(self.enrolment, self.transcript)
        self.assertNotIn("record_missing", self._found(both))
        self._issue(both[1])
        self.assertNotIn("record_missing", self._found(both[0]))
        self._cancel(both[1])
        self.assertIn("record_missing", self._found(both[0]))

    def test_open_request_of_a_record_is_seen_in_the_register(self):
        credential = self._request(self.enrolment)
        self.assertIn("no record of results", credential.warnings)
        self._request(self.enrolment, self.transcript)
        credential.invalidate_recordset(["warnings"])
        self.assertFalse(credential.warnings)

    def test_second_certificate(self):
        first = self._request(self.enrolment)
        self._assert_finds_not("duplicate")
        self._issue(first)
        self._assert_finds("duplicate", "warn")
        self._assert_finds_not("duplicate", self.statement)
        self._cancel(first)
        self._assert_finds_not("duplicate")

    def test_second_one_of_a_kind_issued_or_requested_together(self):
        first = self._request(self.enrolment, self.statement)
        self._assert_finds_not("duplicate", self.transcript)
        both = first | self._request(self.enrolment, self.statement)
        self.assertEqual(self._found(both).get("duplicate"), "warn")
        self._issue(first)
        self.assertEqual(self._found(both[1]).get("duplicate"), "warn")

    def test_two_certificates_asked_for_together(self):
        landscape = self.certificate.copy({"name": "Landscape"})
        landscape.with_user(self.admin).action_approve()
        both = self._request(self.enrolment) | self._request(self.enrolment, landscape)
        run = self._preview(both)
        for credential in both:
            message = self._message(run, credential)
            self.assertIn("Another one is requested for the enrolment", message)

    def test_units_without_a_date(self):
        self._change_template(self.statement, prints_unit_dates=True)
        self._assert_finds_not("units_undated", self.statement)
        self.units[0].date_end = False
        self._assert_finds("units_undated", "warn", self.statement)
        self.units[0].outcome_id = self.not_competent
        self._assert_finds_not("units_undated", self.transcript)
        self._change_template(self.statement, prints_unit_dates=False)
        self._assert_finds_not("units_undated", self.statement)

    def test_replacement_is_no_second_certificate(self):
        first = self._request(self.enrolment)
        self._issue(first)
        new = first.with_user(self.admin)._replace("Lost", cancel_now=False)
        self.assertNotIn("duplicate", self._found(new))

    # ------------------------------------------------------------ the learner

    def test_missing_and_unverified_usi_are_told_apart(self):
        self.learner.lrm_usi_status = "unverified"
        self._assert_finds("usi_unverified", "refuse")
        self._assert_finds_not("usi_missing")
        self.learner.lrm_usi = False
        self._assert_finds("usi_missing", "refuse")
        self._assert_finds_not("usi_unverified")

    def test_interim_record_without_usi_is_only_told(self):
        self._assert_finds_not("usi_interim", self.transcript)
        self.learner.lrm_usi = False
        self._assert_finds("usi_interim", "warn", self.transcript)
        self._assert_finds_not("usi_missing", self.transcript)

    def test_record_that_goes_with_a_certificate_needs_a_usi(self):
        self.learner.lrm_usi = False
        both = self._request(self.enrolment, self.transcript)
        both |= self._request(self.enrolment)
        found = self._found(both)
        self.assertEqual(found["usi_missing"], "refuse")
        self.assertNotIn("usi_interim", found)

    def test_name_that_the_usi_was_not_verified_with(self):
        self._assert_finds_not("name_differs")
        self.learner.lrm_credential_name = "Anna Lee"
        self._assert_finds("name_differs", "warn")

    def test_verified_name_is_that_of_the_day(self):
        learner = self._create_learner(lrm_usi_status="unverified")
        self.assertFalse(learner.lrm_usi_verified_name)
        learner.with_user(self.requester).write(
            {"lrm_usi_status": "verified", "lrm_usi_verified_name": "Somebody Else"}
        )
        self.assertEqual(learner.lrm_usi_verified_name, "Ana Lee")
        learner.name = "Ana Wong"
        self.assertFalse(learner.lrm_usi_verified_name)
        learner.lrm_usi_status = "verified"
        self.assertEqual(learner.lrm_usi_verified_name, "Ana Wong")

    def test_deceased_learner(self):
        self._assert_finds_not("deceased")
        self.learner.lrm_deceased = True
        self._assert_finds("deceased", "warn")


class TestWhereFindingsAreShown(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_address()
        cls.enrolment = cls._create_enrolment()
        cls.held = cls._create_enrolment(
            cls._create_learner("Ben"), hold=True, hold_reason="Fees outstanding"
        )

    def test_request_wizard_lists_refusals_and_warnings(self):
        self.enrolment.partner_id.lrm_deceased = True
        wizards = self.env["lrm.credential.request"].with_user(self.requester)
        both = self.enrolment | self.held
        with Form(wizards.with_context(default_enrolment_ids=both.ids)) as form:
            form.credential_date = "2025-12-01"
            form.template_ids.add(self.statement)
            self.assertIn("Fees outstanding", form.problems)
            self.assertNotIn("deceased", form.problems)
            self.assertIn("The learner is deceased.", form.warnings)
            self.assertNotIn("Fees", form.warnings)

    def test_preview_tells_warnings_beside_the_documents(self):
        self.enrolment.partner_id.lrm_deceased = True
        credentials = self._request(self.enrolment | self.held, self.statement)
        run = self._preview(credentials)
        self.assertEqual(
            self._results(run), {credentials[0]: "done", credentials[1]: "refused"}
        )
        self.assertEqual(self._message(run, credentials[0]), "The learner is deceased.")
        self.assertIn("Fees outstanding", self._message(run, credentials[1]))

    def test_template_lists_all_checks_with_what_they_usually_do(self):
        listed = self.statement.with_user(self.admin).check_list
        for check in self.env["lrm.credential"]._pre_issue_checks():
            self.assertIn(escape(check.name), listed)
            self.assertIn(escape(check.explanation), listed)
        self.assertIn("Always refuses", listed)

    def test_issue_wizard_tells_what_cannot_be_put_together(self):
        credential = self._request(self.enrolment)

        def fail(_credential):
            raise ValueError("An extension went wrong")

        model = self.env.registry["lrm.credential"]
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        with patch.object(model, "_document_learner", fail):
            form = Form(wizards.with_context(default_credential_ids=credential.ids))
        with form.line_ids.edit(0) as line:
            self.assertIn("went wrong", line.message)
            self.assertFalse(line.is_overridable)

    def test_what_is_about_no_learner_is_told_once(self):
        self._set_address("http://localhost:8069")
        ben = self._create_enrolment(self._create_learner("Ben"))
        credentials = self._request(self.enrolment | ben, self.statement)
        run = self._preview(credentials)
        self.assertEqual(run.warning.count("QR codes would lead to"), 1)
        self.assertEqual(run.line_ids.mapped("message"), ["", ""])
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        form = Form(wizards.with_context(default_credential_ids=credentials.ids))
        self.assertEqual(form.warnings.count("QR codes would lead to"), 1)

    def test_requesters_are_not_told_what_only_an_admin_can_mend(self):
        self._set_address("http://localhost:8069")
        wizards = self.env["lrm.credential.request"].with_user(self.requester)
        form = Form(wizards.with_context(default_enrolment_ids=self.enrolment.ids))
        form.template_ids.add(self.statement)
        self.assertFalse(form.warnings)
        self.assertFalse(self._request(self.enrolment, self.statement).warnings)

    def test_issue_wizard_tells_both(self):
        self.enrolment.partner_id.lrm_deceased = True
        credentials = self._request(self.enrolment | self.held, self.statement)
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        with Form(wizards.with_context(default_credential_ids=credentials.ids)) as form:
            form.final = "no"
            form.status_reason = "Course completed"
            self.assertIn("The learner is deceased.", form.warnings)
            self.assertEqual(len(form.line_ids), 1)
            with form.line_ids.edit(0) as line:
                self.assertIn("Fees outstanding", line.message)
                self.assertTrue(line.is_overridable)

    def test_ready_and_blocked_are_searched(self):
        ready, blocked = self._request(self.enrolment | self.held)
        issued = self._request(self._create_enrolment())
        self._issue(issued)
        register = self.env["lrm.credential"].with_user(self.requester)
        mine = [("id", "in", (ready | blocked | issued).ids)]
        for value, expected in (("ready", ready), ("blocked", blocked)):
            with self.subTest(value):
                found = register.search([*mine, ("readiness", "=", value)])
                self.assertEqual(found, expected)
                self.assertEqual(expected.readiness, value)
        self.assertFalse(issued.readiness)
        self.assertEqual(register.search([*mine, ("readiness", "=", False)]), issued)
        self.assertEqual(
            register.search([*mine, ("readiness", "!=", "ready")]), blocked | issued
        )

    def test_auditor_cannot_ask(self):
        with self.assertRaises(AccessError):
            self.env["lrm.credential"].with_user(self.auditor).search(
                [("readiness", "=", "ready")]
            )


class TestQueries(CredentialCommon):
    """Checking many costs as many queries as checking few."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.transcript = cls._create_transcript_template()

    def _requested(self, count):
        learners = self.env["res.partner"].create(
            [
                {
                    "is_lrm_client": True,
                    "lrm_family_name": f"Lee {index}",
                    "lrm_usi": "ABCDEFGH23",
                    "lrm_usi_status": "verified",
                }
                for index in range(count)
            ]
        )
        enrolments = self.env["lrm.course.enrolment"].create(
            [
                {
                    "partner_id": learner.id,
                    "offer_id": self.offer.id,
                    "state": "completed",
                    "date_completed": "2025-11-20",
                }
                for learner in learners
            ]
        )
        enrolments.unit_enrolment_ids.write(
            {"outcome_id": self.competent.id, "date_end": "2025-11-14"}
        )
        return self._request(enrolments)

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        return self.env.cr.sql_log_count - before

    def _check(self, credentials):
        documents, _errors = credentials._documents()
        credentials._findings(documents)

    def test_checks_do_not_cost_queries_for_each_credential(self):
        few, many = (
            self._requested(count).with_user(self.requester) for count in (10, 100)
        )
        self._preview(few | many)
        self._count(lambda: self._check(few))  # layouts are compiled
        self.assertLessEqual(
            self._count(lambda: self._check(many)),
            self._count(lambda: self._check(few)),
        )

    def test_filters_do_not_cost_queries_for_each_credential(self):
        counts = []
        for count in (10, 90):
            self._requested(count)
            register = self.env["lrm.credential"].with_user(self.requester)
            domain = [("readiness", "=", "ready")]
            self._count(lambda: register.search_count(domain))  # noqa: B023
            counts.append(self._count(lambda: register.search_count(domain)))  # noqa: B023
        self.assertLessEqual(counts[1], counts[0])
