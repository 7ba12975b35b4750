"""A background that is a PDF: drawn beneath each page, as sharp as it came.

Its page becomes a form (ISO 32000-1, 8.10), an object that each page draws first. So a
file of many credentials holds it once, as `pdf.merge` stores equal objects once.
"""

import io
import zlib

from odoo.tools.pdf import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfReader,
    PdfWriter,
)

from .pdf_objects import Source

NAME = "/LrmBackground"
# How a page turned clockwise by so many degrees lands in a square of 1 by 1: x, y and
# 1 in terms of x, y and 1 of the page as drawn, itself made to fit that square.
TURNED = {
    0: (1, 0, 0, 1, 0, 0),
    90: (0, -1, 1, 0, 0, 1),
    180: (-1, 0, 0, -1, 1, 1),
    270: (0, 1, -1, 0, 1, 0),
}


def prepare(content):
    """Return the only page of a PDF (bytes) as a form that `lay_under` can draw.

    What the page draws is taken, and nothing else: no links, forms, scripts or files.

    :return: PDF (bytes)
    :raise ValueError: "encrypted", "pages" when there is not exactly one, "outside"
        when it refers to another file, or "damaged"
    """
    try:
        form = _form(content)
        lay_under([_blank()], [form])  # proves that it can be done
    except Exception as error:  # a file made elsewhere can be wrong in any way
        known = str(error) in ("encrypted", "pages", "outside")
        raise ValueError(str(error) if known else "damaged") from error
    return form


def lay_under(documents, forms):
    """Draw beneath each page of each document its background.

    :param documents: list of what `pdf.split` returned; their pages change
    :param forms: for each of them what `prepare` returned, or None
    """
    adopted = {}
    for (source, pages), form in zip(documents, forms, strict=True):
        if not form:
            continue
        if form not in adopted:
            adopted[form] = _adopt(source, form)
        for page in pages.values():
            _draw(source, page, *adopted[form])


def _form(content):
    """Return a PDF (bytes) with one empty page, which could draw that of `content`."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.isEncrypted:
        raise ValueError("encrypted")
    if reader.getNumPages() != 1:
        raise ValueError("pages")
    page = reader.getPage(0)
    form = DecodedStreamObject()
    form.setData(zlib.compress(_drawing(page)))
    box = page["/CropBox"] if "/CropBox" in page else page["/MediaBox"]
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/Filter"): NameObject("/FlateDecode"),
            NameObject("/BBox"): ArrayObject(box),
            NameObject("/Resources"): page.get("/Resources", DictionaryObject()),
        }
    )
    if "/Group" in page:  # how what it draws shows through
        form[NameObject("/Group")] = page["/Group"]
    writer, target = PdfWriter(), io.BytesIO()
    blank = writer.addBlankPage(1, 1)
    blank[NameObject("/Rotate")] = NumberObject(page.get("/Rotate", 0))
    blank[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject(NAME): form})}
    )
    writer.write(target)
    return target.getvalue()


def _drawing(page):
    """Return what a page of a PDF draws (bytes)."""
    contents = page["/Contents"] if "/Contents" in page else []
    streams = contents if isinstance(contents, ArrayObject) else [contents]
    return b"\n".join(stream.getObject().getData() for stream in streams if stream)


def _blank():
    """Return a document of one empty page, as `pdf.split` does."""
    writer, target = PdfWriter(), io.BytesIO()
    writer.addBlankPage(595, 842)
    writer.write(target)
    source = Source(target.getvalue())
    return source, source.pages


def _adopt(source, form):
    """Move `form` to `source`; return its number there and how to fill 1 by 1 with it.

    :raise ValueError: "outside" when something in it refers to another file
    """
    origin = Source(form)
    [page] = origin.pages.values()
    resources = origin.entries(page[b"/Resources"])
    reference = origin.entries(resources[b"/XObject"])[NAME.encode()]
    left, bottom, right, top = origin.numbers(origin.entries(reference)[b"/BBox"])
    width, height = right - left, top - bottom
    a, b, c, d, e, f = TURNED[int(page[b"/Rotate"]) % 360]
    x, y = -left / width, -bottom / height
    matrix = a / width, b / width, c / height, d / height
    number = source.adopt(origin, reference)
    if any(b"/F" in entries for entries in origin.streams()):
        raise ValueError("outside")
    source.digest(number)  # fails when it goes round in a circle
    return number, (*matrix, a * x + c * y + e, b * x + d * y + f)


def _draw(source, page, number, matrix):
    """Have `page` draw the object `number`, made to fit, before anything else."""
    left, bottom, right, top = source.numbers(page[b"/MediaBox"])
    width, height = right - left, top - bottom
    a, b, c, d, e, f = matrix
    command = b"q %.7f %.7f %.7f %.7f %.4f %.4f cm %s Do Q" % (
        a * width,
        b * height,
        c * width,
        d * height,
        e * width + left,
        f * height + bottom,
        NAME.encode(),
    )
    drawing = source.add(
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(command), command)
    )
    resources = source.entries(page.get(b"/Resources", b"<<>>"))
    objects = source.entries(resources.get(b"/XObject", b"<<>>"))
    objects[NAME.encode()] = b"%d 0 R" % number
    resources[b"/XObject"] = _dictionary(objects)
    page[b"/Resources"] = _dictionary(resources)
    contents = page.get(b"/Contents", b"[]")
    if contents.startswith(b"["):
        contents = contents[1:-1]
    page[b"/Contents"] = b"[%d 0 R %s]" % (drawing, contents)


def _dictionary(entries):
    """Return {name: value} (bytes) as a dictionary of a PDF."""
    return b"<< %s >>" % b" ".join(b"%s %s" % entry for entry in entries.items())
