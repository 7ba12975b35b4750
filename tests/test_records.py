"""Learners, courses, offers and enrolments: what credentials are made from."""

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from .common import CredentialCommon


class TestLearner(CredentialCommon):
    def _create_client(self, **values):
        return (
            self.env["res.partner"]
            .with_user(self.requester)
            .create({"is_lrm_client": True, **values})
        )

    def _parts(self, learner):
        return (
            learner.lrm_first_name or "",
            learner.lrm_middle_name or "",
            learner.lrm_family_name or "",
        )

    def test_client_is_given_a_learner_number(self):
        self.assertRegex(
            self._create_client(name="Ana").lrm_learner_number, r"^L\d{6}$"
        )

    def test_each_client_has_a_learner_number_of_their_own(self):
        clients = self._create_client(name="Ana") | self._create_client(name="Ben")
        self.assertEqual(len(set(clients.mapped("lrm_learner_number"))), 2)

    def test_copied_client_has_a_number_of_their_own(self):
        client = self._create_client(name="Ana")
        self.assertNotEqual(client.copy().lrm_learner_number, client.lrm_learner_number)

    def test_learner_number_stays_when_no_longer_a_client(self):
        client = self._create_client(name="Ana")
        number = client.lrm_learner_number
        client.is_lrm_client = False
        client.is_lrm_client = True
        self.assertEqual(client.lrm_learner_number, number)

    def test_two_clients_cannot_have_the_same_learner_number(self):
        ana, ben = self._create_client(name="Ana"), self._create_client(name="Ben")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            ben.sudo().lrm_learner_number = ana.lrm_learner_number
            self.env.flush_all()

    def test_other_contacts_have_no_learner_number(self):
        contact = self._create_client(name="Ana", is_lrm_client=False)
        self.assertFalse(contact.lrm_learner_number)

    def test_contact_becomes_a_client_when_first_enrolled(self):
        contact = self._create_client(name="Ana", is_lrm_client=False)
        self.env["lrm.course.enrolment"].with_user(self.requester).create(
            {"partner_id": contact.id, "offer_id": self.offer.id}
        )
        self.assertTrue(contact.is_lrm_client)
        self.assertTrue(contact.lrm_learner_number)

    def test_name_is_made_of_its_parts(self):
        client = self._create_client(
            lrm_first_name="Ana", lrm_middle_name="Maria", lrm_family_name="Lee"
        )
        self.assertEqual(client.name, "Ana Maria Lee")

    def test_single_word_is_the_family_name(self):
        client = self._create_client(name="Sukarno")
        self.assertEqual(self._parts(client), ("", "", "Sukarno"))

    def test_three_words_are_first_middle_and_family_name(self):
        client = self._create_client(name="Ana Maria Lee")
        self.assertEqual(self._parts(client), ("Ana", "Maria", "Lee"))

    def test_given_family_name_is_kept_whole(self):
        client = self._create_client(
            name="Anna van der Berg", lrm_family_name="van der Berg"
        )
        self.assertEqual(client.name, "Anna van der Berg")
        self.assertEqual(self._parts(client), ("Anna", "", "van der Berg"))

    def test_family_name_stays_whole_when_the_first_name_changes(self):
        client = self._create_client(
            lrm_first_name="Anna", lrm_family_name="van der Berg"
        )
        client.name = "Hanna van der Berg"
        self.assertEqual(self._parts(client), ("Hanna", "", "van der Berg"))

    def test_renaming_a_contact_splits_the_new_name(self):
        client = self._create_client(lrm_first_name="Ana", lrm_family_name="Lee")
        client.name = "Ana Maria Wong"
        self.assertEqual(self._parts(client), ("Ana", "Maria", "Wong"))

    def test_renaming_a_part_renames_the_contact(self):
        client = self._create_client(name="Ana Lee")
        client.lrm_family_name = "Wong"
        self.assertEqual(client.name, "Ana Wong")

    def test_removing_a_part_renames_the_contact(self):
        client = self._create_client(name="Ana Maria Lee")
        client.lrm_middle_name = False
        self.assertEqual(client.name, "Ana Lee")

    def test_company_cannot_be_created_as_a_client(self):
        with self.assertRaisesRegex(ValidationError, "Acme is a company"):
            self._create_client(name="Acme", is_company=True)

    def test_company_cannot_become_a_client(self):
        company = self._create_client(name="Acme", is_company=True, is_lrm_client=False)
        with self.assertRaisesRegex(ValidationError, "Acme is a company"):
            company.is_lrm_client = True

    def test_client_cannot_become_a_company(self):
        client = self._create_client(name="Ana")
        with self.assertRaisesRegex(ValidationError, "Ana is a company"):
            client.is_company = True


class TestUsi(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = cls._create_learner("Ana", "Lee").with_user(cls.requester)

    def test_malformed_usi_is_refused_with_a_sentence(self):
        malformed = {
            "too short": "ABCDEFGH2",
            "too long": "ABCDEFGH234",
            "letter I": "IBCDEFGH23",
            "letter O": "OBCDEFGH23",
            "digit 0": "ABCDEFGH20",
            "digit 1": "ABCDEFGH21",
        }
        for what, usi in malformed.items():
            with (
                self.subTest(what),
                self.assertRaisesRegex(ValidationError, "USI of Ana Lee must be 10"),
            ):
                self.learner.lrm_usi = usi

    def test_usi_may_be_typed_in_groups_and_in_small_letters(self):
        self.learner.lrm_usi = " abcd efgh 23\n"
        self.assertEqual(self.learner.lrm_usi, "ABCDEFGH23")
        self.learner.lrm_usi = " "
        self.assertFalse(self.learner.lrm_usi)

    def test_verification_says_by_whom_and_when(self):
        self.learner.lrm_usi_status = "unverified"
        self.learner.lrm_usi_status = "verified"
        self.assertEqual(self.learner.lrm_usi_verified_by_id, self.requester)
        self.assertTrue(self.learner.lrm_usi_verified_on)

    def test_change_of_identity_resets_verified(self):
        changes = {
            "name": "Ana Wong",
            "lrm_first_name": "Anna",
            "lrm_middle_name": "Maria",
            "lrm_family_name": "Wong",
            "lrm_birth_date": "1994-05-18",
            "lrm_usi": "ABCDEFGH24",
        }
        for field_name, value in changes.items():
            with self.subTest(field_name):
                learner = self._create_learner("Ana", "Lee").with_user(self.requester)
                learner[field_name] = value
                self.assertEqual(learner.lrm_usi_status, "unverified")

    def test_reset_forgets_who_verified(self):
        self.learner.lrm_usi_status = "verified"
        self.learner.name = "Ana Wong"
        self.assertFalse(self.learner.lrm_usi_verified_by_id)
        self.assertFalse(self.learner.lrm_usi_verified_on)

    def test_equal_values_keep_verified(self):
        self.learner.write(
            {
                "name": "Ana Lee",
                "lrm_first_name": "Ana",
                "lrm_middle_name": False,
                "lrm_family_name": "Lee",
                "lrm_birth_date": "1994-05-17",
                "lrm_usi": "ABCDEFGH23",
            }
        )
        self.assertEqual(self.learner.lrm_usi_status, "verified")

    def test_change_of_anything_else_keeps_verified(self):
        self.learner.write({"phone": "0400 000 000", "lrm_preferred_name": "Annie"})
        self.assertEqual(self.learner.lrm_usi_status, "verified")

    def test_one_write_may_correct_and_verify(self):
        self.learner.write({"name": "Ana Wong", "lrm_usi_status": "verified"})
        self.assertEqual(self.learner.lrm_usi_status, "verified")

    def test_rename_by_somebody_outside_lrm_resets_verified_too(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_partner_manager")
        self.learner.with_user(clerk).name = "Ana Wong"
        self.assertEqual(self.learner.lrm_usi_status, "unverified")

    def test_copied_client_has_no_usi(self):
        self.assertFalse(self.learner.copy().lrm_usi)

    def test_usi_is_not_in_the_chatter(self):
        learner = self.learner.with_context(tracking_disable=False, mail_notrack=False)
        learner.write({"lrm_usi": "ZYXWVUTS98", "lrm_birth_date": "2001-02-03"})
        self.env.cr.flush()  # what is tracked is written just before the commit
        messages = learner.sudo().message_ids
        told = str(messages.mapped("body")) + str(messages.tracking_value_ids.read())
        self.assertNotIn("ZYXWVUTS98", told)
        self.assertNotIn("2001-02-03", told)


class TestCatalogue(CredentialCommon):
    def _assert_not_unique(self, model, values):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env[model].with_user(self.admin).create(values)

    def test_course_code_is_unique(self):
        self._assert_not_unique("lrm.course", {"code": "BSB50420", "name": "Other"})

    def test_unit_code_is_unique(self):
        self._assert_not_unique("lrm.unit", {"code": "BSBCMM511", "name": "Other"})

    def test_company_may_have_its_own_course_of_a_shared_code(self):
        course = self.env["lrm.course"].create(
            {"code": "BSB50420", "name": "Ours", "company_id": self.company.id}
        )
        self.assertTrue(course)

    def test_outcome_code_is_unique_within_its_list(self):
        self._assert_not_unique(
            "lrm.outcome", {"code_list": "national", "code": "20", "name": "Other"}
        )

    def test_outcome_code_may_be_on_another_list(self):
        outcome = self.env["lrm.outcome"].create(
            {"code_list": "wa", "code": "20", "name": "Other"}
        )
        self.assertTrue(outcome)

    def test_offer_code_is_unique(self):
        self._assert_not_unique(
            "lrm.course.offer", {"code": "DIP-2025", "course_id": self.course.id}
        )

    def test_offer_code_may_be_used_by_another_company(self):
        enrolment = self._in_own_company("DIP-2025")
        self.assertEqual(enrolment.offer_id.code, self.offer.code)

    def test_offer_cannot_end_before_it_starts(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.offer.with_user(self.requester).date_end = "2025-01-01"
            self.env.flush_all()

    def test_units_required_cannot_be_negative(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.course.with_user(self.admin).packaging_count = -1
            self.env.flush_all()

    def _competent_codes(self, code_list):
        outcomes = self.env["lrm.outcome"].with_context(active_test=False)
        domain = [("code_list", "=", code_list), ("is_competent", "=", True)]
        return set(outcomes.search(domain).mapped("code"))

    def test_competent_outcomes_of_the_national_list(self):
        self.assertEqual(self._competent_codes("national"), {"20", "51", "60"})

    def test_competent_outcomes_of_western_australia(self):
        self.assertEqual(
            self._competent_codes("wa"), {"01", "04", "06", "09", "15", "25"}
        )

    def test_competent_is_for_lrm_admins_to_change(self):
        outcome = self.not_competent.with_user(self.admin)
        outcome.is_competent = True
        self.assertTrue(outcome.is_competent)
        with self.assertRaises(AccessError):
            outcome.with_user(self.requester).is_competent = False

    def test_requester_keeps_offers_but_not_courses(self):
        offer = (
            self.env["lrm.course.offer"]
            .with_user(self.requester)
            .create({"code": "DIP-2026", "course_id": self.course.id})
        )
        self.assertEqual(offer.company_id, self.company)
        with self.assertRaises(AccessError):
            offer.course_id.name = "Other"

    def test_dummy_mark_may_change_before_the_first_credential(self):
        self._create_enrolment()
        self.offer.with_user(self.requester).is_test = True
        self.assertTrue(self.offer.is_test)

    def test_dummy_mark_is_frozen_after_the_first_credential(self):
        self._request(self._create_enrolment())
        with self.assertRaisesRegex(UserError, "has credentials already.*Dummy Offer"):
            self.offer.with_user(self.requester).is_test = True

    def test_unchanged_dummy_mark_may_be_saved_again(self):
        self._request(self._create_enrolment())
        self.offer.with_user(self.requester).write({"is_test": False, "name": "Day"})
        self.assertEqual(self.offer.name, "Day")

    def test_course_of_an_offer_is_frozen_after_the_first_credential(self):
        self._request(self._create_enrolment())
        other = self.course.copy({"code": "BSB50421"})
        with self.assertRaisesRegex(UserError, "has credentials already"):
            self.offer.with_user(self.requester).course_id = other


class TestEnrolment(CredentialCommon):
    def _enrol(self, **values):
        return (
            self.env["lrm.course.enrolment"]
            .with_user(self.requester)
            .create(
                {
                    "partner_id": self._create_learner().id,
                    "offer_id": self.offer.id,
                    **values,
                }
            )
        )

    def test_units_are_proposed_from_the_course(self):
        self.assertEqual(self._enrol().unit_enrolment_ids.unit_id, self.units)

    def test_given_units_are_kept(self):
        enrolment = self._enrol(
            unit_enrolment_ids=[Command.create({"unit_id": self.units[1].id})]
        )
        self.assertEqual(enrolment.unit_enrolment_ids.unit_id, self.units[1])

    def test_unit_can_be_on_an_enrolment_only_once(self):
        enrolment = self._enrol()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["lrm.unit.enrolment"].with_user(self.requester).create(
                {"enrolment_id": enrolment.id, "unit_id": self.units[0].id}
            )

    def test_learner_is_in_an_offer_only_once(self):
        enrolment = self._enrol()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._enrol(partner_id=enrolment.partner_id.id)

    def test_dates_are_proposed_from_the_offer(self):
        self.assertRecordValues(
            self._enrol(),
            [{"date_start": self.offer.date_start, "date_end": self.offer.date_end}],
        )

    def test_given_dates_are_kept(self):
        enrolment = self._enrol(date_start="2025-03-01")
        self.assertEqual(str(enrolment.date_start), "2025-03-01")

    def test_enrolment_cannot_end_before_it_starts(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._enrol(date_start="2025-03-01", date_end="2025-02-28")

    def test_completion_is_dated_today(self):
        enrolment = self._enrol()
        enrolment.state = "completed"
        today = fields.Date.context_today(enrolment)
        self.assertEqual(enrolment.date_completed, today)

    def test_given_completion_date_is_kept(self):
        enrolment = self._enrol(state="completed", date_completed="2025-11-20")
        self.assertEqual(str(enrolment.date_completed), "2025-11-20")

    def test_reopened_enrolment_is_not_completed(self):
        enrolment = self._enrol(state="completed")
        enrolment.state = "enrolled"
        self.assertFalse(enrolment.date_completed)

    def test_withdrawal_is_dated_today(self):
        enrolment = self._enrol()
        enrolment.state = "withdrawn"
        today = fields.Date.context_today(enrolment)
        self.assertEqual(enrolment.date_withdrawn, today)

    def test_hold_needs_a_reason(self):
        enrolment = self._enrol()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            enrolment.hold = True
            self.env.flush_all()

    def test_hold_with_a_reason_is_kept(self):
        enrolment = self._enrol(hold=True, hold_reason="Fees outstanding")
        self.assertTrue(enrolment.hold)

    def test_outcomes_of_many_learners_are_set_in_one_write(self):
        enrolments = self._enrol() | self._enrol()
        first_units = enrolments.unit_enrolment_ids.filtered(
            lambda unit: unit.unit_id == self.units[0]
        )
        first_units.write({"outcome_id": self.competent.id})
        self.assertEqual(enrolments.mapped("competent_count"), ["1/3", "1/3"])

    def test_units_take_the_language_of_the_offer(self):
        self.offer.language = "Vietnamese"
        self.assertEqual(
            set(self._enrol().unit_enrolment_ids.mapped("language")), {"Vietnamese"}
        )

    def test_learner_of_a_requested_credential_may_be_corrected(self):
        enrolment = self._create_enrolment()
        credential = self._request(enrolment)
        enrolment.with_user(self.requester).partner_id = self._create_learner("Bo")
        self.assertEqual(credential.partner_id.name, "Bo Lee")

    def test_learner_of_an_issued_credential_is_fixed(self):
        enrolment = self._create_enrolment()
        self._issue(self._request(enrolment))
        with self.assertRaisesRegex(UserError, "has credentials"):
            enrolment.with_user(self.requester).partner_id = self._create_learner()


class TestParchmentFields(CredentialCommon):
    def test_parchment_fields_are_written_by_issuing_only(self):
        enrolment = self._create_enrolment()
        values = {
            "qual_issued": True,
            "parchment_number": "0000000001",
            "qual_issued_date": "2025-12-01",
        }
        for user in (self.requester, self.admin, self.env.ref("base.user_root")):
            for field_name, value in values.items():
                with (
                    self.subTest(user=user.login, field=field_name),
                    self.assertRaisesRegex(UserError, "the system sets this"),
                ):
                    enrolment.with_user(user).sudo().write({field_name: value})

    def test_parchment_fields_cannot_be_given_to_a_new_enrolment(self):
        enrolments = self.env["lrm.course.enrolment"].with_user(self.requester)
        with self.assertRaisesRegex(UserError, "the system sets this"):
            enrolments.create(
                {
                    "partner_id": self._create_learner().id,
                    "offer_id": self.offer.id,
                    "parchment_number": "0000000001",
                }
            )

    def test_parchment_fields_ignore_defaults_of_the_caller(self):
        enrolment = (
            self.env["lrm.course.enrolment"]
            .with_user(self.requester)
            .with_context(
                default_qual_issued=True,
                default_parchment_number="0000000001",
                default_qual_issued_date="2025-12-01",
            )
            .create(
                {
                    "partner_id": self._create_learner().id,
                    "offer_id": self.offer.id,
                }
            )
        )
        self.assertFalse(enrolment.parchment_number)
        self.assertFalse(enrolment.qual_issued)

    def test_seal_cannot_be_sent_by_a_caller(self):
        enrolment = self._create_enrolment().with_user(self.admin)
        for forged in (True, "SEAL", "<object object>"):
            with self.subTest(forged), self.assertRaises(UserError):
                enrolment.with_context(lrm_seal=forged).write({"qual_issued": True})

    def test_parchment_fields_are_not_copied(self):
        enrolment = self._create_enrolment()
        self._issue(self._request(enrolment), final="yes")
        copied = enrolment.copy({"partner_id": self._create_learner().id})
        self.assertFalse(copied.parchment_number)


class TestEnrolWizard(CredentialCommon):
    def _open(self, clients, **values):
        action = clients.with_user(self.requester).action_lrm_enrol()
        return (
            self.env[action["res_model"]]
            .with_user(self.requester)
            .with_context(**action["context"])
            .create({"offer_id": self.offer.id, **values})
        )

    def test_several_clients_are_enrolled_in_one_step(self):
        clients = self._create_learner("Ana") | self._create_learner("Ben")
        self._open(clients).action_enrol()
        self.assertEqual(self.offer.enrolment_ids.partner_id, clients)

    def test_units_and_start_date_are_proposed(self):
        self._open(self._create_learner()).action_enrol()
        units = self.offer.enrolment_ids.unit_enrolment_ids
        self.assertEqual(units.unit_id, self.units)
        self.assertEqual(set(units.mapped("date_start")), {self.offer.date_start})

    def test_some_of_the_units_may_be_chosen(self):
        wizard = self._open(
            self._create_learner(), unit_ids=[Command.set(self.units[:1].ids)]
        )
        wizard.action_enrol()
        units = self.offer.enrolment_ids.unit_enrolment_ids
        self.assertEqual(units.unit_id, self.units[:1])

    def test_enrolled_clients_are_left_alone_and_named(self):
        ana, ben = self._create_learner("Ana"), self._create_learner("Ben")
        enrolment = self._create_enrolment(ana)
        units = enrolment.unit_enrolment_ids
        told = self._open(ana | ben).action_enrol()["params"]
        self.assertEqual(told["message"], "Enrolled: 1. Enrolled already: Ana Lee.")
        self.assertEqual(self.offer.enrolment_ids.partner_id, ana | ben)
        self.assertEqual(enrolment.unit_enrolment_ids, units)

    def test_offer_opens_the_wizard_for_itself(self):
        action = self.offer.with_user(self.requester).action_enrol()
        self.assertEqual(action["context"]["default_offer_id"], self.offer.id)


class TestClient(CredentialCommon):
    def test_counts_the_credentials_of_all_enrolments(self):
        learner = self._create_learner()
        self._request(self._create_enrolment(learner))
        offer = self.offer.copy({"code": "SECOND"})
        self._request([self._create_enrolment(learner, offer=offer)] * 2)
        for user in (self.requester, self.auditor):
            self.assertEqual(learner.with_user(user).lrm_credential_count, 3)


class TestManyAtOnce(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolments = (
            cls.env["lrm.course.enrolment"]
            .union(
                *(
                    cls._create_enrolment(state="enrolled", date_completed=False)
                    for _n in range(2)
                )
            )
            .with_user(cls.requester)
        )

    def test_complete_takes_the_day_of_the_last_competent_unit(self):
        first, second = self.enrolments
        first.unit_enrolment_ids[0].date_end = "2025-11-10"
        first.unit_enrolment_ids[1].date_end = "2025-11-18"
        first.unit_enrolment_ids[2].write(
            {"outcome_id": self.not_competent.id, "date_end": "2025-11-19"}
        )
        second.unit_enrolment_ids.date_end = False
        self.enrolments.action_complete()
        self.assertEqual(self.enrolments.mapped("state"), ["completed"] * 2)
        self.assertEqual(str(first.date_completed), "2025-11-18")
        self.assertEqual(second.date_completed, fields.Date.context_today(second))

    def test_complete_is_never_in_the_future(self):
        first = self.enrolments[0]
        first.date_end = first.unit_enrolment_ids[0].date_end = "2999-01-01"
        first.action_complete()
        self.assertEqual(first.date_completed, fields.Date.context_today(first))

    def test_complete_leaves_alone_what_is_not_under_way(self):
        first, second = self.enrolments
        first.state = "withdrawn"
        self.enrolments.action_complete()
        self.assertEqual(first.state, "withdrawn")
        self.assertEqual(second.state, "completed")
        with self.assertRaisesRegex(UserError, "none of these is"):
            self.enrolments.action_complete()

    def _assess(self, units):
        action = units.action_assess()
        wizards = self.env[action["res_model"]].with_user(self.requester)
        return Form(wizards.with_context(**action["context"]))

    def test_one_outcome_for_many_units(self):
        units = self.enrolments.unit_enrolment_ids
        with self._assess(units) as form:
            self.assertEqual(form.date_end, self.offer.date_end)
            form.outcome_id = self.not_competent
            form.date_end = "2025-11-12"
        form.record.action_assess()
        self.assertEqual(units.outcome_id, self.not_competent)
        self.assertEqual({str(day) for day in units.mapped("date_end")}, {"2025-11-12"})

    def test_dates_stay_where_none_is_given(self):
        units = self.enrolments[0].unit_enrolment_ids
        units.date_end = "2025-11-05"
        with self._assess(units) as form:
            form.outcome_id = self.competent
            form.date_end = False
        form.record.action_assess()
        self.assertEqual({str(day) for day in units.mapped("date_end")}, {"2025-11-05"})

    def test_outcome_of_another_list_is_refused(self):
        other = self.env["lrm.outcome"].search(
            [("code_list", "!=", self.company.lrm_outcome_list)], limit=1
        )
        units = self.enrolments[0].unit_enrolment_ids
        with self.assertRaisesRegex(ValidationError, "is not on the outcome list"):
            units[0].outcome_id = other
        self.company.lrm_outcome_list = other.code_list
        units[1].date_end = "2025-11-20"  # what is recorded stays
        self.assertEqual(units[1].outcome_id, self.competent)

    def test_nothing_ticked_says_so(self):
        with self.assertRaisesRegex(UserError, "Tick the units first"):
            self.env["lrm.unit.enrolment"].with_user(self.requester).action_assess()


class TestProfile(CredentialCommon):
    def _create_company(self, country, state=None):
        return self.env["res.company"].create(
            {
                "name": f"{country} {state}",
                "country_id": self.env.ref(country).id,
                "state_id": state and self.env.ref(state).id,
            }
        )

    def test_profile_is_proposed_from_the_address(self):
        cases = {
            ("base.au", "base.state_au_2"): ("au_vet", "national"),
            ("base.au", "base.state_au_8"): ("au_vet", "wa"),
            ("base.nz", None): ("generic", "generic"),
        }
        for (country, state), proposed in cases.items():
            with self.subTest(country=country, state=state):
                company = self._create_company(country, state)
                self.assertEqual(
                    (company.lrm_profile, company.lrm_outcome_list), proposed
                )

    def test_chosen_profile_is_not_overruled_by_a_new_address(self):
        company = self._create_company("base.nz")
        company.write({"lrm_profile": "au_vet", "lrm_outcome_list": "national"})
        company.country_id = self.env.ref("base.fj")
        self.assertEqual(company.lrm_profile, "au_vet")
        self.assertEqual(company.lrm_outcome_list, "national")


class TestSettings(CredentialCommon):
    def _open(self, user=None, **values):
        return self.env["lrm.settings"].with_user(user or self.admin).create(values)

    def _next_number(self):
        sequence = self.env.ref("lrm_credentials.sequence_credential")
        return sequence.number_next_actual

    def test_lrm_admin_saves_settings(self):
        self._open(lrm_rto_code="12345", lrm_retention_years=40).action_save()
        self.assertRecordValues(
            self.company, [{"lrm_rto_code": "12345", "lrm_retention_years": 40}]
        )

    def test_untouched_settings_stay(self):
        before = self.company.lrm_legal_name
        self._open(lrm_rto_code="12345").action_save()
        self.assertEqual(self.company.lrm_legal_name, before)
        self.assertEqual(self.company.lrm_default_officer_id, self.officer)

    def test_requester_cannot_open_the_settings(self):
        with self.assertRaises(AccessError):
            self._open(user=self.requester)

    def test_requester_cannot_see_the_settings(self):
        with self.assertRaises(AccessError):
            self.env["lrm.settings"].with_user(self.requester).default_get(
                ["lrm_rto_code"]
            )

    def test_requester_cannot_save_the_settings_of_an_admin(self):
        with self.assertRaises(AccessError):
            self._open().with_user(self.requester).action_save()

    def test_settings_of_a_company_one_does_not_work_for_are_refused(self):
        other = self._in_own_company().company_id
        with self.assertRaises(AccessError):
            self._open(company_id=other.id).action_save()

    def test_only_credential_settings_pass_to_the_company(self):
        others = {
            name
            for name in self.env["lrm.settings"]._fields
            if not name.startswith("lrm_") and name not in MAGIC_COLUMNS
        }
        shown = {"address_problem", "display_name"}
        self.assertEqual(others - shown, {"company_id", "next_number"})

    def test_lrm_admin_has_no_right_on_the_company_itself(self):
        for values in ({"name": "Mine"}, {"lrm_rto_code": "12345"}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.company.with_user(self.admin).write(values)

    def test_malformed_colour_is_refused_with_a_sentence(self):
        with self.assertRaisesRegex(ValidationError, "#rrggbb"):
            self._open(lrm_accent_color="red; background: url(x)").action_save()

    def test_logo_must_be_a_picture(self):
        with self.assertRaisesRegex(ValidationError, "Seal must be a PNG or JPEG"):
            self._open(lrm_seal=b"PHN2Zy8+").action_save()

    def test_next_number_can_be_raised(self):
        number = self._next_number() + 1000
        self._open(next_number=f"{number:010d}").action_save()
        credential = self._request(self._create_enrolment())
        self.assertEqual(credential.number, f"{number:010d}")

    def test_next_number_cannot_go_back(self):
        number = self._next_number()
        self._open(next_number=f"{number + 5:010d}").action_save()
        self.env.invalidate_all()  # the next save is a request of its own
        with self.assertRaisesRegex(UserError, "cannot go back"):
            self._open(next_number=f"{number:010d}").action_save()

    def test_next_number_is_a_number_of_ten_digits(self):
        for wrong in ("12A", "-5", "1 2", ""):
            with (
                self.subTest(wrong),
                self.assertRaisesRegex(UserError, "up to ten digits"),
            ):
                self._open(next_number=wrong).action_save()
