"""Merging contacts: a learner loses nothing, or the merge is refused."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import CredentialCommon


class TestMerge(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outsider = new_test_user(
            cls.env, "outsider", groups="base.group_user,base.group_partner_manager"
        )
        cls.other_offer = cls.offer.copy({"code": "DIP-2026"})

    def setUp(self):
        super().setUp()
        self.source = self._create_learner(email="ana@example.com")
        self.target = self.env["res.partner"].create(
            {"name": "Ana Lee", "email": "ana@example.com"}
        )

    @mute_logger("odoo.addons.base.models.res_partner")
    def _merge(self, user=None, target=None, sources=None):
        """What the wizard does: merge into `target`."""
        target = target or self.target
        partners = target | (sources or self.source)
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_user(user or self.outsider)
            .create(
                {
                    "partner_ids": [Command.set(partners.ids)],
                    "dst_partner_id": target.id,
                    "state": "selection",
                }
            )
        )
        self.env.invalidate_all()
        wizard.action_merge()
        self.env.invalidate_all()
        return target

    def _make_learner(self, **values):
        """Make the target a learner too."""
        self.target.write({"is_lrm_client": True, **values})

    def _refused(self, sentence, **kwargs):
        with self.assertRaisesRegex(UserError, sentence):
            self._merge(**kwargs)
        self.env.invalidate_all()
        self.assertTrue(self.source.exists() and self.target.exists())

    def test_learner_fields_move(self):
        self.source.write(
            {
                "lrm_preferred_name": "Annie",
                "lrm_previous_name": "Ana Smith",
                "lrm_credential_name": "Ana M. Lee",
                "lrm_deceased": True,
                "lrm_usi_exemption": "short",
            }
        )
        names = [
            name
            for name, field in self.source._fields.items()
            if (name.startswith("lrm_") or name == "is_lrm_client")
            and field.store
            and field.type != "one2many"
        ]
        [before] = self.source.read(names)
        self.assertTrue(before["lrm_learner_number"] and before["lrm_usi"])
        for user in (self.outsider, self.requester):
            with self.subTest(user.login), self.env.cr.savepoint() as savepoint:
                [after] = self._merge(user).read(names)
                self.assertEqual(after | {"id": 0}, before | {"id": 0})
                self.assertFalse(self.source.exists())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_who_verified_the_usi_and_when_stays(self):
        self.source.write({"lrm_usi_status": "unverified"})
        self.source.with_user(self.requester).lrm_usi_status = "verified"
        moment = self.source.lrm_usi_verified_on
        self._make_learner(lrm_usi=self.source.lrm_usi)
        self.target.lrm_birth_date = self.source.lrm_birth_date
        merged = self._merge(self.admin)
        self.assertRecordValues(
            merged,
            [
                {
                    "lrm_usi_status": "verified",
                    "lrm_usi_verified_by_id": self.requester.id,
                    "lrm_usi_verified_on": moment,
                }
            ],
        )

    def test_verification_of_the_target_stays(self):
        self._make_learner(
            lrm_usi="ABCDEFGH23", lrm_birth_date="1994-05-17", lrm_usi_status="verified"
        )
        self.source.lrm_usi_status = "unverified"
        verified_by = self.target.lrm_usi_verified_by_id
        merged = self._merge(self.admin)
        self.assertEqual(merged.lrm_usi_status, "verified")
        self.assertEqual(merged.lrm_usi_verified_by_id, verified_by)

    def test_usi_that_was_verified_with_another_name_must_be_verified_again(self):
        self.target.name = "Ana Wong"
        merged = self._merge()
        self.assertEqual(merged.lrm_usi, "ABCDEFGH23")
        self.assertEqual(merged.lrm_usi_status, "unverified")
        self.assertFalse(merged.lrm_usi_verified_by_id)
        self.assertEqual(
            (merged.name, merged.lrm_first_name, merged.lrm_family_name),
            ("Ana Wong", "Ana", "Wong"),
        )

    def test_target_keeps_what_it_has(self):
        self._make_learner(lrm_preferred_name="Annie", lrm_usi="ABCDEFGH23")
        number = self.target.lrm_learner_number
        self.source.lrm_preferred_name = "Nan"
        merged = self._merge()
        self.assertEqual(merged.lrm_preferred_name, "Annie")
        self.assertEqual(merged.lrm_learner_number, number)

    def test_learner_number_that_goes_is_noted(self):
        self._make_learner()
        number = self.source.lrm_learner_number
        merged = self._merge()
        self.assertIn(number, " ".join(merged.message_ids.mapped("body")))

    def test_family_name_of_several_words_stays(self):
        self.source.write({"lrm_first_name": "Ana", "lrm_family_name": "van der Berg"})
        self.target.name = "Ana van der Berg"
        merged = self._merge()
        self.assertEqual(merged.lrm_family_name, "van der Berg")
        self.assertEqual(merged.name, "Ana van der Berg")

    def test_contact_merged_into_a_learner_changes_nothing(self):
        number = self.source.lrm_learner_number
        merged = self._merge(target=self.source, sources=self.target)
        self.assertTrue(merged.is_lrm_client)
        self.assertEqual(merged.lrm_learner_number, number)
        self.assertEqual(merged.lrm_usi_status, "verified")

    def test_contacts_outside_lrm_are_merged_as_ever(self):
        self.source = self.target.copy({"email": "ana@example.com"})
        merged = self._merge()
        self.assertFalse(merged.is_lrm_client)
        self.assertFalse(merged.lrm_learner_number)
        self.assertFalse(self.source.exists())

    def test_enrolments_and_credentials_move(self):
        enrolment = self._create_enrolment(self.source)
        credential = self._request(enrolment)
        run = self._issue(credential, final="yes")
        requested = self._request(enrolment, self.statement)
        self._make_learner(lrm_usi="ABCDEFGH23")
        mine = self._create_enrolment(self.target, offer=self.other_offer)
        content, data = self._bytes(credential), credential.document_data
        number = credential.number
        merged = self._merge()
        self.assertEqual(merged.lrm_enrolment_ids, enrolment | mine)
        self.assertEqual((credential | requested).partner_id, merged)
        self.assertEqual(enrolment.unit_enrolment_ids.partner_id, merged)
        self.assertEqual(len(enrolment.unit_enrolment_ids), 3)
        self.assertEqual(enrolment.parchment_number, number)
        self.assertEqual(run.line_ids.credential_id, credential)
        self.assertEqual(self._bytes(credential), content)
        self.assertEqual(credential.document_data, data)
        problems = self.env["lrm.register.entry"]._integrity_problems(self.company)
        self.assertEqual(problems, [])

    def test_learner_numbers_of_several_that_go_are_noted(self):
        third = self._create_learner(email="ana@example.com")
        numbers = {self.source.lrm_learner_number, third.lrm_learner_number}
        merged = self._merge(sources=self.source | third)
        [gone] = numbers - {merged.lrm_learner_number}
        self.assertIn(gone, " ".join(merged.message_ids.mapped("body")))

    def test_three_contacts_can_be_merged(self):
        third = self._create_learner(
            email="ana@example.com", lrm_usi=False, lrm_birth_date=False
        )
        first = self._create_enrolment(self.source)
        second = self._create_enrolment(third, offer=self.other_offer)
        merged = self._merge(sources=self.source | third)
        self.assertEqual(merged.lrm_enrolment_ids, first | second)
        self.assertEqual(merged.lrm_usi, "ABCDEFGH23")

    def test_two_enrolments_in_one_offer_are_refused(self):
        self._make_learner(lrm_usi="ABCDEFGH23")
        first = self._create_enrolment(self.source)
        second = self._create_enrolment(self.target)
        self._refused("Ana Lee, Ana Lee cannot be merged: each is enrolled in DIP-2025")
        self._issue(self._request(first))
        self._refused("each is enrolled in DIP-2025")
        self.assertTrue((first | second).exists())
        self.assertEqual(len((first | second).unit_enrolment_ids), 6)

    def test_different_usis_are_refused_and_not_told(self):
        self._make_learner(lrm_usi="HGFEDCBA32")
        with self.assertRaisesRegex(UserError, "a different USI") as refused:
            self._merge()
        self.assertNotIn("ABCDEFGH23", str(refused.exception))
        self._refused("a different USI", user=self.admin)
        self._refused("a different USI", user=self.env.ref("base.user_root"))

    def test_different_birth_dates_are_refused_and_not_told(self):
        self._make_learner(lrm_birth_date="1990-01-01")
        with self.assertRaisesRegex(UserError, "a different date of birth") as refused:
            self._merge()
        self.assertNotIn("1994", str(refused.exception))

    def test_learner_and_company_are_refused(self):
        self.target.is_company = True
        self._refused("Only a person can be an LRM client")

    def test_learner_of_another_company_is_refused(self):
        company = self._in_own_company().company_id
        self._create_enrolment(self.source)
        self.target.company_id = company
        self.outsider.company_ids += company
        self._refused("different companies", user=self.outsider)

    def test_automatic_merge_loses_nothing_either(self):
        enrolment = self._create_enrolment(self.source)
        number = self.source.lrm_learner_number
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard.with_user(self.outsider)._merge((self.source | self.target).ids)
        merged = (self.source | self.target).exists()
        self.env.invalidate_all()
        self.assertEqual(len(merged), 1)
        self.assertEqual(merged.lrm_learner_number, number)
        self.assertEqual(enrolment.partner_id, merged)
