"""The pages of strangers and learners in Chromium: drop, keyboard, phone, no script."""

import tempfile
from pathlib import Path

from odoo.tests import HttpCase

from .test_portal import PortalCommon
from .test_verify import VerifyCommon
from .visitor import visitor

PHONE = 320  # pixels: the narrowest that WCAG 2.2 asks for
OUTCOME = "[data-outcome=%s]:not([hidden])"


class TestVerificationInBrowser(VerifyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cancelled = cls._new("Rob", "Jones")
        cls._cancel(cls.cancelled)
        cls.path = f"/credential/{cls.issued.token}"

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        content = self._bytes(self.issued)
        place = content.index(b"/Type")
        doctored = content[:place] + b"/type" + content[place + 5 :]
        self.true = Path(folder.name, "certificate.pdf")
        self.true.write_bytes(content)
        self.doctored = Path(folder.name, "doctored.pdf")
        self.doctored.write_bytes(doctored)

    def test_dropped_file_is_told_from_a_doctored_one(self):
        with visitor(self) as anna:
            anna.open(self.path)
            anna.wait_for("!document.getElementById('drop').hidden")
            for path, outcome in (
                (self.true, "same"),
                (self.doctored, "different"),
                (self.true, "same"),
            ):
                anna.drop(path, "#drop")
                anna.wait_for(f"document.querySelector('{OUTCOME % outcome}')")
                anna.wait_for_text(path.name)
                self.assertEqual(
                    anna.evaluate(
                        "document.querySelectorAll('[data-outcome]:not([hidden])')"
                        ".length"
                    ),
                    1,
                )
            # Beside the field: the browser would open the file instead of the page.
            anna.drop(self.doctored, "h1")
            anna.wait_for_text("Genuine")
            self.assertTrue(anna.evaluate("location.href").endswith(self.path))

    def test_keyboard_alone_is_enough_for_the_page(self):
        with visitor(self) as anna:
            anna.open(self.path)
            anna.wait_for("!document.getElementById('drop').hidden")
            anna.tab_to("#pdf")
            anna.tab_to("a[href='/credential']")
            anna.press("Enter")
            anna.wait_for_text("Verify a credential")

    def test_keyboard_alone_is_enough_for_the_form(self):
        with visitor(self) as anna:
            self._ask(anna, self.issued.number, "müller")
            anna.wait_for_text("Genuine")
            self.assertIn(self.issued.number, anna.evaluate("document.body.innerText"))
            self._ask(anna, self.issued.number, "Nobody")
            anna.wait_for_text("Not found")

    def _ask(self, anna, number, name):
        """Fill in the form, without a mouse."""
        anna.open("/credential")
        anna.tab_to("#number")
        anna.type(number)
        anna.tab_to("#family_name")
        anna.type(name)
        anna.tab_to("button")
        anna.press("Enter")

    def test_all_but_the_drop_works_without_javascript(self):
        with visitor(self) as anna:
            anna.without_javascript()
            anna.open(self.path)
            anna.wait_for_text("Genuine")
            anna.wait_for_text("BSBCMM511")
            anna.wait_for_text("This needs JavaScript")
            self.assertTrue(anna.evaluate("document.getElementById('drop').hidden"))
            self._ask(anna, self.cancelled.number, "Jones")
            anna.wait_for_text("Cancelled")

    def test_pages_fit_a_phone(self):
        paths = (
            self.path,
            f"/credential/{self.cancelled.token}",
            f"/credential/{'A' * 32}",
            "/credential",
        )
        self.learner.name = "Wolfeschlegelsteinhausenbergerdorff" * 2
        with visitor(self) as anna:
            anna.resize(PHONE)
            for path in paths:
                with self.subTest(path):
                    anna.open(path)
                    self.assertEqual(anna.overflow(), 0)
            # As large as a thumb.
            self.assertGreaterEqual(
                anna.evaluate("document.querySelector('button').offsetHeight"), 44
            )


class TestPortalInBrowser(PortalCommon):
    def test_keyboard_alone_and_no_javascript_are_enough_for_the_portal(self):
        with visitor(self, "portal_ana") as ana:
            ana.without_javascript()
            ana.open("/my/credentials")
            link = f"a[href='/my/credentials/{self.certificate_issued.id}']"
            ana.tab_to(link)
            ana.press("Enter")
            ana.wait_for_text("Download PDF")
            ana.tab_to("a[href$='/document']")
            self.assertIn(
                self.certificate_issued.token,
                ana.evaluate("document.querySelector('.o_lrm_share input').value"),
            )

    def test_portal_fits_a_phone(self):
        paths = "/my/credentials", f"/my/credentials/{self.certificate_issued.id}"
        with visitor(self, "portal_ana") as ana:
            ana.resize(PHONE)
            for path in paths:
                with self.subTest(path):
                    ana.open(path)
                    # Of what is ours: Odoo's own bar may be wider.
                    self.assertLessEqual(
                        ana.evaluate(
                            "document.querySelector('#wrap').scrollWidth"
                            " - document.querySelector('#wrap').clientWidth"
                        ),
                        0,
                    )
