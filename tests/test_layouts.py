"""What each shipped template says and does not say: domain B.4, on real documents."""

import base64
import io

from PIL import Image, ImageChops, ImageFilter

from odoo.fields import Command
from odoo.tools.pdf import PdfReader

from .common import page_images, pdf_pages
from .test_pdf import BuildCommon, letters

CERTIFICATES = {"certificate", "certificate_landscape"}
AQF = CERTIFICATES | {"statement"}
UNITS = {"statement", "record", "transcript"}
ALL = AQF | UNITS | {"completion", "attendance", "letter"}
# What must be printed (Compliance Standards 2025, s11; AQF Issuance Policy 2.1), and by
# which templates. The others must not print it.
TEXTS = {
    "Wattle Institute of Training Pty Ltd": ALL,
    "RTO code 45999": ALL,
    "Ana Maria Lee": ALL,
    "Margaret Chen": ALL,
    "Director": ALL,
    "BSB50420": ALL,
    "Diploma of Leadership and Management": ALL,
    "This is to certify that": CERTIFICATES,
    "has fulfilled the requirements for": CERTIFICATES,
    "The qualification is recognised within the Australian Qualifications Framework": (
        CERTIFICATES
    ),
    "Achieved through Australian Apprenticeship arrangements": CERTIFICATES,
    "(Retail)": CERTIFICATES | {"record", "transcript", "completion", "attendance"},
    "Business Services Industry": CERTIFICATES | {"completion", "attendance"},
    "These units/modules have been delivered and assessed in Mandarin: BSBLDR523": AQF,
    "Statement of Attainment": {"statement"},
    "This is a statement that": {"statement"},
    "has attained": {"statement"},
    "A statement of attainment is issued by a Registered Training Organisation when an "
    "individual has completed one or more accredited units.": {"statement"},
    "Record of Results": {"record"},
    "BSBCMM511": UNITS,
    "Communicate with influence": UNITS,
    "Competency achieved/pass": {"record", "transcript"},
    "Page 1 of 1": UNITS,
    "20 November 2025": ALL,  # date of issue, or of the letter
}
FORBIDDEN = ("ABCDEFGH23", "17 May 1994", "17/05/1994", "1994-05-17")
AQF_WORDS = ("Australian Qualifications Framework", "AQF", "certify")
# {name of the artwork: size in pixels}: by which a document's images are told apart.
ARTWORK = {
    "logo": (27, 19),
    "lrm_nrt_logo": (43, 16),
    "lrm_aqf_logo": (47, 17),
    "lrm_seal": (23, 23),
    "lrm_watermark": (41, 43),
}
SIGNATURE = (37, 11)
LOGOS = {
    "logo": ALL,
    "lrm_nrt_logo": AQF,
    "lrm_aqf_logo": CERTIFICATES,
    "lrm_seal": ALL - {"letter"},
}


def picture(size):
    """A PNG of that size, as a binary field takes it."""
    stream = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


def image_sizes(content):
    """The sizes in pixels of all images in a PDF (bytes)."""
    sizes = set()
    for page in PdfReader(io.BytesIO(content)).pages:
        objects = page["/Resources"].get("/XObject") or {}
        for value in objects.values():
            item = value.get_object()
            if item["/Subtype"] == "/Image":
                sizes.add((item["/Width"], item["/Height"]))
    return sizes


class LayoutTests:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_address()
        cls.company.write({name: picture(size) for name, size in ARTWORK.items()})
        cls.officer.signature = picture(SIGNATURE)
        cls.course.write(
            {"stream": "Retail", "industry_descriptor": "Business Services Industry"}
        )
        cls.learner = cls._create_learner(
            "Ana", "Lee", lrm_middle_name="Maria", lrm_birth_date="1994-05-17"
        )
        cls.enrolment = cls._create_enrolment(cls.learner)
        cls.enrolment.is_apprenticeship = True
        cls.enrolment.unit_enrolment_ids[1].language = "Mandarin"
        cls.templates = {
            name: cls.env.ref(f"lrm_credentials.template_{name}") for name in ALL
        }
        cls.documents = cls._print_all(cls.enrolment)

    @classmethod
    def _print_all(cls, enrolment):
        """{name of each shipped template: its document for `enrolment` (PDF bytes)}"""
        credentials = {
            name: cls._request(
                enrolment, template, cls.admin, credential_date="2025-11-20"
            )
            for name, template in cls.templates.items()
        }
        together = enrolment.credential_ids.browse().union(*credentials.values())
        documents, errors = together._documents()
        assert not errors
        rendered = together._render(documents)
        return {name: rendered[c.id] for name, c in credentials.items()}

    def _text(self, content):
        """All letters of a document (PDF bytes), without spaces."""
        return letters(" ".join(pdf_pages(content)))

    def test_each_template_says_what_it_must_and_nothing_that_it_must_not(self):
        for name, content in self.documents.items():
            text = self._text(content)
            for words, templates in TEXTS.items():
                with self.subTest(name, words=words):
                    check = self.assertIn if name in templates else self.assertNotIn
                    check(letters(words), text)

    def test_nothing_personal_is_printed(self):
        for name, content in self.documents.items():
            for words in FORBIDDEN:
                with self.subTest(name, words=words):
                    self.assertNotIn(letters(words), self._text(content))

    def test_only_certificates_have_words_of_the_aqf(self):
        for name in ALL - CERTIFICATES:
            for words in AQF_WORDS:
                with self.subTest(name, words=words):
                    self.assertNotIn(words, self._text(self.documents[name]))

    def test_artwork_is_where_it_belongs(self):
        for name, content in self.documents.items():
            sizes = image_sizes(content)
            for artwork, templates in LOGOS.items():
                with self.subTest(name, artwork=artwork):
                    self.assertEqual(
                        ARTWORK[artwork] in sizes,
                        name in templates,
                        (name, artwork, sizes),
                    )

    def test_all_but_letters_can_be_verified(self):
        for name, content in self.documents.items():
            with self.subTest(name):
                self.assertEqual(
                    "learn.example.edu/credential" in self._text(content),
                    name != "letter",
                )

    def test_statement_names_what_its_units_belong_to(self):
        sentences = {
            "qualification": "These competencies form part of BSB50420 Diploma of "
            "Leadership and Management",
            "skill_set": "These units form part of the BSB50420 Diploma of Leadership "
            "and Management",
            "accredited": "These competencies were attained in completion of BSB50420 "
            "course in Diploma of Leadership and Management",
        }
        for kind in (*sentences, "unit"):
            self.course.kind = kind
            text = self._text(self._print_one("statement"))
            for other, sentence in sentences.items():
                with self.subTest(kind, other=other):
                    self.assertEqual(letters(sentence) in text, kind == other)

    def test_statement_of_a_part_claims_no_completion(self):
        self.course.kind = "accredited"
        self.enrolment.write({"state": "enrolled", "date_completed": False})
        text = self._text(self._print_one("statement"))
        self.assertIn("ThesecompetenciesformpartofBSB50420", text)
        self.assertNotIn("incompletionof", text)

    def _print_one(self, name, enrolment=None):
        """The document of one template (PDF bytes)."""
        return self._print(
            self._request(enrolment or self.enrolment, self.templates[name], self.admin)
        )

    def _print(self, credential):
        """The document of one credential (PDF bytes), made by itself."""
        documents = {credential.id: credential._document()}
        return credential._render(documents)[credential.id]

    def test_what_is_not_recognised_never_looks_recognised(self):
        self.course.kind = "short"
        for name in AQF:  # refused, but somebody may give a reason to issue it
            content = self._print_one(name)
            text = self._text(content)
            with self.subTest(name):
                for words in ("Qualifications Framework", "accredited units"):
                    self.assertNotIn(letters(words), text)
                for artwork in ("lrm_nrt_logo", "lrm_aqf_logo"):
                    self.assertNotIn(ARTWORK[artwork], image_sizes(content))

    def test_generic_companies_print_nothing_australian(self):
        self.company.lrm_profile = "generic"
        for name in ("certificate", "statement", "completion", "transcript"):
            content = self._print_one(name)
            text = self._text(content)
            with self.subTest(name):
                for words in ("RTO", "AQF", "Australian", "Registered Training"):
                    self.assertNotIn(letters(words), text)
                for artwork in ("lrm_nrt_logo", "lrm_aqf_logo"):
                    self.assertNotIn(ARTWORK[artwork], image_sizes(content))

    def test_sixty_units_run_over_pages_with_headings_numbers_and_page_numbers(self):
        units = self.env["lrm.unit"].create(
            [
                {
                    "code": f"LONGUN{number}",
                    "name": f"Unit {number} with a title that takes more than one line "
                    "of the table that it stands in",
                }
                for number in range(100, 160)
            ]
        )
        self.enrolment.unit_enrolment_ids = [
            Command.clear(),
            *(
                Command.create({"unit_id": unit.id, "outcome_id": self.competent.id})
                for unit in units
            ),
        ]
        for name in UNITS:
            for page in ("a4_portrait", "a4_landscape", "letter_portrait"):
                self.templates[name].page = page
                content = self._print_one(name)
                pages = [letters(text) for text in pdf_pages(content)]
                with self.subTest(name, page=page):
                    self.assertGreater(len(pages), 2)
                    for number, text in enumerate(pages, start=1):
                        self.assertIn(f"Page{number}of{len(pages)}", text)
                        self.assertIn("Unitcode", text)
                        self.assertRegex(text, r"Number\d{10}")
                    for unit in units:
                        found = [unit.code in text for text in pages]
                        self.assertEqual(found.count(True), 1, unit.code)

    def test_each_page_is_one_sheet_of_every_paper(self):
        for name in ALL:
            for page in ("a4_landscape", "letter_portrait", "letter_landscape"):
                self.templates[name].page = page
                pages = [letters(text) for text in pdf_pages(self._print_one(name))]
                with self.subTest(name, page=page):
                    if name not in UNITS:
                        self.assertEqual(len(pages), 1)
                        continue
                    for number, text in enumerate(pages, start=1):
                        self.assertIn(f"Page{number}of{len(pages)}", text)

    def test_names_and_titles_stay_on_the_page(self):
        self.course.name = (
            "Graduate Certificate in Sustainable Horticulture, Landscape Restoration "
            "and Environmental Stewardship of Coastal Lands"
        )
        self.learner.lrm_credential_name = (
            "Maximiliana Katharina Wolfeschlegelsteinhausenbergerdorff "
            "Featherstonehaugh-Lowe"
        )
        for name in ALL:
            for page in ("a4_portrait", "a4_landscape"):
                self.templates[name].page = page
                content = self._print_one(name)
                text = self._text(content)
                with self.subTest(name, page=page):
                    self.assertIn(letters(self.learner.lrm_credential_name), text)
                    if name != "statement":
                        self.assertIn(letters(self.course.name), text, (name, page))
                    for image in page_images(content):
                        self._assert_margin_is_empty(image)

    def test_a_name_of_one_long_word_is_broken(self):
        self.learner.lrm_credential_name = "Wolfeschlegelsteinhausenbergerdorff" * 2
        for name in ALL:
            content = self._print_one(name)
            with self.subTest(name):
                self.assertIn(self.learner.lrm_credential_name, self._text(content))
                for image in page_images(content):
                    self._assert_margin_is_empty(image)

    def test_artwork_lies_on_no_text(self):
        self.course.name = (
            "Graduate Certificate in Sustainable Horticulture, Landscape Restoration "
            "and Environmental Stewardship of Coastal Lands"
        )
        self.course.unit_ids = self.env["lrm.unit"].create(
            [
                {"code": f"CROWD{number}", "name": "Manage operational plans"}
                for number in range(500, 512)
            ]
        )
        second = self.officer.copy({"name": "Priya Venkataraman", "title": "Dean"})
        learner = self._create_learner("Maximiliana Katharina", "Featherstonehaugh")
        enrolment = self._create_enrolment(learner, is_apprenticeship=True)
        enrolment.unit_enrolment_ids.language = "Mandarin"
        for name, template in self.templates.items():
            template.write({"second_officer_id": second.id, "prints_watermark": False})
            credential = self._request(enrolment, template, self.admin)
            for font in ("classic", "modern"):
                template.write({"font": font, "is_preprinted": False})
                pictures = page_images(self._print(credential))
                template.is_preprinted = True
                texts = page_images(self._print(credential))
                self.assertEqual(len(pictures), len(texts))
                for picture, text in zip(pictures, texts, strict=True):
                    with self.subTest(name, font=font):
                        self._assert_apart(picture, text)

    def _assert_apart(self, picture, text):
        """Two pages are alike but for the artwork, which keeps away from the text."""
        ink = text.point(lambda shade: 255 if shade < 160 else 0)
        artwork = ImageChops.difference(picture, text)
        artwork = artwork.point(lambda shade: 255 if shade > 60 else 0)
        both = ImageChops.darker(ink.filter(ImageFilter.MaxFilter(3)), artwork)
        self.assertIsNone(both.getbbox())

    def _assert_margin_is_empty(self, image):
        """Nothing but a band of one colour touches the left and right edges."""
        for x in (0, image.width - 1):
            column = image.crop((x, 0, x + 1, image.height))
            colors = {color for _count, color in column.getcolors()}
            self.assertLessEqual(len(colors), 4)  # paper, band, and between them

    def test_alone_and_in_a_chunk_it_looks_the_same(self):
        for name in ALL:
            with self.subTest(name):
                alone = page_images(self._print_alone(name))
                among = page_images(self.documents[name])
                self.assertEqual(len(alone), len(among))
                for one, other in zip(alone, among, strict=True):
                    self.assertEqual(one.tobytes(), other.tobytes())

    def _print_alone(self, name):
        """The document that `documents` has of one template, made by itself."""
        credential = self.enrolment.credential_ids.filtered(
            lambda c: c.template_id == self.templates[name]
        )[-1:]
        return self._print(credential)

    def test_pre_printed_paper_gets_the_text_alone_in_its_place(self):
        for name in ALL:
            self.templates[name].is_preprinted = True
            content = self._print_one(name)
            with self.subTest(name):
                # The watermark, being translucent, is stored in another size.
                self.assertLessEqual(len(image_sizes(content) - {SIGNATURE}), 1)
                self.assertIn(letters("Ana Maria Lee"), self._text(content))

    def test_logos_qr_code_and_columns_can_be_left_out(self):
        certificate, record = self.templates["certificate"], self.templates["record"]
        certificate.write({"prints_nrt_logo": False, "prints_qr": False})
        record.write({"prints_outcomes": False, "prints_unit_dates": False})
        sizes = image_sizes(self._print_one("certificate"))
        self.assertNotIn(ARTWORK["lrm_nrt_logo"], sizes)
        self.assertIn(ARTWORK["lrm_aqf_logo"], sizes)
        text = self._text(self._print_one("record"))
        self.assertNotIn("Result", text.replace("RecordofResults", ""))
        self.assertNotIn("Achieved", text)

    def test_two_may_sign(self):
        second = self.officer.copy({"name": "Priya Nair", "title": "Dean"})
        for name in ALL:
            self.templates[name].second_officer_id = second
            text = self._text(self._print_one(name))
            with self.subTest(name):
                for words in ("Margaret Chen", "Priya Nair", "Dean"):
                    self.assertIn(letters(words), text)

    def test_credit_transfers_can_be_left_off_a_statement(self):
        self.templates["statement"].leaves_out_transfers = True
        transfer = self.env.ref("lrm_credentials.outcome_national_60")
        self.enrolment.unit_enrolment_ids[0].outcome_id = transfer
        text = self._text(self._print_one("statement"))
        self.assertNotIn(self.enrolment.unit_enrolment_ids[0].unit_code, text)
        self.assertIn(self.enrolment.unit_enrolment_ids[2].unit_code, text)


class TestLayoutsPatched(LayoutTests, BuildCommon):
    variable = "LRM_WKHTMLTOPDF_PATCHED"


class TestLayoutsUnpatched(LayoutTests, BuildCommon):
    variable = "LRM_WKHTMLTOPDF_UNPATCHED"
