"""Requesting credentials: one by one, and many at once."""

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from .common import CredentialCommon


class TestRequest(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.colleague = new_test_user(
            cls.env, "colleague", groups="lrm_credentials.group_lrm_user"
        )

    def test_request_is_open_and_names_who_made_it(self):
        self.assertRecordValues(
            self._request(self.enrolment),
            [{"state": "requested", "requested_by_id": self.requester.id}],
        )

    def test_officer_is_proposed_from_the_company(self):
        self.assertEqual(self._request(self.enrolment).issuing_officer_id, self.officer)

    def test_chosen_officer_is_kept(self):
        officer = self.officer.copy({"name": "Sam Ndlovu"})
        credential = self._request(self.enrolment, issuing_officer_id=officer.id)
        self.assertEqual(credential.issuing_officer_id, officer)

    def test_officer_of_another_company_is_refused(self):
        company = self._in_own_company().company_id
        officer = self.officer.copy({"company_id": company.id})
        with self.assertRaises(UserError):
            self._request(self.enrolment, issuing_officer_id=officer.id)

    def test_number_is_ten_digits(self):
        self.assertRegex(self._request(self.enrolment).number, r"^\d{10}$")

    def test_numbers_increase(self):
        credentials = self._request(self.enrolment) | self._request(self.enrolment)
        first, second = credentials.mapped("number")
        self.assertLess(first, second)

    def test_numbers_of_one_call_increase(self):
        numbers = self._request([self.enrolment] * 3).mapped("number")
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_number_is_unique_in_the_database(self):
        first, second = self._request([self.enrolment] * 2)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE lrm_credential SET number = %s WHERE id = %s",
                (first.number, second.id),
            )

    def test_dummy_offers_have_numbers_of_their_own(self):
        self.offer.is_test = True
        credential = self._request(self.enrolment)
        self.assertRegex(credential.number, r"^TEST\d{6}$")
        self.assertTrue(credential.is_test)

    def test_regular_and_dummy_offers_may_be_requested_together(self):
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        credentials = self._request(
            self.enrolment | self._create_enrolment(offer=dummy)
        )
        for credential in credentials:
            with self.subTest(credential.offer_id.code):
                self.assertEqual(
                    credential.number.startswith("TEST"), credential.offer_id == dummy
                )

    def test_verification_tokens_are_long_and_differ(self):
        tokens = self._request([self.enrolment] * 2).sudo().mapped("token")
        self.assertEqual(len(set(tokens)), 2)
        self.assertGreaterEqual(min(map(len, tokens)), 32)

    def test_future_date_is_refused(self):
        with (
            freeze_time("2025-12-01 12:00:00"),
            self.assertRaisesRegex(ValidationError, "Ana Lee cannot be in the future"),
        ):
            self._request(self.enrolment, credential_date="2025-12-03")

    def test_date_cannot_be_moved_to_the_future(self):
        credential = self._request(self.enrolment)
        with (
            freeze_time("2025-12-01 12:00:00"),
            self.assertRaisesRegex(ValidationError, "cannot be in the future"),
        ):
            credential.credential_date = "2025-12-03"

    def test_requester_edits_an_own_request(self):
        credential = self._request(self.enrolment)
        credential.write(
            {"template_id": self.statement.id, "request_reason": "Asked by phone"}
        )
        self.assertEqual(credential.template_id, self.statement)

    def test_requester_deletes_an_own_request(self):
        credential = self._request(self.enrolment)
        credential.unlink()
        self.assertFalse(credential.exists())

    def test_requester_cannot_edit_the_request_of_a_colleague(self):
        credential = self._request(self.enrolment).with_user(self.colleague)
        with self.assertRaises(AccessError):
            credential.request_reason = "Mine now"

    def test_requester_cannot_edit_a_colleagues_request_through_the_enrolment(self):
        credential = self._request(self.enrolment)
        with self.assertRaises(AccessError):
            self.enrolment.with_user(self.colleague).write(
                {
                    "credential_ids": [
                        Command.update(credential.id, {"request_reason": "Mine now"})
                    ]
                }
            )

    def test_requester_cannot_delete_the_request_of_a_colleague(self):
        credential = self._request(self.enrolment).with_user(self.colleague)
        with self.assertRaises(AccessError):
            credential.unlink()
        self.assertTrue(credential.exists())

    def test_requester_sees_the_request_of_a_colleague(self):
        credential = self._request(self.enrolment).with_user(self.colleague)
        self.assertEqual(credential.state, "requested")

    def test_admin_edits_and_deletes_any_request(self):
        credential = self._request(self.enrolment).with_user(self.admin)
        credential.request_reason = "Corrected"
        credential.unlink()
        self.assertFalse(credential.exists())

    def test_request_stays_with_its_enrolment(self):
        credential = self._request(self.enrolment)
        with self.assertRaises(UserError):
            credential.enrolment_id = self._create_enrolment()

    def test_deleted_request_leaves_a_gap(self):
        credential = self._request(self.enrolment)
        number = credential.number
        credential.unlink()
        self.assertGreater(self._request(self.enrolment).number, number)

    def test_request_with_a_preview_can_be_deleted_by_the_requester(self):
        credential = self._request(self.enrolment)
        lines = self._preview(credential).line_ids
        credential.unlink()
        self.assertFalse(lines.exists())

    def test_copy_of_an_issued_credential_is_a_new_request(self):
        credential = self._request(self.enrolment)
        self._issue(credential)
        copied = credential.with_user(self.requester).copy()
        self.assertEqual(copied.state, "requested")
        self.assertNotEqual(copied.number, credential.number)
        self.assertFalse(copied.document)


# What nobody may give to a request, however it is sent.
class TestSealedValues(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()
        cls.forged = {
            "number": "9999999999",
            "state": "issued",
            "token": "guessable",
            "requested_by_id": cls.admin.id,
            "issued_at": "2025-12-01 00:00:00",
            "issued_by_id": cls.admin.id,
            "cancelled_at": "2025-12-01 00:00:00",
            "cancelled_by_id": cls.admin.id,
            "status_reason": "Forged",
            "refusal": "Forged",
            "document": "JVBERi0=",
            "document_data": {"number": "9999999999"},
            "document_sha256": "0" * 64,
            "is_final": True,
            "replaces_id": False,
        }
        # These follow from the enrolment.
        other = cls._in_own_company()
        cls.requester.company_ids += other.company_id
        cls.following = {
            "partner_id": other.partner_id.id,
            "offer_id": other.offer_id.id,
            "course_id": cls.course.copy({"code": "OTHER"}).id,
            "company_id": other.company_id.id,
            "is_test": True,
        }

    def test_sealed_values_are_refused_at_creation(self):
        for field_name, value in self.forged.items():
            with self.subTest(field_name), self.assertRaises(UserError):
                self._request(self.enrolment, **{field_name: value})

    def test_sealed_values_are_refused_at_writing(self):
        credential = self._request(self.enrolment)
        for user in (self.requester, self.admin):
            for field_name, value in self.forged.items():
                with (
                    self.subTest(user=user.login, field=field_name),
                    self.assertRaises(UserError),
                ):
                    credential.with_user(user).write({field_name: value})

    def test_sealed_values_are_refused_in_superuser_mode(self):
        credential = self._request(self.enrolment).sudo()
        for field_name, value in self.forged.items():
            with self.subTest(field_name), self.assertRaises(UserError):
                credential.write({field_name: value})

    def test_salt_of_the_ledger_cannot_be_set(self):
        with self.assertRaises(UserError):
            self._request(self.enrolment).sudo().document_salt = "known"

    def _assert_follows(self, credential, field_name):
        self.env.flush_all()
        credential.invalidate_recordset()
        expected = (
            credential.offer_id.is_test
            if field_name == "is_test"
            else self.enrolment[field_name]
        )
        self.assertEqual(credential.sudo()[field_name], expected)

    def test_values_that_follow_from_the_enrolment_cannot_be_given(self):
        for field_name, value in self.following.items():
            with self.subTest(field_name):
                try:
                    credential = self._request(self.enrolment, **{field_name: value})
                except (AccessError, UserError):
                    continue
                self._assert_follows(credential, field_name)

    def test_values_that_follow_from_the_enrolment_cannot_be_written(self):
        for field_name, value in self.following.items():
            with self.subTest(field_name):
                credential = self._request(self.enrolment)
                try:
                    credential.write({field_name: value})
                except (AccessError, UserError):
                    continue
                self._assert_follows(credential, field_name)

    def test_company_of_an_enrolment_follows_from_its_offer(self):
        enrolment = self._create_enrolment().with_user(self.requester)
        try:
            enrolment.company_id = self.following["company_id"]
        except (AccessError, UserError):
            return
        self.env.flush_all()
        enrolment.invalidate_recordset()
        self.assertEqual(enrolment.sudo().company_id, self.company)

    def test_defaults_of_the_caller_are_ignored(self):
        context = {f"default_{name}": value for name, value in self.forged.items()}
        credential = (
            self.env["lrm.credential"]
            .with_user(self.requester)
            .with_context(**context)
            .create(
                {
                    "enrolment_id": self.enrolment.id,
                    "template_id": self.certificate.id,
                    "credential_date": "2025-12-01",
                }
            )
        )
        for field_name, value in self.forged.items():
            if field_name != "replaces_id":
                with self.subTest(field_name):
                    actual = credential._fields[field_name].convert_to_write(
                        credential[field_name], credential
                    )
                    self.assertNotEqual(actual, value)

    def test_import_cannot_give_sealed_values(self):
        for field_name in ("number", "state", "document_sha256", "is_final"):
            with self.subTest(field_name):
                result = (
                    self.env["lrm.credential"]
                    .with_user(self.requester)
                    .load(
                        ["enrolment_id/.id", "template_id/.id", field_name],
                        [
                            [
                                str(self.enrolment.id),
                                str(self.certificate.id),
                                {"state": "issued", "is_final": "1"}.get(
                                    field_name, "9999999999"
                                ),
                            ]
                        ],
                    )
                )
                self.assertFalse(result["ids"])
                self.assertTrue(result["messages"])

    def test_import_can_request(self):
        result = (
            self.env["lrm.credential"]
            .with_user(self.requester)
            .load(
                ["enrolment_id/.id", "template_id/.id", "credential_date"],
                [[str(self.enrolment.id), str(self.certificate.id), "2025-12-01"]],
            )
        )
        credential = self.env["lrm.credential"].browse(result["ids"])
        self.assertEqual(credential.requested_by_id, self.requester)


class TestRequestWizard(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls._create_enrolment(cls._create_learner("Ana"))
        cls.ben = cls._create_enrolment(cls._create_learner("Ben"))

    def _open(self, enrolments, templates=None, **values):
        action = enrolments.with_user(self.requester).action_request_credential()
        templates = templates or self.certificate
        return (
            self.env[action["res_model"]]
            .with_user(self.requester)
            .with_context(**action["context"])
            .create(
                {
                    "template_ids": [Command.set(templates.ids)],
                    "credential_date": "2025-12-01",
                    **values,
                }
            )
        )

    def _request_all(self, enrolments, templates=None, **values):
        """(the credentials, what the user is told and shown)"""
        action = self._open(enrolments, templates, **values).action_request()
        return enrolments.credential_ids, action["params"]

    def test_each_enrolment_is_requested(self):
        credentials, _params = self._request_all(
            self.ana | self.ben, request_reason="Graduation"
        )
        self.assertRecordValues(
            credentials.sorted("partner_id"),
            [
                {
                    "partner_id": enrolment.partner_id.id,
                    "template_id": self.certificate.id,
                    "request_reason": "Graduation",
                    "requested_by_id": self.requester.id,
                    "issuing_officer_id": self.officer.id,
                }
                for enrolment in (self.ana | self.ben).sorted("partner_id")
            ],
        )

    def test_several_templates_are_requested_together(self):
        credentials, params = self._request_all(
            self.ana | self.ben, self.certificate | self.statement
        )
        self.assertEqual(len(credentials), 4)
        self.assertIn("Requested credentials: 4", params["message"])

    def test_already_requested_ones_are_skipped_and_named(self):
        self._request(self.ana)
        _credentials, params = self._request_all(self.ana | self.ben)
        self.assertEqual(len(self.ana.credential_ids), 1)
        self.assertEqual(len(self.ben.credential_ids), 1)
        self.assertIn("Already requested: Ana Lee.", params["message"])
        self.assertNotIn("Ben Lee", params["message"])

    def test_which_one_was_requested_is_told_when_several_are_chosen(self):
        self._request(self.ana)
        both = self.certificate | self.statement
        _credentials, params = self._request_all(self.ana, both)
        self.assertIn("Ana Lee (Qualification Certificate)", params["message"])

    def test_issued_one_may_be_requested_again(self):
        self._issue(self._request(self.ana))
        self._request_all(self.ana)
        self.assertEqual(
            sorted(self.ana.credential_ids.mapped("state")), ["issued", "requested"]
        )

    def test_register_opens_with_exactly_the_new_ones_selected(self):
        self._request(self.ana)
        credentials, params = self._request_all(
            self.ana | self.ben, self.certificate | self.statement, open_register=True
        )
        action = params["next"]
        new = credentials.filtered(lambda c: c.partner_id == self.ben.partner_id)
        new |= credentials.filtered(lambda c: c.template_id == self.statement)
        self.assertEqual(set(action["context"]["lrm_selected_ids"]), set(new.ids))

    def test_register_opens_on_requested_ones(self):
        _credentials, params = self._request_all(self.ana, open_register=True)
        self.assertEqual(params["next"]["res_model"], "lrm.credential")
        self.assertEqual(
            params["next"]["context"]["searchpanel_default_state"], "requested"
        )

    def test_register_shows_all_selected_ones_on_one_page(self):
        credentials = self.env["lrm.credential"].browse(range(1, 201))
        action = credentials._action_open_register()
        self.assertGreaterEqual(action["limit"], 200)

    def test_wizard_just_closes_when_the_register_is_not_wanted(self):
        _credentials, params = self._request_all(self.ana)
        self.assertEqual(params["next"]["type"], "ir.actions.act_window_close")

    def test_nothing_ticked_is_refused(self):
        nothing = self.env["lrm.course.enrolment"].with_user(self.requester)
        with self.assertRaisesRegex(UserError, "Tick the enrolments"):
            nothing.action_request_credential()

    def test_enrolments_of_two_companies_are_refused(self):
        other = self._in_own_company()
        self.requester.company_ids += other.company_id
        with self.assertRaisesRegex(UserError, "one company at a time"):
            (self.ana | other).with_user(self.requester).with_context(
                allowed_company_ids=[self.company.id, other.company_id.id]
            ).action_request_credential()

    def test_future_date_is_refused(self):
        with (
            freeze_time("2025-12-01 12:00:00"),
            self.assertRaisesRegex(ValidationError, "cannot be in the future"),
        ):
            self._open(self.ana, credential_date="2025-12-03").action_request()

    def test_officer_is_proposed_from_the_company(self):
        self.assertEqual(self._open(self.ana).issuing_officer_id, self.officer)

    def test_problems_are_listed_learner_by_learner(self):
        learners = self._create_learner("Cy") | self._create_learner("Di")
        blank = self.env["lrm.course.enrolment"].union(
            *(self._create_enrolment(p, [self.not_competent] * 3) for p in learners)
        )
        problems = self._open(blank | self.ana).problems
        self.assertEqual(problems.count("Nothing competent to print"), 2)
        self.assertIn("Cy Lee", problems)
        self.assertIn("Di Lee", problems)
        self.assertNotIn("Ana Lee", problems)

    def test_problems_appear_while_the_form_is_filled_in(self):
        self.ana.write({"hold": True, "hold_reason": "Fees outstanding"})
        wizards = self.env["lrm.credential.request"].with_user(self.requester)
        with Form(wizards.with_context(default_enrolment_ids=self.ana.ids)) as form:
            form.template_ids.add(self.certificate)
            form.credential_date = "2025-12-01"
            self.assertIn("on hold: Fees outstanding", form.problems)

    def test_nothing_is_listed_when_all_can_be_issued(self):
        self.assertFalse(self._open(self.ana).problems)

    def test_names_are_escaped_in_the_list_of_problems(self):
        learner = self._create_learner("<script>alert(1)</script>", "")
        blank = self._create_enrolment(learner, [self.not_competent] * 3)
        problems = self._open(blank).problems
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", problems)
        self.assertNotIn("<script", problems)

    def test_problems_do_not_prevent_the_request(self):
        blank = self._create_enrolment(outcomes=[self.not_competent] * 3)
        credentials, _params = self._request_all(blank)
        self.assertEqual(credentials.state, "requested")

    def test_listing_problems_gives_no_number(self):
        before = self._request(self.ana).number
        self.assertFalse(self._open(self.ben).problems)
        after = self._request(self.ben).number
        self.assertEqual(int(after), int(before) + 1)
