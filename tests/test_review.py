"""Roads around the rules that a review has found; each stays closed."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.lrm_credentials.report.pages import paginate

from .common import PIXEL, CredentialCommon


class TestRoadsAround(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enrolment = cls._create_enrolment()

    def test_commands_inside_a_request_write_nothing_sealed(self):
        forgery = {
            "qual_issued": True,
            "parchment_number": "X",
            "qual_issued_date": "2025-12-01",
        }
        partner_command = Command.update(
            self.enrolment.partner_id.id,
            {"lrm_enrolment_ids": [Command.update(self.enrolment.id, forgery)]},
        )
        message = {"body": "x", "model": "lrm.credential", "reply_to": "a@example.com"}
        message["partner_ids"] = [partner_command]
        with self.assertRaises(UserError):
            self._request(self.enrolment, message_ids=[Command.create(message)])
        self.assertFalse(self.enrolment.qual_issued)

    def test_what_follows_from_offer_and_enrolment_cannot_be_written(self):
        other = self.course.copy({"code": "OTHER"})
        company = self.env["res.company"].create({"name": "Other"})
        unit = self.enrolment.unit_enrolment_ids[0]
        for record, vals in (
            (self.enrolment, {"course_id": other.id}),
            (self.enrolment, {"company_id": company.id}),
            (unit, {"company_id": company.id}),
            (unit, {"unit_code": "X"}),
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(UserError, "the system sets"),
            ):
                record.with_user(self.requester).write(vals)

    def test_auditor_and_user_in_one_gets_no_right_on_requests_of_others(self):
        both = self.auditor.copy({"login": "both"})
        both.group_ids += self.env.ref("lrm_credentials.group_lrm_user")
        credential = self._request(self.enrolment)
        with self.assertRaises(AccessError):
            credential.with_user(both).request_reason = "changed"
        with self.assertRaises(AccessError):
            credential.with_user(both).unlink()

    def test_nobody_else_can_be_named_as_who_verified_the_usi(self):
        learner = self.enrolment.partner_id.with_user(self.requester)
        learner.write(
            {
                "lrm_usi_status": "verified",
                "lrm_usi_verified_by_id": self.admin.id,
                "lrm_usi_verified_on": "2020-01-01",
            }
        )
        self.assertEqual(learner.lrm_usi_verified_by_id, self.requester)
        self.assertGreater(learner.lrm_usi_verified_on.year, 2020)

    def test_request_cannot_move_to_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        offer = self.env["lrm.course.offer"].create(
            {"code": "X", "course_id": self.course.id, "company_id": company.id}
        )
        self._request(self.enrolment)
        with self.assertRaisesRegex(UserError, "has credentials"):
            self.enrolment.offer_id = offer

    def test_officer_who_has_left_signs_nothing(self):
        credential = self._request(self.enrolment)
        self.officer.active = False
        run = self._issue(credential)
        self.assertIn("no longer an issuing officer", run.line_ids.message)
        another = self._request(self._create_enrolment(self._create_learner("Ben")))
        self.assertFalse(another.issuing_officer_id)
        action = another.enrolment_id.action_request_credential()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        values = {"template_ids": [Command.set(self.statement.ids)]}
        self.assertFalse(wizard.create(values).issuing_officer_id)

    def test_issued_date_is_neither_in_the_future_nor_before_completion(self):
        credential = self._request(self.enrolment)
        with self.assertRaisesRegex(UserError, "cannot be in the future"):
            self._issue(credential, "yes", qual_issued_date="2099-01-01")
        run = self._issue(credential, "yes", qual_issued_date="2025-11-01")
        self.assertIn("before completion", run.line_ids.message)

    def test_deleted_request_is_told_in_the_ledger(self):
        credential = self._request(self.enrolment)
        number = credential.number
        credential.unlink()
        entry = self.env["lrm.register.entry"].search([("number", "=", number)])
        self.assertEqual(entry.event, "request_deleted")
        problems = self.env["lrm.register.entry"]._integrity_problems(self.company)
        self.assertFalse(problems)

    def test_cancelling_nothing_says_so(self):
        wizard = self.env["lrm.credential.cancel"].with_user(self.admin)
        with self.assertRaisesRegex(UserError, "Tick the credentials first"):
            wizard.create({"reason": "x", "credential_ids": []}).action_cancel()

    def test_number_range_of_ten_digits(self):
        settings = self.env["lrm.settings"].with_user(self.admin)
        settings.create(
            {**settings.default_get([]), "next_number": "3000000001"}
        ).action_save()
        self.assertEqual(self._request(self.enrolment).number, "3000000001")


class TestSameForEveryone(CredentialCommon):
    def test_document_does_not_depend_on_who_reads_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.certificate.with_context(lang="fr_FR").title = "Certificat"
        credential = self._request(self._create_enrolment())
        french = credential.with_context(lang="fr_FR")._document()
        self.assertEqual(french["title"], "Certificate")
        self.assertEqual(french, credential.with_context(lang="en_US")._document())

    def test_new_position_of_the_officer_is_no_change_of_the_learner(self):
        credential = self._request(self._create_enrolment())
        self._issue(credential)
        self.officer.title = "Chairwoman"
        credential.invalidate_recordset()
        self.assertFalse(credential.records_differ)
        credential.partner_id.lrm_family_name = "Moore"
        credential.invalidate_recordset()
        self.assertTrue(credential.records_differ)

    def test_upgrade_keeps_what_the_office_counts_as_competent(self):
        outcomes = self.env["ir.model.data"].search(
            [("module", "=", "lrm_credentials"), ("model", "=", "lrm.outcome")]
        )
        self.assertTrue(all(outcomes.mapped("noupdate")))

    def test_logo_that_cannot_be_printed_leaves_no_gap(self):
        self.company.lrm_seal = PIXEL
        self.assertIn("seal", self.company.lrm_artwork_digests)
        self.company.logo = b"PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
        self.assertNotIn("logo", self.company.lrm_artwork_digests)


class TestPagination(CredentialCommon):
    def _pages(self, count, *sizes):
        units = [{"name": "Manage team effectiveness"}] * count
        return [len(page) for page in paginate(units, *sizes)]

    def test_last_page_leaves_room_for_the_signature(self):
        self.assertEqual(self._pages(12, 17, 22, 5), [12])
        self.assertEqual(self._pages(15, 17, 22, 5), [12, 3])
        self.assertEqual(self._pages(17 + 20, 17, 22, 5), [17, 17, 3])
        self.assertEqual(self._pages(0, 17, 22, 5), [0])
        for count in range(120):
            pages = self._pages(count, 17, 22, 5)
            self.assertEqual(sum(pages), count)
            self.assertLessEqual(pages[-1], 12 if len(pages) == 1 else 17)

    def test_no_row_stands_beneath_a_long_foot(self):
        self.assertEqual(self._pages(1, 10, 24, 12), [1, 0])
        for foot in range(5, 24):
            for count in range(1, 60):
                pages = self._pages(count, 10, 24, foot)
                self.assertEqual(sum(pages), count)
                room = 24 if pages[1:] else 10
                self.assertLessEqual(pages[-1] + foot, room, (foot, count, pages))
