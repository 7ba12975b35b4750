"""What prevents issue: one test for each check."""

from freezegun import freeze_time

from .common import CredentialCommon


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

    def test_enrolment_on_hold_is_refused_with_its_reason(self):
        self.enrolment.write({"hold": True, "hold_reason": "Fees outstanding"})
        self._assert_refused("on hold: Fees outstanding")

    def test_certificate_for_something_else_than_a_qualification_is_refused(self):
        for kind in ("skill_set", "unit", "short"):
            with self.subTest(kind):
                self._assert_refused(
                    "is not a qualification: request a",
                    enrolment=self._enrolment_in(kind),
                )

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
                self._assert_refused("none of the 3 units has an outcome", template)

    def test_unit_without_outcome_is_not_competent(self):
        self.units.outcome_id = False
        self._assert_refused("Nothing competent to print", self.statement)

    def test_one_competent_unit_is_enough_for_a_statement(self):
        self.units[1:].outcome_id = self.not_competent
        self._assert_passes(self.statement)

    def test_any_template_that_prints_competent_units_needs_one(self):
        self.units.outcome_id = self.not_competent
        self.letter.units_printed = "competent"
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
        self._assert_passes(self.statement, enrolment)

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

    def test_checks_do_not_cost_queries_for_each_credential(self):
        counts = []
        for learners in (2, 20):
            enrolments = self.env["lrm.course.enrolment"].union(
                *(self._create_enrolment() for _n in range(learners))
            )
            credentials = self._request(enrolments).with_user(self.admin)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            documents = {c.id: c._document() for c in credentials}
            credentials._refusals(documents)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
