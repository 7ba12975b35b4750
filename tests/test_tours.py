"""What staff do in the browser, as the least privileged of those who may."""

from unittest.mock import patch

from odoo import api
from odoo.fields import Date
from odoo.tests import HttpCase

from .common import CredentialCommon, pdf_pages


class TestTours(CredentialCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dean = cls.env["lrm.issuing.officer"].create(
            {"name": "Priya Nair", "title": "Dean"}
        )
        cls.ana = cls._create_enrolment(cls._create_learner("Ana", "Lee"))
        cls.ben = cls._create_enrolment(cls._create_learner("Ben", "Okafor"))
        cls.dan = cls._create_enrolment(
            cls._create_learner("Dan", "Murphy"), [cls.not_competent] * 3
        )
        cls.eve = cls._create_enrolment(
            cls._create_learner("Eve", "Brown"),
            offer=cls.offer.copy({"code": "DIP-2024"}),
        )
        # Once for all tours: each would compile these bundles anew and roll them back.
        for name in ("web.assets_web", "web.assets_web_print", "web.assets_tests"):
            bundle = cls.env["ir.qweb"]._get_asset_bundle(name)
            bundle.css()
            if name != "web.assets_web_print":  # of which only styles are loaded
                bundle.js()

    def test_request_one(self):
        self.start_tour("/odoo", "lrm_request_one", login="requester")
        credential = self.ana.credential_ids
        self.assertRecordValues(
            credential,
            [
                {
                    "state": "requested",
                    "template_id": self.certificate.id,
                    "issuing_officer_id": self.dean.id,
                    "request_reason": "Completed the course",
                    "requested_by_id": self.requester.id,
                }
            ],
        )
        self.assertRegex(credential.number, r"^\d{10}$")

    def test_request_bulk_selects_new_requests_in_register(self):
        before = self._request(self.ana | self.eve)
        self.start_tour("/odoo", "lrm_request_bulk", login="requester")
        enrolments = self.ana | self.ben | self.dan
        made = enrolments.credential_ids - before
        expected = {
            (enrolment, template)
            for enrolment in enrolments
            for template in (self.certificate, self.statement)
        } - {(self.ana, self.certificate)}
        self.assertEqual(
            {(credential.enrolment_id, credential.template_id) for credential in made},
            expected,
        )
        self.assertEqual(len(made), 5)
        self.assertEqual(set(made.mapped("state")), {"requested"})
        self.assertEqual(made.requested_by_id, self.requester)
        self.assertEqual(set(made.mapped("request_reason")), {"End of the course"})

    def test_guided_tour_leads_to_the_first_preview(self):
        self.start_tour("/odoo", "lrm_tour", login="lrmadmin")
        run = self.env["lrm.credential.run"].search([("user_id", "=", self.admin.id)])
        self.assertEqual(run.kind, "preview")

    def test_preview(self):
        # Made in this order, the files come certificate first all the same.
        statements = self._request(self.ana | self.dan, self.statement)
        certificate = self._request(self.ana)
        self._issue(self._request(self.ben))
        cancelled = self._request(self.eve)
        self._issue(cancelled)
        cancelled.with_user(self.admin)._cancel("Wrong name printed")
        self.start_tour("/odoo", "lrm_preview", login="lrmadmin")
        requested = statements | certificate
        self.assertEqual(set(requested.mapped("state")), {"requested"})
        again, first = self.env["lrm.credential.run"].search(
            [("line_ids.credential_id", "in", requested.ids)]
        )
        self.assertEqual(again.previous_run_id, first)
        for run in again | first:
            self.assertEqual(run.kind, "preview")
            self.assertEqual(run.user_id, self.admin)
            self.assertEqual(run.line_ids.mapped("state"), ["done", "done", "refused"])
            self.assertEqual(run.line_ids.mapped("is_changed"), [False] * 3)
            pages = pdf_pages(self._bytes(run, "combined_pdf"))
            self.assertEqual(len(pages), 2)
            for page, credential in zip(
                pages, (certificate, statements[0]), strict=True
            ):
                self.assertIn(credential.number, page)

    def test_issue_final(self):
        credentials = self._request(self.ana | self.ben)
        self.start_tour("/odoo", "lrm_issue_final", login="lrmadmin")
        for credential in credentials:
            self.assertRecordValues(
                credential,
                [
                    {
                        "state": "issued",
                        "is_final": True,
                        "status_reason": "Course completed",
                        "issued_by_id": self.admin.id,
                    }
                ],
            )
            self.assertRecordValues(
                credential.enrolment_id,
                [
                    {
                        "qual_issued": True,
                        "parchment_number": credential.number,
                        "qual_issued_date": Date.to_date("2025-12-15"),
                    }
                ],
            )
        run = self.env["lrm.credential.run"].search(
            [("line_ids.credential_id", "in", credentials.ids)]
        )
        self.assertEqual(len(pdf_pages(self._bytes(run, "combined_pdf"))), 2)
        self.assertTrue(self._bytes(run, "mail_merge_xlsx"))

    def test_background(self):
        self.company.lrm_run_limit = 1
        credentials = self._request(self.ana | self.ben | self.eve)
        scheduler = self.env.ref("lrm_credentials.ir_cron_work_on_runs")
        seen = []

        @api.model
        def schedule(runs):
            """What the scheduler does in a process of its own."""
            [run] = runs.search([("line_ids.credential_id", "in", credentials.ids)])
            seen.append((run.state, run.done_count))
            cron = runs.env["ir.cron"].sudo().browse(scheduler.id)
            return cron.method_direct_trigger()

        model = self.env.registry["lrm.credential.run"]
        with patch.object(model, "lrm_test_schedule", schedule, create=True):
            self.start_tour("/odoo", "lrm_background", login="lrmadmin")
        self.assertEqual(seen, [("queued", 0)])
        self.assertEqual(set(credentials.mapped("state")), {"issued"})
        self.assertEqual(credentials.issued_by_id, self.admin)
        run = self.env["lrm.credential.run"].search(
            [("line_ids.credential_id", "in", credentials.ids)]
        )
        self.assertEqual(len(pdf_pages(self._bytes(run, "combined_pdf"))), 3)

    def test_issue_not_final(self):
        credential = self._request(self.ana, self.statement)
        self.start_tour("/odoo", "lrm_issue_not_final", login="lrmadmin")
        self.assertRecordValues(
            credential,
            [
                {
                    "state": "issued",
                    "is_final": False,
                    "status_reason": "Left the course",
                }
            ],
        )
        self.assertIn(credential.number, pdf_pages(self._bytes(credential))[0])
        self.assertRecordValues(
            self.ana,
            [
                {
                    "qual_issued": False,
                    "parchment_number": False,
                    "qual_issued_date": False,
                }
            ],
        )

    def test_cancel(self):
        credential = self._request(self.ana)
        self._issue(credential, final="yes")
        self.start_tour("/odoo", "lrm_cancel", login="lrmadmin")
        self.assertRecordValues(
            credential,
            [
                {
                    "state": "cancelled",
                    "status_reason": "Wrong name printed",
                    "cancelled_by_id": self.admin.id,
                }
            ],
        )
        self.assertFalse(self.ana.qual_issued)

    def test_replace(self):
        old = self._request(self.ana)
        self._issue(old, final="yes")
        self.start_tour("/odoo", "lrm_replace", login="lrmadmin")
        new = old.replaced_by_ids
        self.assertRecordValues(
            old | new,
            [
                {"state": "issued", "replaces_id": False},
                {"state": "requested", "replaces_id": old.id},
            ],
        )
        self._issue(new)
        self.assertEqual((old.state, new.state), ("cancelled", "issued"))
        self.assertEqual(self.ana.parchment_number, new.number)

    def test_auditor_sees_register_without_buttons(self):
        self._issue(self._request(self.ana))
        request = self._request(self.ben)
        self.start_tour("/odoo", "lrm_auditor", login="auditor")
        self.assertEqual(request.state, "requested")

    def test_auditor_opens_the_reports(self):
        self._issue(self._request(self.ana))
        self.start_tour("/odoo", "lrm_reports", login="auditor")

    def test_requester_reads_what_is_issued(self):
        credential = self._request(self.ana, request_reason="For her wall")
        self._issue(credential)
        self.start_tour("/odoo", "lrm_issued_readonly", login="requester")
        self.assertEqual(credential.state, "issued")

    def test_first_time(self):
        self.start_tour("/odoo", "lrm_first_time", login="requester")
        offer = self.env["lrm.course.offer"].search([("code", "=", "TRY-1")])
        self.assertTrue(offer.is_test)
        self.assertEqual(
            offer.enrolment_ids.partner_id, (self.ana | self.ben).partner_id
        )
        units = offer.enrolment_ids.unit_enrolment_ids
        self.assertEqual(len(units), 6)
        self.assertEqual(units.outcome_id, self.competent)
        self.assertTrue(all(unit.outcome_id for unit in units))

    def test_template_of_ones_own(self):
        self.start_tour("/odoo", "lrm_template", login="lrmadmin")
        own = self.env["lrm.credential.template"].search([], order="id desc", limit=1)
        self.assertTrue(own.has_own_layout)
        self.assertEqual(own.version_ids.approved_by_id, self.admin)
        credential = self._request(self.ana, own)
        self._issue(credential)
        [text] = pdf_pages(self._bytes(credential))
        self.assertIn("Congratulations, Ana.", text)
        version = credential.document_data["template"]["version"]
        self.assertEqual(version, own.version_ids.version)
