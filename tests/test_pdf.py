"""Real documents, made by both builds of wkhtmltopdf."""

import io
import json
import os
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.tools.pdf import PdfReader

from odoo.addons.base.models.ir_actions_report import _wkhtml

from .common import CredentialCommon, nobody_calls, page_images, pdf_pages

NAMES = {
    "one word": "Sukarno",
    "80 letters": "Maximiliana Katharina Wolfeschlegelsteinhausenbergerdorff "
    "Featherstonehaugh-Lowe",
    "Vietnamese": "Nguyễn Thị Minh Khuê",
    "Arabic": "محمد عبد الرحمن",
    "Chinese": "王小明",
    "markup": "<script>alert(1)</script>",
    "quotes": 'Seán "Red" O\'Brien & Sons',
    "ligatures": "Sofia Griffith-Affleck",
}
LAYOUT = """
<t t-name="{key}">
    <t t-call="lrm_credentials.document_container">
        <t t-foreach="docs" t-as="o">
            <t t-set="doc" t-value="documents[o.id]"/>
            <div class="lrm_page">
                <t t-out="doc['learner']['name']"/>
                {content}
            </div>
        </t>
    </t>
</t>
"""


def letters(text):
    """The letters of a text, however a PDF arranges them."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class BuildCommon(CredentialCommon):
    variable = None

    @classmethod
    def _binary(cls):
        return os.environ.get(cls.variable)

    @classmethod
    def setUpClass(cls):
        binary = cls._binary()
        if not binary or not shutil.which(binary):
            raise SkipTest(f"{cls.variable} names no wkhtmltopdf")
        super().setUpClass()
        cls._use_path(os.path.dirname(binary))
        if _wkhtml().bin != binary:
            raise AssertionError(f"{_wkhtml().bin} is used instead of {binary}")

    @classmethod
    def _use_path(cls, folder):
        """Have Odoo find its wkhtmltopdf in `folder` until the end of the class."""
        path = os.pathsep.join([folder, os.environ["PATH"]])
        patcher = patch.dict(os.environ, PATH=path)
        patcher.start()
        cls.addClassCleanup(_wkhtml.cache_clear)
        cls.addClassCleanup(patcher.stop)
        _wkhtml.cache_clear()

    @classmethod
    def _create_layout(cls, name, content):
        """A template with a layout of its own."""
        key = f"lrm_test.{name}"
        cls.env["ir.ui.view"].create(
            {
                "name": name,
                "type": "qweb",
                "key": key,
                "arch": LAYOUT.format(key=key, content=content),
            }
        )
        report = cls.statement.report_id.copy({"report_name": key})
        return cls._create_template(name, report_id=report.id)

    def _pages(self, credential):
        return pdf_pages(self._bytes(credential))


# All names in one run, so that they share a process as well.
class NamesTests:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        learners = [
            cls._create_learner("", "", name=name, lrm_birth_date="1994-05-17")
            for name in NAMES.values()
        ]
        enrolments = cls.env["lrm.course.enrolment"].union(
            *map(cls._create_enrolment, learners)
        )
        cls.certificates = cls._request(enrolments)
        cls.statements = cls._request(enrolments, cls.statement)
        cls.log = cls._issue(cls.certificates | cls.statements, with_mail_merge=True)

    def test_every_document_is_made(self):
        self.assertEqual(set(self._results(self.log).values()), {"done"})

    def test_names_appear_as_text(self):
        for credentials in (self.certificates, self.statements):
            for (kind, name), credential in zip(
                NAMES.items(), credentials, strict=True
            ):
                with self.subTest(name=kind, title=credential.template_id.title):
                    text = letters("".join(self._pages(credential)))
                    if kind == "Arabic":  # readers give words in either direction
                        for word in name.split():
                            self.assertTrue(word in text or word[::-1] in text, word)
                    else:
                        self.assertIn(letters(name), text)

    def test_fonts_are_those_of_the_addon(self):
        # Chinese comes from the system; all else looks the same on every server.
        for (kind, _name), credential in zip(
            NAMES.items(), self.certificates, strict=True
        ):
            if kind != "Chinese":
                [page] = PdfReader(io.BytesIO(self._bytes(credential))).pages
                fonts = page["/Resources"]["/Font"].values()
                with self.subTest(kind):
                    for font in fonts:
                        self.assertRegex(
                            font.get_object()["/BaseFont"],
                            "EBGaramond|CormorantGaramond|Amiri",
                        )

    def test_each_document_is_one_page(self):
        for credential in self.certificates | self.statements:
            with self.subTest(credential.partner_id.name):
                self.assertEqual(len(self._pages(credential)), 1)

    def test_file_has_the_number_of_its_own_credential_only(self):
        numbers = (self.certificates | self.statements).mapped("number")
        for credential in self.certificates | self.statements:
            text = "".join(self._pages(credential))
            with self.subTest(credential.number):
                self.assertEqual([n for n in numbers if n in text], [credential.number])

    def test_file_holds_no_page_of_somebody_else(self):
        for credential in self.certificates:
            with self.subTest(credential.partner_id.name):
                pages = re.findall(rb"/Type\s*/Page\b", self._bytes(credential))
                self.assertEqual(len(pages), 1)

    def test_nothing_of_how_it_was_made_stays_in_the_file(self):
        credential = self.certificates[0]
        [page] = PdfReader(io.BytesIO(self._bytes(credential))).pages
        links = {link.get_object()["/A"]["/URI"] for link in page.get("/Annots", [])}
        verification = credential.document_data["verification_url"]
        self.assertEqual(links, {verification, verification.rpartition("/")[0]})

    def test_required_sentences_of_the_certificate(self):
        [page] = self._pages(self.certificates[0])
        for sentence in (
            "This is to certify that",
            "has fulfilled the requirements for",
            "BSB50420",
            "Diploma of Leadership and Management",
            "The qualification is recognised within the Australian Qualifications "
            "Framework",
            "Wattle Institute of Training Pty Ltd",
            "RTO code 45999",
            "Margaret Chen",
            "1 December 2025",
            f"Certificate number {self.certificates[0].number}",
        ):
            with self.subTest(sentence):
                self.assertIn(letters(sentence), letters(page))

    def test_required_sentences_of_the_statement(self):
        [page] = self._pages(self.statements[0])
        for sentence in (
            "Statement of Attainment",
            "This is a statement that",
            "has attained",
            "BSBCMM511",
            "Communicate with influence",
            "These competencies form part of BSB50420 Diploma of Leadership and "
            "Management",
            "A statement of attainment is issued by a Registered Training Organisation "
            "when an individual has completed one or more accredited units.",
            "RTO code 45999",
            "Margaret Chen",
            "1 December 2025",
            self.statements[0].number,
        ):
            with self.subTest(sentence):
                self.assertIn(letters(sentence), letters(page))

    def test_usi_and_birth_date_are_nowhere(self):
        sheet = load_workbook(
            io.BytesIO(self._bytes(self.log, "mail_merge_xlsx"))
        ).active
        places = {
            "workbook": str([[cell.value for cell in row] for row in sheet]),
            "stored data": json.dumps(
                (self.certificates | self.statements).mapped("document_data")
            ),
            "text": " ".join(pdf_pages(self._bytes(self.log, "combined_pdf"))),
        }
        for place, text in places.items():
            for secret in ("ABCDEFGH23", "1994", "17 May", "17/05"):
                with self.subTest(place=place, secret=secret):
                    self.assertNotIn(secret, text)

    def test_title_and_language_are_known_to_readers(self):
        for kind, credential in zip(NAMES, self.certificates, strict=True):
            reader = PdfReader(io.BytesIO(self._bytes(credential)))
            with self.subTest(kind):
                self.assertIn("Certificate", reader.metadata.title)
                self.assertIn(NAMES[kind], reader.metadata.title)
                self.assertEqual(
                    reader.trailer["/Root"]["/Lang"],
                    credential.document_data["language"].replace("_", "-"),
                )

    def test_issued_pages_have_no_mark(self):
        for credential in self.certificates[0] | self.statements[0]:
            text = "".join(self._pages(credential)).lower()
            with self.subTest(credential.template_id.title):
                self.assertNotIn("preview", text)
                self.assertNotIn("sample", text)


class LayoutTests:
    def test_page_alone_looks_like_the_page_among_others(self):
        learners = [self._create_learner("", "", name=name) for name in NAMES.values()]
        credentials = self._request(map(self._create_enrolment, learners))
        together = self._preview(credentials).line_ids
        for credential in credentials[:3]:
            with self.subTest(credential.partner_id.name):
                alone = self._preview(credential).line_ids
                among = together.filtered(
                    lambda line, c=credential: line.credential_id == c
                )
                first, second = (
                    [image.tobytes() for image in page_images(self._bytes(line))]
                    for line in (alone, among)
                )
                self.assertTrue(first == second)

    def test_preview_is_marked_across_the_page(self):
        credential = self._request(self._create_enrolment())
        self._assert_marked(self._bytes(self._preview(credential).line_ids), "preview")

    def test_sample_is_marked_across_the_page(self):
        self.offer.is_test = True
        enrolment = self._create_enrolment()
        for template in (self.certificate, self.statement):
            with self.subTest(template.title):
                credential = self._request(enrolment, template)
                self._issue(credential)
                self._assert_marked(self._bytes(credential), "sample")

    def _assert_marked(self, content, word):
        self.assertIn(word, pdf_pages(content)[0].lower())
        # The word across the page is drawn as shapes: only a picture shows it.
        shades = page_images(content)[0].histogram()
        self.assertGreater(sum(shades[215:241]), 0.02 * sum(shades))

    def test_statement_lists_competent_units_only(self):
        outcomes = [self.competent, self.not_competent, self.competent]
        credential = self._request(
            self._create_enrolment(outcomes=outcomes), self.statement
        )
        self._issue(credential)
        [page] = self._pages(credential)
        self.assertIn("BSBCMM511", page)
        self.assertNotIn("BSBLDR523", page)
        self.assertIn("BSBTWK502", page)

    def test_record_of_results_lists_all_units(self):
        outcomes = [self.competent, self.not_competent, self.competent]
        credential = self._request(
            self._create_enrolment(outcomes=outcomes),
            self._create_transcript_template(),
        )
        self._issue(credential)
        [page] = self._pages(credential)
        for unit in self.units:
            self.assertIn(unit.code, page)

    def test_many_units_run_over_numbered_pages(self):
        codes = [f"UNIT{n:03}" for n in range(30)]
        self.course.unit_ids = self.env["lrm.unit"].create(
            [{"code": code, "name": f"Work on {code[4:]}"} for code in codes]
        )
        credential = self._request(self._create_enrolment(), self.statement)
        self._issue(credential)
        pages = self._pages(credential)
        self.assertGreater(len(pages), 1)
        for index, page in enumerate(pages, start=1):
            with self.subTest(page=index):
                self.assertIn(f"Number {credential.number}", page)
                self.assertIn(f"Page {index} of {len(pages)}", page)
                self.assertIn("Ana Lee", page)
                is_last = index == len(pages)
                self.assertEqual("Margaret Chen" in page, is_last)
        self.assertEqual(re.findall(r"UNIT\d{3}", " ".join(pages)), codes)

    def test_units_with_long_titles_stay_on_the_page(self):
        name = "Implement and monitor environmentally sustainable work practices " * 3
        self.course.unit_ids = self.env["lrm.unit"].create(
            [{"code": f"LONG{n:03}", "name": name} for n in range(12)]
        )
        credential = self._request(self._create_enrolment(), self.statement)
        self._issue(credential)
        text = " ".join(self._pages(credential))
        self.assertEqual(text.count("sustainable work practices"), 36)
        self.assertEqual(len(re.findall(r"LONG\d{3}", text)), 12)

    def test_apprenticeship_and_stream_are_printed(self):
        self.course.stream = "Hospitality"
        credential = self._request(self._create_enrolment(is_apprenticeship=True))
        self._issue(credential)
        [page] = self._pages(credential)
        self.assertIn("(Hospitality)", page)
        self.assertIn("Achieved through Australian Apprenticeship arrangements", page)

    def test_delivery_in_another_language_is_said(self):
        self.offer.language = "Vietnamese"
        credential = self._request(self._create_enrolment(), self.statement)
        self._issue(credential)
        [page] = self._pages(credential)
        self.assertIn("delivered and assessed in Vietnamese: BSBCMM511", page)

    def test_generic_profile_prints_nothing_australian(self):
        self.company.lrm_profile = "generic"
        enrolment = self._create_enrolment()
        credentials = self._request(enrolment) | self._request(
            enrolment, self.statement
        )
        self._issue(credentials)
        for credential in credentials:
            text = " ".join(self._pages(credential))
            with self.subTest(credential.template_id.title):
                self.assertNotIn("RTO", text)
                self.assertNotIn("45999", text)
                self.assertNotIn("Australian", text)
                self.assertNotIn("Registered Training", text)

    def test_two_attempts_never_have_the_same_bytes(self):
        credential = self._request(self._create_enrolment())
        first, second = (
            self._bytes(self._preview(credential).line_ids) for _n in range(2)
        )
        self.assertTrue(first != second)
        self.assertEqual(len(first), len(second))


# What goes wrong in one line is told there, and the others go on.
class FailureTests:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_address()
        cls.enrolment = cls._create_enrolment()

    def _assert_only_these_fail(self, templates, message=r"\w"):
        """Lines with these templates fail, those before and after are issued."""
        bad = self.env["lrm.credential"].union(
            *(self._request(self.enrolment, template) for template in templates)
        )
        good = self._create_template("Letter", "letter")
        before, after = self._request([self._create_enrolment()] * 2, good)
        run = self._issue(before | bad | after)
        self.assertEqual(self._results(run)[before], "done")
        self.assertEqual(self._results(run)[after], "done")
        for credential in bad:
            with self.subTest(credential.template_id.name):
                self.assertEqual(self._results(run)[credential], "failed")
                self.assertRegex(self._message(run, credential), message)
                self.assertNotIn("Traceback", self._message(run, credential))
                self.assertEqual(credential.state, "requested")
                self.assertEqual(credential.refusal, self._message(run, credential))

    def _assert_left_out(self, layouts):
        """Documents of {template: address} are made without what is there, and told."""
        credentials = self.env["lrm.credential"].union(
            *(self._request(self.enrolment, template) for template in layouts)
        )
        run = self._issue(credentials)
        self.assertEqual(self._results(run), dict.fromkeys(credentials, "done"))
        warnings = run.warning.splitlines()
        self.assertEqual(len(warnings), len(layouts))
        for template, address in layouts.items():
            with self.subTest(template.name):
                [warning] = [
                    text for text in warnings if f"refers to {address}," in text
                ]
                self.assertTrue(warning.startswith(template.report_id.name))
                self.assertIn("left out", warning)
        return credentials

    def test_whatever_is_outside_the_document_is_never_fetched(self):
        with nobody_calls() as address:
            contents = {
                "image": '<img src="{}"/>',
                "style": '<div style="background: url({})">x</div>',
                "frame": '<iframe src="{}"/>',
            }
            layouts = {
                self._create_layout(
                    name, content.format(f"{address}/{name}")
                ): f"{address}/{name}"
                for name, content in contents.items()
            }
            # Its host would have to be looked up.
            elsewhere = "http://nowhere.invalid/x.png"
            template = self._create_layout("unknown host", f'<img src="{elsewhere}"/>')
            self._assert_left_out(layouts | {template: elsewhere})

    def test_documents_without_anything_outside_have_no_warning(self):
        run = self._issue(self._request(self.enrolment))
        self.assertEqual(set(self._results(run).values()), {"done"})
        self.assertFalse(run.warning)

    def test_files_of_the_server_are_never_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            secret = Path(folder, "secret.txt")
            secret.write_text("OPENSESAME")
            address = f"file://{secret}"
            template = self._create_layout("file", f'<iframe src="{address}"/>')
            credential = self._assert_left_out({template: address})
            self.assertNotIn("OPENSESAME", " ".join(self._pages(credential)))

    def test_layout_that_prints_the_usi_is_refused(self):
        self._assert_only_these_fail(
            [self._create_layout("usi", '<t t-out="o.partner_id.lrm_usi"/>')],
            "USI",
        )

    def test_layout_with_an_error_fails_with_a_clear_message(self):
        contents = {
            "arithmetic": '<t t-out="1 / 0"/>',
            "unknown value": "<t t-out=\"doc['nothing']\"/>",
        }
        self._assert_only_these_fail(
            [self._create_layout(*item) for item in contents.items()],
            "layout could not be printed",
        )

    def test_layout_that_calls_a_missing_part_fails_alone(self):
        self._assert_only_these_fail(
            [self._create_layout("missing", '<t t-call="lrm_test.nothing"/>')]
        )

    def test_layout_without_a_body_fails(self):
        self.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "key": "lrm_test.bare",
                "arch": "<t t-name='lrm_test.bare'><div>Nothing</div></t>",
            }
        )
        report = self.statement.report_id.copy({"report_name": "lrm_test.bare"})
        self._assert_only_these_fail(
            [self._create_template("bare", report_id=report.id)]
        )

    def test_preview_tells_failures_too(self):
        template = self._create_layout("broken", '<t t-out="1 / 0"/>')
        credential = self._request(self.enrolment, template)
        run = self._preview(credential)
        self.assertEqual(self._results(run), {credential: "failed"})
        self.assertEqual(run.failed_count, 1)

    def test_failed_line_can_be_issued_once_the_layout_is_mended(self):
        template = self._create_layout("broken", '<t t-out="1 / 0"/>')
        credential = self._request(self.enrolment, template)
        self._issue(credential)
        self._change_template(template, report_id=self.statement.report_id.id)
        self._issue(credential)
        self.assertEqual(credential.state, "issued")
        self.assertFalse(credential.refusal)


class PatchedBuild(BuildCommon):
    variable = "LRM_WKHTMLTOPDF_PATCHED"

    @classmethod
    def _binary(cls):
        return super()._binary() or shutil.which("wkhtmltopdf")


class UnpatchedBuild(BuildCommon):
    variable = "LRM_WKHTMLTOPDF_UNPATCHED"


class TestNamesPatched(NamesTests, PatchedBuild):
    pass


class TestNamesUnpatched(NamesTests, UnpatchedBuild):
    pass


class TestLayoutPatched(LayoutTests, PatchedBuild):
    pass


class TestLayoutUnpatched(LayoutTests, UnpatchedBuild):
    pass


class TestFailurePatched(FailureTests, PatchedBuild):
    pass


class TestFailureUnpatched(FailureTests, UnpatchedBuild):
    pass


class TestProgram(CredentialCommon):
    def _issue_with(self, script=None):
        """The run of two credentials, with this script as the only wkhtmltopdf."""
        credentials = self._request([self._create_enrolment() for _n in range(2)])
        with tempfile.TemporaryDirectory() as folder:
            if script:
                program = Path(folder, "wkhtmltopdf")
                program.write_text(f"#!/bin/sh\n{script}\n")
                program.chmod(0o755)
            self.addCleanup(_wkhtml.cache_clear)
            with patch.dict(
                os.environ, PATH=f"{folder}{os.pathsep}/bin" * bool(script)
            ):
                _wkhtml.cache_clear()
                return credentials, self._issue(credentials)

    def _assert_all_fail(self, script, message):
        credentials, run = self._issue_with(script)
        for credential in credentials:
            self.assertEqual(self._results(run)[credential], "failed")
            self.assertRegex(self._message(run, credential), message)
            self.assertEqual(credential.state, "requested")

    def test_missing_wkhtmltopdf_stops_the_run_and_blames_no_line(self):
        credentials, run = self._issue_with(None)
        self.assertEqual(run.state, "stopped")
        self.assertRegex(run.problem, "wkhtmltopdf could not be started")
        self.assertRegex(run.problem, "press Resume")
        for credential in credentials:
            self.assertEqual(self._results(run)[credential], "pending")
            self.assertFalse(self._message(run, credential))
            self.assertEqual(credential.state, "requested")
            self.assertFalse(credential.refusal)
            self.assertFalse(self._attachment(credential))

    def test_crashing_wkhtmltopdf_is_told_on_each_line(self):
        self._assert_all_fail(
            'case "$1" in --version) echo "wkhtmltopdf 0.12.6";; '
            "*) echo Aborted >&2; exit 6;; esac",
            "wkhtmltopdf failed: Aborted",
        )

    def test_wkhtmltopdf_that_makes_no_pdf_is_told_on_each_line(self):
        self._assert_all_fail(
            'case "$1" in --version) echo "wkhtmltopdf 0.12.6";; '
            '*) for last; do true; done; echo "no PDF" >"$last";; esac',
            r"\w",
        )
