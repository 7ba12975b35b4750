import contextlib
import hashlib
import io
import os
import shutil
import subprocess
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools.pdf import PdfReader

from odoo.addons.lrm_credentials.models import (
    lrm_credential_render,
    lrm_credential_run_work,
)
from odoo.addons.lrm_credentials.report import batch, pdf
from odoo.addons.lrm_credentials.report.html import (
    find_outside,
    join_pages,
    shape_arabic,
    split_page,
)
from odoo.addons.lrm_credentials.report.wkhtmltopdf import (
    ProgramError,
    RenderError,
    html_to_pdf,
)

from .common import CredentialCommon, nobody_calls, pdf_pages

A4 = ["--quiet", "--page-size", "A4"] + [
    argument
    for side in ("top", "bottom", "left", "right")
    for argument in (f"--margin-{side}", "0")
]


def builds():
    """The wkhtmltopdf programs to test with: patched and unpatched Qt, or the one."""
    paths = [
        os.environ.get("LRM_WKHTMLTOPDF_PATCHED"),
        os.environ.get("LRM_WKHTMLTOPDF_UNPATCHED"),
    ]
    return [path for path in paths if path] or [shutil.which("wkhtmltopdf")]


def page(text, pages=1):
    sheet = '<p style="page-break-after: always">{}</p>'
    return "".join(sheet.format(f"{text} {n}") for n in range(1, pages + 1))


def links(content):
    """The addresses that the links of a PDF (bytes) lead to."""
    return [
        annotation.get_object()["/A"]["/URI"]
        for sheet in PdfReader(io.BytesIO(content)).pages
        for annotation in sheet.get("/Annots", [])
    ]


def picture(content):
    """What tells the pages of a PDF (bytes) from pages that look otherwise."""
    pixels = subprocess.run(
        ["pdftoppm", "-r", "50", "-"],
        check=True,
        input=content,
        stdout=subprocess.PIPE,
    ).stdout
    return hashlib.sha256(pixels).hexdigest()


def error_of(result):
    """What went wrong with one document, None when it was made."""
    return str(result) if isinstance(result, RenderError) else None


@tagged("standard", "post_install", "-at_install")
class TestSplit(BaseCase):
    """One process, many documents: each page to whom it belongs, or an error."""

    def _print(self, binary, bodies, markers):
        html = join_pages("<!DOCTYPE html><html><body>", bodies, markers)
        return html_to_pdf(html, binary, A4, timeout=60)

    def test_documents_of_any_length_are_told_apart(self):
        lengths = [1, 3, 2, 1, 4]
        markers = [f"http://nonce.invalid/{n}" for n in range(len(lengths))]
        bodies = [page(f"doc{n}", length) for n, length in enumerate(lengths)]
        for binary in builds():
            with self.subTest(binary):
                parts = pdf.split(self._print(binary, bodies, markers), markers)
                for n, pages in enumerate(parts):
                    content = pdf.finish(pages, "Title", str(n), "en_AU")
                    texts = [text for text in pdf_pages(content) if text]
                    self.assertEqual(
                        texts, [f"doc{n} {p}" for p in range(1, lengths[n] + 1)]
                    )
                    self.assertFalse(links(content))

    def test_a_missing_marker_is_an_error(self):
        markers = ["http://nonce.invalid/1", "http://nonce.invalid/2"]
        content = self._print(builds()[0], [page("a"), page("b")], markers)
        with self.assertRaises(ValueError):
            pdf.split(content, [*markers, "http://nonce.invalid/3"])

    def test_a_page_before_the_first_marker_is_an_error(self):
        content = self._print(builds()[0], [page("a")], ["http://other.invalid/1"])
        with self.assertRaises(ValueError):
            pdf.split(content, ["http://nonce.invalid/1"])

    def test_markers_out_of_order_are_an_error(self):
        markers = ["http://nonce.invalid/1", "http://nonce.invalid/2"]
        content = self._print(builds()[0], [page("a"), page("b")], markers)
        with self.assertRaises(ValueError):
            pdf.split(content, markers[::-1])

    def test_two_markers_on_a_page_are_an_error(self):
        markers = ["http://nonce.invalid/1", "http://nonce.invalid/2"]
        html = join_pages("<!DOCTYPE html><html><body>", ["a", "b"], markers)
        html = html.replace("page-break-before: always", "")
        content = html_to_pdf(html, builds()[0], A4, timeout=60)
        with self.assertRaises(ValueError):
            pdf.split(content, markers)

    def test_other_links_stay(self):
        body = '<a href="http://kept.invalid/x">kept</a>'
        markers = ["http://nonce.invalid/1"]
        parts = pdf.split(self._print(builds()[0], [body], markers), markers)
        content = pdf.finish(parts[0], "Title", "1", "en_AU")
        self.assertEqual(links(content), ["http://kept.invalid/x"])

    def test_the_same_document_never_has_the_same_bytes_twice(self):
        content = self._print(builds()[0], [page("a")], ["http://nonce.invalid/1"])
        first, second = (pdf.merge([content]) for _n in range(2))
        self.assertTrue(first != second)

    def test_html_without_a_body_is_an_error(self):
        with self.assertRaises(ValueError):
            split_page("<html></html>")

    def test_what_would_be_fetched_is_found(self):
        for html in (
            '<img src="http://a.invalid/x.png">',
            "<img alt='x' src='/web/image/1'>",
            '<img src="file:///etc/passwd">',
            '<link rel="stylesheet" href="https://a.invalid/x.css">',
            "<p style=\"background: url('//a.invalid/x')\">",
            "<style>@font-face { src: url(http://a.invalid/f.ttf) }</style>",
        ):
            with self.subTest(html):
                self.assertTrue(find_outside(html))

    def test_what_a_page_carries_itself_is_left_alone(self):
        for html in (
            '<img src="data:image/png;base64,AAAA">',
            "<p>Learner src=&#34;http://x&#34;</p>",
            '<a href="https://example.com">verify</a>',
            "<style>p { background: url(data:image/png;base64,AA) }</style>",
        ):
            with self.subTest(html):
                self.assertFalse(find_outside(html))

    def test_arabic_words_are_shaped_unless_they_have_vowel_marks(self):
        html = "<p>Ana محمد</p><p>مُحَمَّد</p>"
        shaped = "<p>Ana \ufee3\ufea4\ufee4\ufeaa</p><p>مُحَمَّد</p>"
        self.assertEqual(shape_arabic(html), shaped)

    def test_nothing_outside_is_fetched(self):
        for binary in builds():
            with (
                self.subTest(binary),
                nobody_calls() as address,
                contextlib.suppress(RenderError),
            ):
                html_to_pdf(f'<img src="{address}/x.png">', binary, A4, timeout=60)

    def test_a_process_that_takes_too_long_is_ended(self):
        with self.assertRaisesRegex(RenderError, "took more than"):
            html_to_pdf("<html><body>x</body></html>", builds()[0], A4, timeout=0.001)

    def test_a_missing_program_is_told_apart_from_a_bad_document(self):
        with self.assertRaises(ProgramError):
            html_to_pdf("<html></html>", "/nowhere/wkhtmltopdf", A4, timeout=1)


class TestRender(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = [
            ("", "Suharto"),
            ("Nguyễn Thị", "Ánh"),
            ("محمد", "الفارسي"),
            ("小明", "王"),
            ("Wilhelmina Alexandrina Rosa", "Featherstonehaugh von Hohenzollern"),
        ]
        cls.enrolments = cls.env["lrm.course.enrolment"].concat(
            *(
                cls._create_enrolment(cls._create_learner(first, family))
                for first, family in names
            )
        )

    def _documents(self, credentials):
        return {credential.id: credential._document() for credential in credentials}

    def test_a_credential_looks_the_same_alone_and_among_others(self):
        for template in (self.certificate, self.statement):
            credentials = self._request(self.enrolments, template, self.admin)
            documents = self._documents(credentials)
            for binary in builds():
                with (
                    self.subTest(template=template.name, binary=binary),
                    patch.object(lrm_credential_render, "_wkhtml") as found,
                ):
                    found.return_value.bin = binary
                    together = credentials._render(documents)
                    for credential in credentials:
                        alone = credential._render(documents)[credential.id]
                        self.assertEqual(
                            picture(alone), picture(together[credential.id])
                        )

    def test_layouts_of_several_templates_are_made_in_one_run(self):
        certificates = self._request(self.enrolments, self.certificate, self.admin)
        statements = self._request(self.enrolments, self.statement, self.admin)
        credentials = certificates | statements
        rendered = credentials._render(self._documents(credentials))
        for credential in credentials:
            with self.subTest(credential.display_name):
                text = " ".join(pdf_pages(rendered[credential.id]))
                self.assertIn(credential.number, text)

    def _extend_layout(self, content):
        """Have all certificates print more."""
        self.env["ir.ui.view"].create(
            {
                "name": "More on the certificate",
                "type": "qweb",
                "inherit_id": self.env.ref("lrm_credentials.certificate").id,
                "arch": f"""
                <xpath expr="//div[hasclass('lrm_body')]" position="inside">
                    {content}
                </xpath>""",
            }
        )

    def test_one_document_that_cannot_be_printed_leaves_the_others_alone(self):
        credentials = self._request(self.enrolments, self.certificate, self.admin)
        documents = self._documents(credentials)
        bad = credentials[2]
        self._extend_layout(
            f"""<t t-if="doc['number'] == '{bad.number}'" t-out="1/0"/>"""
        )
        rendered = credentials._render(documents)
        self.assertRegex(
            error_of(rendered.pop(bad.id)), "could not be printed: division by zero"
        )
        for credential in credentials - bad:
            [text] = pdf_pages(rendered[credential.id])
            self.assertIn(credential.number, text)

    def test_a_picture_from_elsewhere_is_left_out_and_told(self):
        credentials = self._request(self.enrolments, self.certificate, self.admin)
        documents = self._documents(credentials)
        for binary in builds():
            with (
                self.subTest(binary),
                patch.object(lrm_credential_render, "_wkhtml") as found,
            ):
                found.return_value.bin = binary
                before = credentials._render(documents)
                with nobody_calls() as address, self.env.cr.savepoint() as savepoint:
                    self._extend_layout(
                        f"""<img t-if="doc['number'] == '{credentials[2].number}'"
                                 src="{address}/seal.png"/>"""
                    )
                    batches, errors, warnings = credentials._batches(documents)
                    after = batch.print_batches(batches)
                    savepoint.rollback()
                self.assertFalse(errors)
                [warning] = warnings
                self.assertIn(f"refers to {address}/seal.png", warning)
                self.assertIn("left out", warning)
                for credential in credentials:
                    self.assertEqual(
                        picture(before[credential.id]), picture(after[credential.id])
                    )

    def test_a_failing_process_is_halved_until_the_guilty_one_stands_alone(self):
        credentials = self._request(self.enrolments, self.certificate, self.admin)
        bad = credentials[3]

        def fail_for_one(html, *args, **kwargs):
            if bad.number in html:
                raise RenderError("crash")
            return html_to_pdf(html, *args, **kwargs)

        with patch.object(batch, "html_to_pdf", fail_for_one):
            rendered = credentials._render(self._documents(credentials))
        self.assertEqual(error_of(rendered.pop(bad.id)), "crash")
        for credential in credentials - bad:
            self.assertIn(credential.number, pdf_pages(rendered[credential.id])[0])

    def test_an_error_in_a_layout_is_one_sentence_on_its_line(self):
        credentials = self._request(self.enrolments, self.certificate, self.admin)
        documents = self._documents(credentials)
        bad = credentials[0]
        del documents[bad.id]["course"]
        rendered = credentials._render(documents)
        self.assertRegex(error_of(rendered.pop(bad.id)), "layout could not be printed")
        self.assertFalse(list(filter(None, map(error_of, rendered.values()))))

    def test_without_wkhtmltopdf_no_document_is_blamed(self):
        credentials = self._request(self.enrolments, self.certificate, self.admin)
        with (
            patch.object(lrm_credential_render, "_wkhtml") as found,
            self.assertRaisesRegex(ProgramError, "could not be started"),
        ):
            found.return_value.bin = "/nowhere/wkhtmltopdf"
            credentials._render(self._documents(credentials))

    def test_a_run_larger_than_a_chunk_is_complete(self):
        credentials = self._request(self.enrolments, self.statement, self.admin)
        with patch.object(lrm_credential_run_work, "CHUNK", 2):
            run = self._issue(credentials)
        self.assertEqual(self._results(run), dict.fromkeys(credentials, "done"))
        for credential in credentials:
            self.assertIn(credential.number, pdf_pages(self._bytes(credential))[0])
