"""The public verification page, and the code on documents that leads to it."""

import base64
import io
import re
import shutil
import subprocess
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, freeze_time, new_test_user
from odoo.tools import config, mute_logger
from odoo.tools.pdf import PdfReader

from odoo.addons.lrm_credentials.models import (
    lrm_credential_render,
    lrm_verification_attempt,
)
from odoo.addons.lrm_credentials.models.lrm_credential_verify import NO_TOKEN
from odoo.addons.lrm_credentials.seal import with_seal

from .common import CredentialCommon, pdf_pages
from .test_render import builds, links

NOW = "2026-03-02 10:20:00"
SENTENCE = "Nothing that can be verified is known under this"
# Gives the file in CONTENT to the page and waits for what it says.
BROWSER_CODE = """
(async () => {
    const bytes = Uint8Array.from(atob("%(content)s"), (c) => c.charCodeAt(0));
    const shown = async (outcome, act) => {
        act();
        for (let tries = 0; tries < 100; tries++) {
            const [one, ...others] = [
                ...document.querySelectorAll("[data-outcome]:not([hidden])"),
            ];
            if (one?.dataset.outcome === outcome && !others.length) {
                return;
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        throw new Error(`The page does not say: ${outcome}`);
    };
    const files = (content) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([content], "certificate.pdf"));
        return transfer;
    };
    const input = document.getElementById("pdf");
    const choose = (content) => () => {
        input.files = files(content).files;
        input.dispatchEvent(new Event("change", {bubbles: true}));
    };
    const drop = (content) => () => {
        const event = new DragEvent("drop", {
            dataTransfer: files(content),
            bubbles: true,
            cancelable: true,
        });
        document.getElementById("drop").dispatchEvent(event);
        if (!event.defaultPrevented) {
            throw new Error("The browser would leave the page");
        }
    };
    const doctored = bytes.slice();
    doctored[doctored.length - 100] ^= 1;
    await shown("same", choose(bytes));
    await shown("different", choose(doctored));
    await shown("same", drop(bytes));
    await shown("different", drop(doctored));
    if (document.querySelector("[tabindex]") || input.tabIndex !== 0) {
        throw new Error("The keyboard cannot reach the field in order");
    }
    if (performance.getEntriesByType("resource").some((r) => !/assets/.test(r.name))) {
        throw new Error("The page loaded or sent something");
    }
    console.log("test successful");
})();
"""


def codes(content, dpi=150):
    """What the QR codes on the pages of a PDF (bytes) say."""
    pages = subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-gray", "-"],
        check=True,
        input=content,
        stdout=subprocess.PIPE,
    ).stdout
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-"],
        check=False,  # it fails when there is none
        input=pages,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout
    return found.decode().split()


class VerifyCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = cls._create_learner("Ana", "Müller", email="ana@example.com")
        cls.enrolment = cls._create_enrolment(cls.learner)
        cls.issued = cls._request(cls.enrolment, cls.statement)
        cls._issue(cls.issued)

    @classmethod
    def _new(cls, *names, template=None):
        """A statement, or another document, of a learner of its own; issued."""
        enrolment = cls._create_enrolment(cls._create_learner(*names))
        credential = cls._request(enrolment, template or cls.statement)
        cls._issue(credential)
        return credential


class TestCode(VerifyCommon):
    def _render(self, credential, **options):
        documents = {credential.id: credential._document()}
        credential = credential.with_user(self.admin)
        return credential._render(documents, **options)[credential.id]

    def _url(self, token):
        return f"{self.issued.get_base_url()}/credential/{token}"

    def test_code_on_each_layout_and_build_leads_to_the_page(self):
        shipped = ("certificate", "certificate_landscape", "statement", "record")
        for name in (*shipped, "completion", "transcript", "attendance"):
            template = self.env.ref(f"lrm_credentials.template_{name}")
            credential = self._request(self.enrolment, template)
            for binary in builds():
                with (
                    self.subTest(template=template.name, binary=binary),
                    patch.object(lrm_credential_render, "_wkhtml") as found,
                ):
                    found.return_value.bin = binary
                    content = self._render(credential)
                    self.assertEqual(codes(content), [self._url(credential.token)])

    def test_document_links_to_its_page_and_to_the_form(self):
        content = self._bytes(self.issued)
        form = f"{self.issued.get_base_url()}/credential"
        self.assertIn(self._url(self.issued.token), links(content))
        self.assertIn(form, links(content))
        address = form.partition("//")[2]
        self.assertIn(f"Verify at {address}", pdf_pages(content)[0])

    def test_stored_document_keeps_the_printed_address(self):
        self.assertEqual(
            self.issued.document_data["verification_url"], self._url(self.issued.token)
        )

    def test_code_is_large_and_has_a_margin(self):
        page = PdfReader(io.BytesIO(self._bytes(self.issued))).pages[0]
        [left, bottom, right, top] = next(
            annotation.get_object()["/Rect"]
            for annotation in page["/Annots"]
            if annotation.get_object()["/A"]["/URI"] == self._url(self.issued.token)
        )
        sides = [float(end - start) for start, end in ((left, right), (bottom, top))]
        # 24 mm, of which 4 modules in 45 are white on each side
        self.assertGreaterEqual(max(sides) * 25.4 / 72, 23)

    def test_preview_leads_nowhere(self):
        credential = self._request(self.enrolment)
        content = self._bytes(self._preview(credential).line_ids)
        self.assertIn(self._url(NO_TOKEN), links(content))
        self.assertNotIn(self._url(credential.token), links(content))
        self._issue(credential)
        self.assertFalse(self.env["lrm.credential"]._verify_token(NO_TOKEN))

    def test_nothing_leads_from_what_is_not_verified(self):
        letter = self._create_template("Letter", "letter")
        offer = self.offer.copy({"code": "TRY", "is_test": True})
        sample = self._create_enrolment(self.learner, offer=offer)
        for enrolment, template in (
            (self.enrolment, letter),
            (sample, self.certificate),
        ):
            credential = self._request(enrolment, template)
            self._assert_no_code(credential)

    def test_nothing_leads_from_anything_when_switched_off(self):
        credential = self._request(self.enrolment)
        self.company.lrm_verification = False
        self._assert_no_code(credential)

    def test_nothing_leads_from_the_documents_of_who_objects(self):
        credential = self._request(self.enrolment)
        self.learner.lrm_verification_objection = True
        self._assert_no_code(credential)

    def _assert_no_code(self, credential):
        content = self._render(credential)
        self.assertFalse(credential._document()["verification_url"])
        self.assertEqual(links(content), [])
        self.assertNotIn("Verify", " ".join(pdf_pages(content)))
        if shutil.which("zbarimg"):
            self.assertEqual(codes(content), [])

    def test_auditor_makes_the_same_document_without_reading_objections(self):
        credential = self._request(self.enrolment)
        self.assertEqual(
            credential.with_user(self.auditor)._document(), credential._document()
        )
        self.assertTrue(self.issued.with_user(self.auditor).verification_url)

    def test_settings_switch_it_off(self):
        settings = self.env["lrm.settings"].with_user(self.admin).create({})
        self.assertTrue(settings.lrm_verification)
        settings.lrm_verification = False
        settings.action_save()
        self.assertFalse(self.company.lrm_verification)


class TestPage(VerifyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "portal_user", groups="base.group_portal")

    def _page(self, token, **kwargs):
        return self.url_open(f"/credential/{token}", **kwargs)

    def _answer(self, number, family_name, **kwargs):
        """The response to the form, filled in as without JavaScript."""
        page = self.url_open("/credential", **kwargs).text
        token = re.search(r'name="csrf_token" value="(\w+)"', page)[1]
        values = {"number": number, "family_name": family_name, "csrf_token": token}
        return self.url_open("/credential", data=values, **kwargs)

    def _text(self, response):
        """The page of `response`, without what is a new one each time."""
        return re.sub(r'(name="csrf_token" value=")\w+', r"\1", response.text)

    def _assert_unknown(self, credential):
        """Neither token nor number give anything away."""
        unknown = self._page("A" * 32)
        page = self._page(credential.token)
        self.assertEqual(page.status_code, 404)
        self.assertEqual(self._text(page), self._text(unknown))
        wrong = self._answer("9999999999", "Nobody")
        answer = self._answer(credential.number, credential.partner_id.lrm_family_name)
        self.assertEqual(answer.status_code, wrong.status_code)
        self.assertEqual(self._text(answer), self._text(wrong))
        self.assertIn(SENTENCE, answer.text)

    # ------------------------------------------------------------ by token

    def test_page_says_what_the_document_says(self):
        for login in (None, "portal_user", "requester"):
            self.authenticate(login, login)
            with self.subTest(login=login):
                page = self._page(self.issued.token)
                self.assertEqual(page.status_code, 200)
                for words in (
                    "Genuine",
                    "Ana Müller",
                    "Statement of Attainment",
                    "BSB50420 Diploma of Leadership and Management",
                    "Wattle Institute of Training Pty Ltd",
                    "45999",
                    "1 December 2025",
                    self.issued.number,
                    "BSBCMM511",
                    "Communicate with influence",
                    "14 November 2025",
                    self.competent.name,
                    self.issued.document_sha256,
                ):
                    self.assertIn(words, page.text)

    def test_page_comes_from_the_stored_document(self):
        self.learner.lrm_family_name = "Schmidt"
        self.course.name = "Diploma of Something Else"
        page = self._page(self.issued.token).text
        self.assertIn("Ana Müller", page)
        self.assertNotIn("Schmidt", page)
        self.assertNotIn("Something Else", page)

    def test_page_holds_nothing_private(self):
        page = self._page(self.issued.token).text
        self.learner.lrm_birth_date = fields.Date.to_date("1994-05-17")
        for secret in (
            self.learner.lrm_usi,
            "1994",
            "ana@example.com",
            self.learner.lrm_learner_number,
            self.offer.code,
            "Course completed",
            f'"{self.issued.id}"',
        ):
            self.assertNotIn(secret, page)

    def test_names_are_escaped(self):
        credential = self._new("<b>Ana</b>", "<script>alert(1)</script>")
        page = self._page(credential.token).text
        self.assertNotIn("<b>Ana", page)
        self.assertNotIn("<script>alert", page)
        self.assertIn("&lt;script&gt;alert", page)

    def test_cancelled_says_so_and_nothing_else(self):
        credential = self._new("Cora", "Jones")
        with freeze_time("2026-02-03 04:05:06"):
            self._cancel(credential, "Wrong name printed")
        page = self._page(credential.token)
        self.assertEqual(page.status_code, 200)
        for words in ("Cancelled", "3 February 2026", credential.number):
            self.assertIn(words, page.text)
        self._assert_no_content(page.text)
        answer = self._answer(credential.number, "Jones").text
        for words in ("Cancelled", "3 February 2026", credential.number):
            self.assertIn(words, answer)
        self._assert_no_content(answer)

    def test_replaced_says_so_and_nothing_of_the_newer_one(self):
        old = self._new("Rob", "Jones")
        new = self._request(old.enrolment_id, self.statement)
        with_seal(new).sudo().replaces_id = old
        self.assertIn("Genuine", self._page(old.token).text)  # only requested
        self._issue(new)
        if old.state == "issued":
            self._cancel(old, "Replaced")
        for page in (
            self._page(old.token).text,
            self._answer(old.number, "Jones").text,
        ):
            self.assertIn("Replaced", page)
            self.assertIn(old.number, page)
            self.assertNotIn(new.number, page)
            self.assertNotIn(new.token, page)
            self._assert_no_content(page)
        self.assertIn("Genuine", self._page(new.token).text)

    def _assert_no_content(self, page):
        for words in (
            "Genuine",
            "Statement of Attainment",
            "Diploma",
            "BSBCMM511",
            "Cora",
            "Wrong name",
            "sha256",
        ):
            self.assertNotIn(words, page)

    def test_notes_stand_beside_the_word(self):
        model = type(self.env["lrm.credential"])
        with patch.object(
            model, "_verification_notes", return_value=["Expired in May."]
        ):
            self.assertIn("Expired in May.", self._page(self.issued.token).text)
            answer = self._answer(self.issued.number, "Müller").text
            self.assertIn("Expired in May.", answer)

    def test_unknown_and_malformed_tokens_are_never_an_error(self):
        expected = self._text(self._page("A" * 32))
        for token in (
            "x",
            self.issued.token[:-1],
            self.issued.token.swapcase(),
            "A" * 5000,
            "%00",
            "%ff",
            "a%27--",
            "%F0%9F%8E%93",
            NO_TOKEN,
        ):
            with self.subTest(token=token[:40]):
                page = self._page(token)
                self.assertEqual(page.status_code, 404)
                self.assertEqual(self._text(page), expected)

    def test_what_is_not_published_is_unknown(self):
        self._assert_unknown(self._request(self.enrolment))
        sample = self._create_enrolment(
            self._create_learner("Sam", "Ple"),
            offer=self.offer.copy({"code": "TRY", "is_test": True}),
        )
        sample = self._request(sample, self.statement)
        self._issue(sample)
        self._assert_unknown(sample)
        letter = self._new(
            "Lea", "Letter", template=self._create_template("Letter", "letter")
        )
        self._assert_unknown(letter)

    def test_switched_off_by_company_all_is_unknown(self):
        self.company.lrm_verification = False
        self._assert_unknown(self.issued)
        self.assertFalse(self.issued.verification_url)

    def test_objection_makes_all_unknown(self):
        self.learner.lrm_verification_objection = True
        self._assert_unknown(self.issued)
        self.assertFalse(self.issued.verification_url)

    def test_archived_learner_can_still_be_verified(self):
        self.learner.active = False
        self.assertEqual(self._page(self.issued.token).status_code, 200)

    def test_other_company_is_verified_on_the_same_page(self):
        enrolment = self._in_own_company()
        officer = self.officer.copy({"company_id": enrolment.company_id.id})
        admin = new_test_user(
            self.env,
            "other_admin",
            groups="lrm_credentials.group_lrm_admin",
            company_id=enrolment.company_id.id,
            company_ids=enrolment.company_id.ids,
        )
        credential = self._request(
            enrolment, self.statement, user=admin, issuing_officer_id=officer.id
        )
        self._issue(credential, user=admin)
        page = self._page(credential.token)
        self.assertIn("Genuine", page.text)
        self.assertIn("OTHER", page.text)

    def test_headers(self):
        for response in (
            self._page(self.issued.token),
            self._page("A" * 32),
            self.url_open("/credential"),
            self._answer("1", "x"),
        ):
            headers = response.headers
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertIn("noindex", headers["X-Robots-Tag"])
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertNotIn("unsafe", headers["Content-Security-Policy"])
            self.assertIn('name="robots" content="noindex', response.text)
            # Nothing that the policy would stop, nor the web client.
            self.assertNotRegex(response.text, r"<script(?![^>]* src=)|\son\w+=|style=")
            self.assertNotIn("web.assets", response.text)

    def test_page_of_a_document_sets_no_cookie(self):
        self.opener.cookies.clear()
        response = self._page(self.issued.token)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_page_is_in_the_visitors_language_the_document_in_its_own(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        view = self.env.ref("lrm_credentials.verify_status")
        view.update_field_translations("arch_db", {"fr_FR": {"Genuine": "Authentique"}})
        for languages, lang in (
            ("fr-CA,fr;q=0.9,en;q=0.5", "fr-FR"),
            ("de", "en-US"),
            ("zz-!!", "en-US"),
        ):
            with self.subTest(languages=languages):
                page = self._page(
                    self.issued.token, headers={"Accept-Language": languages}
                )
                self.assertIn(f'<html lang="{lang}"', page.text)
                self.assertIn("1 December 2025", page.text)
                word = "Authentique" if lang == "fr-FR" else "Genuine"
                self.assertIn(f">{word}</h1>", page.text)

    # ------------------------------------------------------------ by number and name

    def test_form_answers_with_title_and_date_only(self):
        answer = self._answer(self.issued.number, "Müller")
        self.assertEqual(answer.status_code, 200)
        for words in ("Genuine", "Statement of Attainment", "1 December 2025"):
            self.assertIn(words, answer.text)
        for words in ("Ana", "Müller", "Diploma", "BSBCMM511", "sha256"):
            self.assertNotIn(words, answer.text)
        self.assertNotIn(self.issued.token, answer.text)

    def test_form_forgives_case_accents_and_spaces(self):
        for name in ("müller", " MULLER ", "Mu\u0308ller", "Mul ler"):
            with self.subTest(name=name):
                answer = self._answer(f" {self.issued.number} ", name)
                self.assertIn("Genuine", answer.text)
        turkish = self._new("Mehmet", "Yılmaz-O’Brien")
        sole = self._new("", "Wulandari")
        chinese = self._new("小明", "王")
        for credential, name in (
            (turkish, "yilmaz o'brien"),
            (sole, "wulandari"),
            (chinese, "王"),
        ):
            with self.subTest(name=name):
                self.assertIn("Genuine", self._answer(credential.number, name).text)

    def test_all_misses_are_answered_alike(self):
        requested = self._request(self.enrolment)
        wrong = self._answer("9999999999", "Müller")
        self.assertEqual(wrong.status_code, 200)
        self.assertIn(SENTENCE, wrong.text)
        for number, name in (
            (self.issued.number, "Lee"),
            (self.issued.number, "Ana"),
            (self.issued.number, ""),
            (self.issued.number, "-"),
            (self.issued.number, "x" * 10000),
            (requested.number, "Müller"),
            ("", ""),
            ("9999999999", "Nobody"),
            ("\0", "\0"),
            ("%", "%"),
        ):
            with self.subTest(number=number, name=name[:20]):
                answer = self._answer(number, name)
                self.assertEqual(answer.status_code, wrong.status_code)
                self.assertEqual(self._text(answer), self._text(wrong))
                self.assertEqual(set(answer.headers), set(wrong.headers))

    def test_all_misses_take_the_same_work(self):
        requested = self._request(self.enrolment)
        credentials = self.env["lrm.credential"].with_user(
            self.env.ref("base.public_user")
        )

        def queries(number, name):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertFalse(credentials._verify_name(number, name))
            return self.cr.sql_log_count - before

        misses = [
            queries(self.issued.number, "Lee"),
            queries("9999999999", "Müller"),
            queries(requested.number, "Müller"),
        ]
        self.assertEqual(len(set(misses)), 1, misses)

    def test_form_needs_its_token_and_takes_no_files(self):
        values = {"number": self.issued.number, "family_name": "Müller"}
        with mute_logger("odoo.http"):
            refused = self.url_open("/credential", data=values)
        self.assertEqual(refused.status_code, 400)
        page = self.url_open("/credential").text
        values["csrf_token"] = re.search(r'name="csrf_token" value="(\w+)"', page)[1]
        answer = self.url_open(
            "/credential", data=values, files={"number": ("a.txt", b"a")}
        )
        self.assertEqual(answer.status_code, 200)
        self.assertIn(SENTENCE, answer.text)

    # ------------------------------------------------------------ guessing

    def test_guessing_by_the_form_is_limited(self):
        self.patch(lrm_verification_attempt, "LIMIT", 3)
        with freeze_time(NOW):
            for _try in range(3):
                self.assertEqual(self._answer("1", "x").status_code, 200)
            for name in ("x", "Müller"):  # the right answer as well
                limited = self._answer(self.issued.number, name)
                self.assertEqual(limited.status_code, 429)
                self.assertIn("too many attempts", limited.text)
                self.assertNotIn("Genuine", limited.text)
            self.assertEqual(limited.headers["Retry-After"], "2400")
            # Who holds the document is not kept from looking.
            self.assertEqual(self._page(self.issued.token).status_code, 200)
        with freeze_time("2026-03-02 11:00:00"):
            answer = self._answer(self.issued.number, "Müller")
            self.assertIn("Genuine", answer.text)

    def test_guessing_tokens_is_limited(self):
        self.patch(lrm_verification_attempt, "LIMIT", 2)
        with freeze_time(NOW):
            statuses = [self._page(f"{n}" * 32).status_code for n in range(4)]
            self.assertEqual(statuses, [404, 404, 429, 429])
            self.assertEqual(self._answer("1", "x").status_code, 429)
            for _look in range(5):
                self.assertEqual(self._page(self.issued.token).status_code, 200)

    def test_each_address_has_a_limit_of_its_own_behind_a_proxy(self):
        self.patch(lrm_verification_attempt, "LIMIT", 1)

        def ask(address):
            headers = {"X-Forwarded-For": address, "X-Forwarded-Host": "example.com"}
            return self._page("A" * 32, headers=headers).status_code

        with freeze_time(NOW), patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual([ask("192.0.2.1"), ask("192.0.2.1")], [404, 429])
            self.assertEqual([ask("192.0.2.2"), ask("192.0.2.2")], [404, 429])
            # One customer has a whole network of IPv6.
            self.assertEqual([ask("2001:db8::1"), ask("2001:db8::2")], [404, 429])
            self.assertEqual(ask("2001:db8:0:1::1"), 404)
        with freeze_time(
            NOW
        ):  # without a proxy, what a visitor claims counts for nothing
            self.assertEqual([ask("192.0.2.3"), ask("192.0.2.4")], [404, 429])

    def test_attempts_keep_no_address_and_go_when_they_no_longer_count(self):
        attempts = self.env["lrm.verification.attempt"]
        with freeze_time(NOW):
            self._page("A" * 32)
            [attempt] = attempts.search([])
            self.assertRegex(attempt.address, r"^[0-9a-f]{64}$")
            attempts._gc_attempts()
            self.assertTrue(attempt.exists())
        with freeze_time("2026-03-02 11:00:00"):
            attempts._gc_attempts()
            self.assertFalse(attempt.exists())

    # ------------------------------------------------------------ in the browser

    def test_browser_tells_the_file_from_a_doctored_one(self):
        content = base64.b64encode(self._bytes(self.issued)).decode()
        self.browser_js(
            f"/credential/{self.issued.token}",
            BROWSER_CODE % {"content": content},
            ready="document.getElementById('drop').hidden === false",
        )

    def test_staff_open_the_page_from_the_credential(self):
        for user in (self.requester, self.auditor, self.admin):
            action = self.issued.with_user(user).action_open_verification()
            self.assertTrue(action["url"].endswith(f"/credential/{self.issued.token}"))
