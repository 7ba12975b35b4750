"""Taking PDF files apart and putting them together, object by object."""

import base64
import io
import re
import subprocess
import zlib

from PIL import Image

from odoo.tests import BaseCase, tagged
from odoo.tools.pdf import PdfReader

from odoo.addons.lrm_credentials.report import pdf
from odoo.addons.lrm_credentials.report.html import join_pages
from odoo.addons.lrm_credentials.report.wkhtmltopdf import html_to_pdf

from .common import page_images, pdf_pages
from .test_render import A4, builds, links, page, picture

STREAM = re.compile(rb"(?s)stream\r?\n(.*?)\r?\nendstream")
NAMES = ["Aurelia", "Bartholomew", "Clementine"]
LENGTHS = [1, 2, 3]
PICTURE = io.BytesIO()
Image.effect_noise((60, 60), 99).save(PICTURE, "PNG")
IMAGE = "data:image/png;base64," + base64.b64encode(PICTURE.getvalue()).decode()
HEAD = "<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>"


def run(program, content, *arguments):
    """The output of a poppler program for a PDF (bytes)."""
    return subprocess.run(
        [program, *arguments, "-", *["-"] * (program == "pdftotext")],
        check=True,
        input=content,
        capture_output=True,
    )


def build(objects, trailer=b""):
    """A PDF of `objects` ({number: bytes}), with a correct table; 1 is the catalog."""
    content, size = bytearray(b"%PDF-1.4\n"), max(objects) + 1
    rows = [b"0000000000 65535 f \n"] * size
    for number, body in objects.items():
        rows[number] = b"%010d 00000 n \n" % len(content)
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n%strailer\n" % (size, b"".join(rows))
    content += b"<< /Size %d /Root 1 0 R %s >>\n" % (size, trailer)
    return bytes(content + b"startxref\n%d\n%%%%EOF\n" % start)


def plain(*annotations, pages=2, **more):
    """The objects of a PDF with pages 11, 12 and so on, each with its annotations."""
    numbers = range(11, 11 + pages)
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 99 88]"
        b" /Rotate 90 /Resources 3 0 R >>" % (kids, pages),
        3: b"<< /ExtGState << /X << /ca 0.123 >> >> >>",
        **{
            number: b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Annots [%s] >>"
            % (number + 10, annotation)
            for number, annotation in zip(numbers, annotations, strict=True)
        },
        **{
            number + 10: b"<< /Length 16 >>\nstream\n%% secret %d 0 R\n\nendstream"
            % number
            for number in numbers
        },
        **{int(name[1:]): body for name, body in more.items()},
    }


def link(target):
    return b"<< /Type /Annot /Subtype /Link /A << /S /URI /URI (%s) >> >>" % target


def readable(content):
    """Whatever can be read in a PDF (bytes): its syntax, its streams, its pages."""
    streams = []
    for data in STREAM.findall(content):
        try:
            streams.append(zlib.decompress(data))
        except zlib.error:
            streams.append(data)
    return b"\n".join([content, *streams, *(t.encode() for t in pdf_pages(content))])


@tagged("standard", "post_install", "-at_install")
class TestPdfObjects(BaseCase):
    """With what both builds of wkhtmltopdf print."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chunks = {binary: cls._print(binary) for binary in builds()}

    @classmethod
    def _print(cls, binary, names=NAMES, lengths=LENGTHS):
        """A chunk: {content, markers, files}."""
        markers = [f"http://nonce.invalid/{n}" for n in range(len(names))]
        bodies = [
            f'<a href="http://kept.invalid/{name}">{name}</a>'
            f'<img src="{IMAGE}">'
            f"<i>slanted</i>{page(name, length)}"
            for name, length in zip(names, lengths, strict=True)
        ]
        content = html_to_pdf(join_pages(HEAD, bodies, markers), binary, A4, timeout=60)
        return {
            "content": content,
            "markers": markers,
            "files": [
                pdf.finish(document, f"Title {name}", name, "en_AU")
                for document, name in zip(
                    pdf.split(content, markers), names, strict=True
                )
            ],
        }

    def _assert_valid(self, content):
        reader = PdfReader(io.BytesIO(content), strict=True)
        for sheet in reader.pages:
            self.assertEqual(sheet["/Parent"]["/Count"], len(reader.pages))
        for program in ("pdfinfo", "pdftotext", "pdffonts"):
            self.assertFalse(run(program, content).stderr)
        for match in re.finditer(rb"(\d{10}) 00000 n", content):
            self.assertRegex(content[int(match[1]) :][:20], rb"^\d+ 0 obj")
        return reader

    def test_files_are_valid_and_have_their_own_text(self):
        for binary, chunk in self.chunks.items():
            with self.subTest(binary):
                for content, name, length in zip(
                    chunk["files"], NAMES, LENGTHS, strict=True
                ):
                    self._assert_valid(content)
                    texts = [text for text in pdf_pages(content) if text]
                    self.assertEqual(len(texts), length)
                    for n, text in enumerate(texts, start=1):
                        self.assertIn(f"{name} {n}", text)
                    self.assertIn(name, run("pdftotext", content).stdout.decode())

    def test_files_look_as_they_were_printed(self):
        for binary, chunk in self.chunks.items():
            with self.subTest(binary):
                merged = pdf.merge(chunk["files"])
                self._assert_valid(merged)
                self.assertEqual(picture(merged), picture(chunk["content"]))

    def test_a_file_has_nothing_of_anybody_else(self):
        for binary, chunk in self.chunks.items():
            with self.subTest(binary):
                for content, name in zip(chunk["files"], NAMES, strict=True):
                    text = readable(content)
                    self.assertIn(name.encode(), text)
                    for other in set(NAMES) - {name}:
                        self.assertNotIn(other.encode(), text)
                        self.assertNotIn(other.encode().hex(), text.decode("latin-1"))
                    contents = re.findall(rb"/Contents", content)
                    self.assertEqual(len(contents), len(pdf_pages(content)))

    def test_markers_go_and_other_links_stay(self):
        for binary, chunk in self.chunks.items():
            with self.subTest(binary):
                for content, name in zip(chunk["files"], NAMES, strict=True):
                    self.assertEqual(links(content), [f"http://kept.invalid/{name}"])
                    self.assertNotIn(b"nonce.invalid", readable(content))
                    # A page that had nothing but its marker has no list of links.
                    kept = content.count(b"/Annots")
                    self.assertEqual(kept, 1)

    def test_title_number_and_language_are_kept(self):
        [document] = pdf.split(build(plain(link(b"m"), pages=1)), ["m"])
        for title in (
            "Certificate",
            r"Brackets (, ) and \ and \) (x))",
            "Nguyễn – محمد الفارسي",
            "王小明 𠮷",
            "",
        ):
            with self.subTest(title):
                content = pdf.finish(document, title, "(7)\\", "en_AU")
                reader = self._assert_valid(content)
                self.assertEqual(reader.metadata.get("/Title"), title)
                self.assertEqual(reader.metadata["/Subject"], "(7)\\")
                self.assertEqual(reader.metadata["/Producer"], "Odoo")
                self.assertEqual(reader.trailer["/Root"]["/Lang"], "en-AU")
                if title:
                    self.assertIn(title, run("pdfinfo", content).stdout.decode())

    def test_the_same_input_never_gives_the_same_bytes(self):
        chunk = self.chunks[builds()[0]]
        first, second = (
            pdf.finish(
                pdf.split(chunk["content"], chunk["markers"])[0], "T", "1", "en_AU"
            )
            for _n in range(2)
        )
        self.assertNotEqual(first, second)
        self.assertEqual(len(first), len(second))
        self.assertNotEqual(pdf.merge([first]), pdf.merge([first]))

    def test_merging_stores_fonts_and_images_once(self):
        for binary in self.chunks:
            with self.subTest(binary):
                names = [f"Learner {chr(65 + n)}" for n in range(20)]
                files = self._print(binary, names, [1] * 20)["files"]
                merged = pdf.merge(iter(files))
                self._assert_valid(merged)
                for kind in (b"/FontFile2", b"/Subtype /Image"):
                    self.assertGreater(files[0].count(kind), 0)
                    self.assertEqual(merged.count(kind), files[0].count(kind))
                self.assertLess(len(merged), sum(map(len, files)) / 5)
                # Merging again finds everything equal again.
                again = pdf.merge([merged, *files])
                self.assertEqual(
                    again.count(b"/FontFile2"), merged.count(b"/FontFile2")
                )
                self.assertEqual(len(pdf_pages(again)), 2 * len(pdf_pages(merged)))

    def test_files_of_different_chunks_and_builds_are_merged(self):
        others = [self._print(binary, ["Zoë Ðurić"], [2]) for binary in builds()]
        chunks = [*self.chunks.values(), *others]
        files = [content for chunk in chunks for content in chunk["files"]]
        merged = pdf.merge(files)
        self._assert_valid(merged)
        self.assertEqual(
            pdf_pages(merged),
            [text for content in files for text in pdf_pages(content)],
        )
        self.assertEqual(
            page_images(merged), [i for f in files for i in page_images(f)]
        )

    def test_duplex_begins_each_document_on_a_sheet_of_its_own(self):
        for binary, chunk in self.chunks.items():
            with self.subTest(binary):
                sizes = [len(pdf_pages(content)) for content in chunk["files"]]
                merged = pdf.merge(chunk["files"] + chunk["files"][:1], is_duplex=True)
                reader = self._assert_valid(merged)
                texts, at = pdf_pages(merged), 0
                for size, name in zip(
                    [*sizes, sizes[0]], [*NAMES, NAMES[0]], strict=True
                ):
                    self.assertEqual(at % 2, 0)
                    self.assertIn(name, texts[at])
                    self.assertFalse("".join(texts[at + size : at + size + size % 2]))
                    at += size + size % 2
                # None after the last one.
                self.assertEqual(len(texts), at - sizes[0] % 2)
                boxes = {tuple(map(float, sheet.mediabox)) for sheet in reader.pages}
                self.assertEqual(len(boxes), 1)

    def test_damaged_files_are_an_error(self):
        for binary, chunk in self.chunks.items():
            with self.subTest(binary):
                content = chunk["files"][1]
                at = content.index(b"/Contents")
                table = content.rindex(b"\nxref") + 1
                for damaged in (
                    b"",
                    b"%PDF-1.4",
                    content[:-20],
                    content[: len(content) // 2],
                    content[:at] + content[at + 1 :],
                    content[:at] + b"%" + content[at + 1 :],
                    content[:table] + b"x" + content[table:],
                    content.replace(b"endobj", b"endobx"),
                    content.replace(b"/Root", b"/Toor"),
                    content.replace(b"/Kids", b"/Dogs"),
                    content.replace(b" 00000 n", b" 00000 f"),
                    content.replace(b" 0 R", b" 1 R"),
                ):
                    with self.subTest(damaged[:60]), self.assertRaises(ValueError):
                        pdf.merge([damaged])
                    with self.assertRaises(ValueError):
                        pdf.split(damaged, ["m"])

    def test_other_kinds_of_pdf_are_an_error(self):
        objects = plain(b"", b"")
        for trailer in (b"/Encrypt 3 0 R", b"/Prev 9", b"/XRefStm 9"):
            with self.assertRaisesRegex(ValueError, trailer.split()[0].decode()):
                pdf.merge([build(objects, trailer)])
        content = b"%PDF-1.5\n1 0 obj\n<< /Type /XRef /Size 2 /W [1 2 1] /Root 1 0 R >>"
        content += b"\nstream\n....\nendstream\nendobj\nstartxref\n9\n%%EOF\n"
        with self.assertRaisesRegex(ValueError, "no classic table"):
            pdf.merge([content])


@tagged("standard", "post_install", "-at_install")
class TestPdfSyntax(BaseCase):
    """With small files made by hand, for what no printed one has."""

    def _split(self, content, markers=("m", "n")):
        return [
            pdf.finish(document, "T", "1", "en_AU")
            for document in pdf.split(content, list(markers))
        ]

    def test_references_to_pages_of_others_lead_nowhere(self):
        to_second = (
            b"<< /Subtype /Link /Dest [12 0 R /Fit] >> 30 0 R",
            b"<< /Subtype /Link /A << /S /GoTo /D 30 0 R >> >>",
            b"<< /Subtype /Link /Q [1 0 R 2 0 R 12 0 R] >>",
        )
        for annotation in to_second:
            content = build(
                plain(
                    link(b"m") + annotation,
                    link(b"n"),
                    _30=b"<< /Subtype /Link /Dest [12 0 R /Fit] /P 11 0 R >>",
                )
            )
            with self.subTest(annotation):
                first, second = self._split(content)
                self.assertIn(b"null", first)
                self.assertIn(b"secret 11", first)
                self.assertNotIn(b"secret 12", first)
                self.assertNotIn(b"secret 11", second)
                self.assertEqual(first.count(b"/Type /Page\n"), 1)
                self.assertEqual(first.count(b"/Catalog"), 1)
                self.assertEqual(
                    len(PdfReader(io.BytesIO(first), strict=True).pages), 1
                )

    def test_references_within_a_document_stay(self):
        content = build(
            plain(link(b"m") + b"30 0 R", b"", _30=b"<< /P 11 0 R /Dest [12 0 R] >>")
        )
        for result in (self._split(content, "m")[0], pdf.merge([content, content])):
            pages = PdfReader(io.BytesIO(result), strict=True).pages
            for first, second in zip(pages[::2], pages[1::2], strict=True):
                annotation = first["/Annots"][-1].get_object()
                self.assertEqual(annotation["/P"], first)
                self.assertEqual(
                    annotation.raw_get("/Dest")[0].idnum,
                    second.indirect_ref.idnum
                    if hasattr(second, "indirect_ref")
                    else second.indirect_reference.idnum,
                )

    def test_what_a_page_inherits_moves_with_it(self):
        for content in self._split(build(plain(link(b"m"), link(b"n")))):
            [sheet] = PdfReader(io.BytesIO(content), strict=True).pages
            self.assertEqual([float(n) for n in sheet["/MediaBox"]], [0, 0, 99, 88])
            self.assertEqual(sheet["/Rotate"], 90)
            self.assertIn("/X", sheet["/Resources"]["/ExtGState"])

    def test_an_empty_page_turns_as_the_one_before(self):
        content = build(plain(b"", pages=1))
        merged = pdf.merge([content, content], is_duplex=True)
        sheets = PdfReader(io.BytesIO(merged), strict=True).pages
        self.assertEqual([sheet["/Rotate"] for sheet in sheets], [90] * 3)
        self.assertNotIn("/Contents", sheets[1])

    def test_text_is_never_taken_for_syntax(self):
        texts = (
            rb"3 0 R",
            rb"\( 3 0 R \)",
            rb"\\",
            rb"a (nested 3 0 R) b",
            rb">> stream 3 0 R",
            b">>\nstream\n3 0 R",
            rb"endobj % 5 0 obj <<",
            b"\xfe\xff\x00(\x00)".replace(b"(", rb"\(").replace(b")", rb"\)"),
        )
        for text in texts:
            with self.subTest(text):
                content = build(plain(link(b"m") + b"30 0 R", pages=1, _30=link(text)))
                [result] = self._split(content, "m")
                for whole in (result, pdf.merge([result])):
                    self.assertIn(b"(%s)" % text, whole)
                    self.assertIn(b"% secret 11 0 R\n", whole)
                    PdfReader(io.BytesIO(whole), strict=True).pages[0].extract_text()

    def test_markers_are_found_however_they_are_written(self):
        marker = "http://nonce.invalid/(1)"
        for text in (
            rb"http://nonce.invalid/(1)",
            rb"http://nonce.invalid/\(1\)",
            rb"\150ttp\72//nonce.invalid\/\0501\051",
        ):
            for annotation, objects in (
                (link(text), {}),
                (b"30 0 R", {"_30": link(text)}),
                (b"<</A 30 0 R>>", {"_30": b"<</S/URI/URI(%s)>>" % text}),
                (b"<</A<</URI 30 0 R>>>>", {"_30": b"(%s)" % text}),
            ):
                content = build(plain(annotation, pages=1, **objects))
                with self.subTest(content):
                    [result] = self._split(content, [marker])
                    self.assertNotIn(b"nonce", result)
                    self.assertNotIn(b"/Annots", result)

    def test_a_list_of_links_may_be_an_object_of_its_own(self):
        objects = plain(b"", pages=1, _30=b"[31 0 R 32 0 R]", _31=link(b"m"))
        objects |= {32: link(b"kept"), 11: objects[11].replace(b"[]", b"30 0 R")}
        [result] = self._split(build(objects), "m")
        self.assertEqual(links(result), ["kept"])

    def test_equal_objects_become_one_unless_they_refer_to_unequal_ones(self):
        font = b"<< /Type /Font /FontFile 31 0 R >>"
        files = [
            build(
                plain(b"", pages=1, _3=b"<< /F 30 0 R >>", _30=font, _31=b"(%s)" % data)
            )
            for data in (b"a", b"b", b"a")
        ]
        merged = pdf.merge(files)
        self.assertEqual(merged.count(b"/FontFile"), 2)
        self.assertEqual(merged.count(b"(a)"), 1)

    def test_a_link_is_never_shared_by_pages(self):
        content = build(plain(b"30 0 R", pages=1, _30=link(b"same")))
        merged = pdf.merge([content, content])
        self.assertEqual(merged.count(b"(same)"), 2)

    def test_circles_and_endless_trees_are_an_error(self):
        circle = plain(b"", pages=1, _3=b"<< /X 30 0 R >>", _30=b"[3 0 R]")
        endless = plain(b"", pages=1, _11=b"<< /Type /Pages /Kids [2 0 R] >>")
        twice = plain(b"", pages=1, _2=b"<< /Type /Pages /Kids [11 0 R 11 0 R] >>")
        for objects in (circle, endless, twice):
            with self.assertRaises(ValueError):
                pdf.merge([build(objects)])

    def test_an_object_that_the_table_leaves_out_is_an_error(self):
        objects = plain(b"", pages=1, _3=b"<<>>\nendobj\n31 0 obj\n(somebody else)")
        with self.assertRaises(ValueError):
            pdf.merge([build(objects)])

    def test_what_is_missing_is_nothing(self):
        merged = pdf.merge([build(plain(b"", pages=1, _3=b"<< /X 77 0 R >>"))])
        self.assertIn(b"/X null", merged)

    def test_contents_are_read_one_at_a_time(self):
        content = build(plain(b"", pages=1))
        merged = pdf.merge(content for _n in range(3))
        self.assertEqual(len(PdfReader(io.BytesIO(merged), strict=True).pages), 3)
