"""My Credentials: what a learner finds after logging in, and nobody else's."""

from unittest.mock import patch

from odoo.tests import HttpCase, freeze_time, new_test_user
from odoo.tools import mute_logger

from odoo.addons.lrm_credentials.controllers import portal

from .common import CredentialCommon


class PortalCommon(CredentialCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employer = cls.env["res.partner"].create(
            {"name": "Acme Pty Ltd", "is_company": True}
        )
        cls.ana, cls.portal_ana = cls._create_portal_learner("Ana", "Lee")
        cls.ben, cls.portal_ben = cls._create_portal_learner("Ben", "Okafor")
        cls.boss = new_test_user(cls.env, "portal_boss", groups="base.group_portal")
        cls.boss.partner_id.parent_id = cls.employer
        cls.owner = new_test_user(
            cls.env,
            "portal_employer",
            groups="base.group_portal",
            partner_id=cls.employer.id,
        )
        cls.enrolment = cls._create_enrolment(cls.ana)
        cls.certificate_issued = cls._issued(cls.certificate)
        cls.cancelled = cls._issued(cls._create_template("Letter of Offer", "letter"))
        cls._cancel(cls.cancelled)
        cls.requested = cls._request(cls.enrolment, cls.statement)
        offer = cls.offer.copy({"code": "TEST-1", "is_test": True})
        cls.sample = cls._request(cls._create_enrolment(cls.ana, offer=offer))
        cls._issue(cls.sample)
        cls.mine = cls.certificate_issued | cls.cancelled
        cls.others = cls._request(cls._create_enrolment(cls.ben))
        cls._issue(cls.others)

    @classmethod
    def _create_portal_learner(cls, first, family):
        login = f"portal_{first.lower()}"
        user = new_test_user(cls.env, login, groups="base.group_portal")
        learner = cls._create_learner(
            first, family, user_ids=user.ids, parent_id=cls.employer.id
        )
        return learner, user

    @classmethod
    def _issued(cls, template, enrolment=None, **values):
        credential = cls._request(enrolment or cls.enrolment, template, **values)
        cls._issue(credential)
        return credential

    def _get(self, url, login="portal_ana"):
        self.authenticate(login, login)
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.url_open(url, allow_redirects=False)

    def _page(self, url, login="portal_ana"):
        response = self._get(url, login)
        self.assertEqual(response.status_code, 200)
        return " ".join(response.text.split())

    def _assert_sent_home(self, response):
        self.assertEqual(response.status_code, 303)
        self.assertRegex(response.headers["Location"], "/my$|/web/login")


class TestPortal(PortalCommon):
    def test_list_shows_exactly_what_was_issued_to_the_learner(self):
        page = self._page("/my/credentials")
        for credential in self.mine:
            self.assertIn(f"/my/credentials/{credential.id}", page)
            self.assertIn(credential.number, page)
        for credential in self.requested | self.sample | self.others:
            self.assertNotIn(f"/my/credentials/{credential.id}", page)
            self.assertNotIn(credential.number, page)
        self.assertNotIn(self.ana.lrm_usi, page)

    def test_employer_and_colleagues_see_nothing_of_it(self):
        for login in ("portal_ben", "portal_boss", "portal_employer"):
            with self.subTest(login=login):
                page = self._page("/my/credentials", login)
                for credential in self.mine:
                    self.assertNotIn(credential.number, page)
                for credential in self.mine:
                    url = f"/my/credentials/{credential.id}"
                    self._assert_sent_home(self._get(url, login))
                    self._assert_sent_home(self._get(f"{url}/document", login))

    def test_empty_list_says_so(self):
        page = self._page("/my/credentials", "portal_boss")
        self.assertIn("Nothing has been issued to you yet", page)

    def test_internal_user_who_learns_has_the_same_page(self):
        self.auditor.partner_id.is_lrm_client = True
        enrolment = self._create_enrolment(self.auditor.partner_id)
        self.auditor.partner_id.write(
            {"lrm_usi": "ABCDEFGH24", "lrm_usi_status": "verified"}
        )
        credential = self._issued(self.certificate, enrolment)
        page = self._page("/my/credentials", "auditor")
        self.assertIn(credential.number, page)
        self.assertNotIn(self.certificate_issued.number, page)

    def test_public_is_asked_to_log_in(self):
        for url in (
            "/my/credentials",
            f"/my/credentials/{self.certificate_issued.id}",
            f"/my/credentials/{self.certificate_issued.id}/document",
        ):
            self._assert_sent_home(self._get(url, None))

    def test_download_is_the_stored_file(self):
        response = self._get(f"/my/credentials/{self.certificate_issued.id}/document")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content, self._bytes(self.certificate_issued))
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn("no-store", response.headers["Cache-Control"])

    def test_what_is_not_the_learners_is_not_found(self):
        ids = [
            *(self.requested | self.sample | self.others).ids,
            0,
            10**9,
            10**30,
        ]
        for key in ids:
            for path in ("", "/document"):
                with self.subTest(key=key, path=path):
                    self._assert_sent_home(self._get(f"/my/credentials/{key}{path}"))
        for path in (
            self.certificate_issued.token,
            f"{self.others.id}?access_token={self.others.token}",
            f"-{self.others.id}",
        ):
            with self.subTest(path=path):
                response = self._get(f"/my/credentials/{path}")
                self.assertIn(response.status_code, (303, 404))

    def test_cancelled_is_shown_as_such_and_not_downloaded(self):
        url = f"/my/credentials/{self.cancelled.id}"
        page = self._page(url)
        self.assertRegex(page, r"Cancelled on \d+ \w+ \d{4}")
        self.assertIn("no longer valid", page)
        self.assertNotIn("Download PDF", page)
        self.assertNotIn("o_lrm_share", page)
        self.assertNotIn("Wrong name printed", page)  # why is for the office
        self._assert_sent_home(self._get(f"{url}/document"))

    def test_replaced_is_shown_as_such(self):
        new = self.certificate_issued.with_user(self.admin)._replace("Lost", False)
        self._issue(new)
        page = self._page(f"/my/credentials/{self.certificate_issued.id}")
        self.assertIn(f"Replaced by {new.number}", page)
        self.assertIn("Download PDF", self._page(f"/my/credentials/{new.id}"))

    def test_expired_is_shown_as_such_and_downloaded(self):
        template = self._create_template("CPR Card", validity_months=1)
        credential = self._issued(template)
        url = f"/my/credentials/{credential.id}"
        with freeze_time("2025-12-20"):
            self.assertIn("Valid until 1 January 2026", self._page(url))
        page = self._page(url)
        self.assertIn("Expired on 1 January 2026", page)
        self.assertIn("Download PDF", page)

    def test_verification_link_is_there_when_there_is_one(self):
        url = f"/my/credentials/{self.certificate_issued.id}"
        self.assertIn(self.certificate_issued.verification_url, self._page(url))
        self.company.lrm_verification = False
        page = self._page(url)
        self.assertNotIn("o_lrm_share", page)
        self.assertNotIn(self.certificate_issued.token, page)

    def test_page_shows_what_was_printed(self):
        self.ana.lrm_family_name = "Changed"
        page = self._page(f"/my/credentials/{self.certificate_issued.id}")
        self.assertIn("Ana Lee", page)
        self.assertIn("BSB50420 Diploma of Leadership and Management", page)
        self.assertIn("Wattle Institute of Training Pty Ltd", page)

    def test_pages_and_order(self):
        with patch.object(portal, "PAGE_SIZE", 1):
            first = self._page("/my/credentials?sortby=status")
            second = self._page("/my/credentials/page/2?sortby=status")
            self.assertIn(self.certificate_issued.number, first)
            self.assertNotIn(self.cancelled.number, first)
            self.assertIn(self.cancelled.number, second)
            self.assertIn("/my/credentials/page/2", first)
        self._page("/my/credentials?sortby=id;drop")
        self._page("/my/credentials/page/99999")

    def test_home_counts_them(self):
        self.authenticate("portal_ana", "portal_ana")
        counters = {"counters": ["credential_count"]}
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", counters)["credential_count"], 2
        )
        self.authenticate("portal_boss", "portal_boss")
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", counters)["credential_count"], 0
        )

    def test_tour(self):
        template = self._create_template(
            "Statement of Attainment", "other", validity_months=1
        )
        self._issued(template)
        # The browser would wait for these to be compiled, longer than a tour may take.
        for name in (
            "web.assets_frontend",
            "web.assets_frontend_minimal",
            "web.assets_frontend_lazy",
            "web.assets_tests",
        ):
            bundle = self.env["ir.qweb"]._get_asset_bundle(name)
            bundle.css()
            bundle.js()
        self.start_tour("/my", "lrm_portal", login="portal_ana")
