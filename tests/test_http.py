"""What an address or a remote call gives to whom: the buttons are only half of it."""

import base64

from odoo.tests import HttpCase, JsonRpcException, new_test_user
from odoo.tools import mute_logger

from .common import PIXEL, CredentialCommon

LAYOUT = "lrm_credentials.document_certificate"


class HttpCommon(CredentialCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.company"].create({"name": "Other College"})
        cls.stranger = new_test_user(
            cls.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        cls.portal = new_test_user(cls.env, "portal_ana", groups="base.group_portal")
        cls.learner = cls._create_learner("Ana", "Lee", user_ids=cls.portal.ids)
        cls.enrolment = cls._create_enrolment(cls.learner)
        cls.requested = cls._request(cls.enrolment, cls.statement)
        # Nobody's signature is on this one to stop the requester from printing it.
        cls.unsigned = cls._request(cls.enrolment, issuing_officer_id=False)
        cls.preview = cls._preview(cls.requested)
        cls.issued = cls._request(cls.enrolment)
        cls.issue = cls._issue(cls.issued, with_mail_merge=True)
        cls.content = cls._bytes(cls.issued)

    def _get(self, url, login=None):
        """The response to `url` for the user `login`, for nobody when None."""
        self.authenticate(login, login)
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.url_open(url, allow_redirects=False)

    def _assert_refused(self, response):
        """Neither a file nor a page about the course: an error, or the login page."""
        self.assertNotEqual(response.status_code, 200)
        self.assertNotIn(b"%PDF", response.content)
        self.assertNotIn(b"PK\x03\x04", response.content)
        self.assertNotIn(self.course.name, response.text)


class TestFiles(HttpCommon):
    def test_issued_document_is_served_as_stored(self):
        url = f"/web/content/lrm.credential/{self.issued.id}/document"
        for login in ("requester", "auditor", "lrmadmin"):
            with self.subTest(login=login):
                response = self._get(url, login)
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.content, self.content)
                self.assertEqual(response.headers["Content-Type"], "application/pdf")

    def test_issued_document_is_refused_to_others(self):
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "lrm.credential"),
                ("res_field", "=", "document"),
                ("res_id", "=", self.issued.id),
            ]
        )
        for login in (None, "portal_ana", "stranger"):
            for url in (
                f"/web/content/lrm.credential/{self.issued.id}/document",
                f"/web/content/lrm.credential/{self.issued.id}/document?download=1",
                f"/web/content/{attachment.id}",
            ):
                with self.subTest(login=login, url=url):
                    self._assert_refused(self._get(url, login))

    def test_requested_credential_has_no_document(self):
        url = f"/web/content/lrm.credential/{self.requested.id}/document"
        for login in (None, "requester", "auditor", "lrmadmin"):
            with self.subTest(login=login):
                self._assert_refused(self._get(url, login))

    def test_log_files_are_for_admins(self):
        line = self.preview.line_ids
        urls = [
            f"/web/content/lrm.credential.run.line/{line.id}/document",
            f"/web/content/lrm.credential.run/{self.preview.id}/combined_pdf",
            f"/web/content/lrm.credential.run/{self.issue.id}/combined_pdf",
            f"/web/content/lrm.credential.run/{self.issue.id}/mail_merge_xlsx",
        ]
        for url in urls:
            with self.subTest(url=url, login="lrmadmin"):
                self.assertEqual(self._get(url, "lrmadmin").status_code, 200)
            for login in (None, "portal_ana", "requester", "auditor", "stranger"):
                with self.subTest(url=url, login=login):
                    self._assert_refused(self._get(url, login))

    def test_signature_is_for_admins(self):
        signature = base64.b64decode(PIXEL)
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "lrm.issuing.officer"),
                ("res_field", "=", "signature"),
                ("res_id", "=", self.officer.id),
            ]
        )
        for url in (
            f"/web/image/lrm.issuing.officer/{self.officer.id}/signature",
            f"/web/content/lrm.issuing.officer/{self.officer.id}/signature",
        ):
            with self.subTest(url=url):
                self.assertEqual(self._get(url, "lrmadmin").content, signature)
            for login in (None, "portal_ana", "requester", "auditor", "stranger"):
                with self.subTest(url=url, login=login):
                    self.assertNotEqual(self._get(url, login).content, signature)
        for url in (f"/web/image/{attachment.id}", f"/web/content/{attachment.id}"):
            for login in (None, "portal_ana", "requester", "auditor", "stranger"):
                with self.subTest(url=url, login=login):
                    self.assertNotEqual(self._get(url, login).content, signature)


class TestReportRoutes(HttpCommon):
    def test_requested_credential_is_not_rendered_for_requester(self):
        for credential in (self.requested, self.unsigned):
            for converter in ("pdf", "html", "text"):
                url = f"/report/{converter}/{LAYOUT}/{credential.id}"
                for login in (None, "portal_ana", "requester", "auditor", "stranger"):
                    with self.subTest(url=url, login=login):
                        self._assert_refused(self._get(url, login))

    def test_requested_credential_has_no_pdf_for_admin(self):
        url = f"/report/pdf/{LAYOUT}/{self.requested.id}"
        self._assert_refused(self._get(url, "lrmadmin"))
        both = f"/report/pdf/{LAYOUT}/{self.issued.id},{self.requested.id}"
        self._assert_refused(self._get(both, "lrmadmin"))

    def test_admin_sees_only_a_marked_page(self):
        for credential in (self.requested, self.issued):
            url = f"/report/html/{LAYOUT}/{credential.id}"
            page = self._get(url, "lrmadmin").text
            self.assertIn("Ana Lee", page)
            self.assertRegex(page, r'class="lrm_mark"[^>]*>PREVIEW<')
            self.assertNotIn(self.learner.lrm_usi, page)

    def test_issued_credential_is_not_rendered_again_for_requester(self):
        for login in ("requester", "auditor"):
            url = f"/report/html/{LAYOUT}/{self.issued.id}"
            self._assert_refused(self._get(url, login))

    def test_pdf_of_issued_credential_is_the_stored_one(self):
        # The layout in the address and the learner's name now make no difference.
        self.learner.lrm_family_name = "Somebody"
        for layout in (LAYOUT, "lrm_credentials.document_statement"):
            url = f"/report/pdf/{layout}/{self.issued.id}"
            for login in ("requester", "auditor", "lrmadmin"):
                with self.subTest(layout=layout, login=login):
                    response = self._get(url, login)
                    self.assertEqual(response.status_code, 200)
                    self.assertEqual(response.content, self.content)

    def test_pdf_of_issued_credential_is_refused_to_others(self):
        for login in (None, "portal_ana", "stranger"):
            url = f"/report/pdf/{LAYOUT}/{self.issued.id}"
            with self.subTest(login=login):
                self._assert_refused(self._get(url, login))


class TestRemoteCalls(HttpCommon):
    def _call(self, model, method, *args, login="requester", **kwargs):
        """Call a method over JSON-RPC as the user `login`, like the web client."""
        self.authenticate(login, login)
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {"model": model, "method": method, "args": args, "kwargs": kwargs},
            )

    def _snapshot(self):
        """All that a refused call could have changed."""
        self.env.invalidate_all()
        credentials = self.requested | self.unsigned | self.issued
        return (
            credentials.sudo().read(["state", "number", "status_reason", "is_final"]),
            credentials._stored_documents(),
            self.enrolment.read(["qual_issued", "parchment_number"]),
            self.env["lrm.credential.run"].search_count([]),
            self.env["lrm.register.entry"].search_count([]),
        )

    def _assert_call_refused(self, error, model, method, *args, **kwargs):
        before = self._snapshot()
        with self.assertRaisesRegex(JsonRpcException, error):
            self._call(model, method, *args, **kwargs)
        self.assertEqual(self._snapshot(), before)

    def test_only_admins_preview_issue_and_cancel(self):
        for login in ("requester", "auditor"):
            for method, credential in (
                ("action_preview", self.requested),
                ("action_issue", self.requested),
                ("action_cancel", self.issued),
            ):
                with self.subTest(login=login, method=method):
                    self._assert_call_refused(
                        "AccessError",
                        "lrm.credential",
                        method,
                        credential.ids,
                        login=login,
                    )

    def test_status_is_not_writable(self):
        for login in ("requester", "auditor", "lrmadmin"):
            for values in (
                {"state": "issued"},
                {"state": "cancelled"},
                {"document": PIXEL.decode()},
                {"is_final": True},
                {"number": "1"},
            ):
                for credential in (self.requested, self.issued):
                    with self.subTest(login=login, values=values):
                        self._assert_call_refused(
                            "UserError|AccessError",
                            "lrm.credential",
                            "write",
                            credential.ids,
                            values,
                            login=login,
                        )

    def test_runs_are_made_by_preview_and_issue_only(self):
        values = {
            "kind": "issue",
            "company_id": self.company.id,
            "user_id": self.requester.id,
            "line_ids": [[0, 0, {"credential_id": self.requested.id}]],
        }
        for login in ("requester", "auditor", "lrmadmin"):
            with self.subTest(login=login):
                self._assert_call_refused(
                    "AccessError", "lrm.credential.run", "create", values, login=login
                )
        for method in ("action_preview_again", "action_issue_selected"):
            with self.subTest(method=method):
                self._assert_call_refused(
                    "AccessError", "lrm.credential.run", method, self.preview.ids
                )

    def test_wizards_are_for_admins(self):
        for login in ("requester", "auditor"):
            for model, values in (
                (
                    "lrm.credential.issue",
                    {
                        "credential_ids": [[6, 0, self.requested.ids]],
                        "final": "no",
                        "status_reason": "Course completed",
                    },
                ),
                (
                    "lrm.credential.cancel",
                    {"credential_ids": [[6, 0, self.issued.ids]], "reason": "Wrong"},
                ),
            ):
                with self.subTest(login=login, model=model):
                    self._assert_call_refused(
                        "AccessError", model, "create", values, login=login
                    )

    def test_private_methods_cannot_be_called(self):
        for method, args in (("_cancel", ["Wrong"]), ("_render", [{}])):
            with self.subTest(method=method):
                self._assert_call_refused(
                    "AccessError",
                    "lrm.credential",
                    method,
                    self.issued.ids,
                    *args,
                    login="lrmadmin",
                )

    def test_issued_credential_is_not_deleted_by_a_forged_context(self):
        for login in ("requester", "lrmadmin"):
            for context in (
                {},
                {"_force_unlink": True},
                {"_force_unlink": True, "lrm_seal": True},
                {"_force_unlink": True, "lrm_seal": "<object object>"},
            ):
                with self.subTest(login=login, context=context):
                    self._assert_call_refused(
                        "UserError|AccessError",
                        "lrm.credential",
                        "unlink",
                        self.issued.ids,
                        login=login,
                        context=context,
                    )

    def test_document_is_not_replaced_by_an_attachment(self):
        attachment = self.env["ir.attachment"].search(
            [("res_field", "=", "document"), ("res_id", "=", self.issued.id)]
        )
        for login in ("requester", "lrmadmin"):
            for method, args in (
                ("write", [{"datas": PIXEL.decode()}]),
                ("write", [{"res_id": self.requested.id}]),
                ("write", [{"res_field": False}]),
                ("unlink", []),
            ):
                with self.subTest(login=login, method=method):
                    self._assert_call_refused(
                        "UserError|AccessError",
                        "ir.attachment",
                        method,
                        attachment.ids,
                        *args,
                        login=login,
                    )

    def test_attachment_does_not_become_a_document(self):
        """On a request too, which its requester may change: it would be issued."""
        for credential in (self.requested, self.issued):
            link = {"res_model": "lrm.credential", "res_id": credential.id}
            forgery = {"name": "forgery.pdf", "datas": PIXEL.decode()}
            plain = self.env["ir.attachment"].create(forgery | link)
            plain.create_uid = self.requester
            field = {"res_field": "document"}
            defaults = {f"default_{key}": val for key, val in (link | field).items()}
            for login in ("requester", "lrmadmin"):
                for method, args, context in (
                    ("create", [forgery | link | field], {}),
                    ("create", [forgery], defaults),
                    ("create", [forgery | link], {"default_res_field": "document"}),
                    ("write", [plain.ids, field], {}),
                ):
                    with self.subTest(login=login, method=method, context=context):
                        self._assert_call_refused(
                            "UserError|AccessError",
                            "ir.attachment",
                            method,
                            *args,
                            login=login,
                            context=context,
                        )
