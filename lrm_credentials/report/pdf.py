"""PDF files of credentials: plain functions on bytes, no database."""

import hashlib
import io
import secrets

from odoo.tools.pdf import (
    ArrayObject,
    ByteStringObject,
    NameObject,
    PdfFileReader,
    PdfFileWriter,
    create_string_object,
)


def finish(content, title, number, language):
    """Return the PDF `content` (bytes) as a complete document of its own.

    :param title: what readers show in the window's title
    :param number: the credential's number, kept as the subject
    :param language: of the text, for screen readers, such as `en_AU`
    :raise ValueError: when the PDF has no page
    """
    reader = PdfFileReader(io.BytesIO(content), strict=False)
    if not reader.pages:
        raise ValueError("The PDF has no page")
    writer = PdfFileWriter()
    for page in reader.pages:
        writer.add_page(page)
    writer.add_metadata({"/Title": title, "/Subject": number, "/Producer": "Odoo"})
    root = writer._root_object
    root[NameObject("/Lang")] = create_string_object(language.replace("_", "-"))
    return _write(writer)


def merge(contents):
    """Return one PDF (bytes) of `contents` (an iterable of PDF bytes), in order."""
    writer = PdfFileWriter()
    for content in contents:
        for page in PdfFileReader(io.BytesIO(content), strict=False).pages:
            writer.add_page(page)
    return _write(writer)


def page_count(content):
    """Return the number of pages of a PDF (bytes)."""
    return len(PdfFileReader(io.BytesIO(content), strict=False).pages)


def sha256(content):
    """Return the hexadecimal SHA-256 of `content` (bytes)."""
    return hashlib.sha256(content).hexdigest()


def _write(writer):
    """Return the bytes of `writer`, under an identifier never used before.

    So a second attempt never has the bytes of a first one whose file a full disk cut
    short: Odoo's file store names files by content and refuses such a collision.
    """
    identifier = ByteStringObject(secrets.token_bytes(16))
    writer._ID = ArrayObject([identifier, identifier])
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
