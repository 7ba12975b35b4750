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


def split(content, markers):
    """Return the pages of `content` (PDF bytes), one list for each of `markers`.

    A document starts on the page with the link annotation that is its marker. The
    links are taken out of the pages. Nothing is guessed: a page that cannot be told to
    whom it belongs is an error, so that it never reaches another learner's file.

    :param markers: list of URLs, in the order in which they must be found
    :raise ValueError: unless each marker is there exactly once, in order, and first
    """
    documents, found = [], []
    for page in PdfFileReader(io.BytesIO(content), strict=False).pages:
        starting = _take_markers(page, set(markers))
        found += starting
        if len(starting) > 1 or not (starting or documents):
            raise ValueError("A page belongs to several credentials, or to none")
        if starting:
            documents.append([])
        documents[-1].append(page)
    if found != markers:
        raise ValueError("The pages do not follow the order of the credentials")
    return documents


def _take_markers(page, markers):
    """Remove the links to `markers` from `page`; return those found, in order."""
    annotations = page.get("/Annots")
    annotations = annotations.get_object() if annotations else []
    found, others = [], []
    for reference in annotations:
        action = reference.get_object().get("/A", {})
        target = str(action.get_object().get("/URI", "")) if action else ""
        if target in markers:
            found.append(target)
        else:
            others.append(reference)
    if found:
        page[NameObject("/Annots")] = ArrayObject(others)
    return found


def finish(pages, title, number, language):
    """Return `pages` as a complete PDF document (bytes) of its own.

    :param pages: list of PDF pages, from `split`
    :param title: what readers show in the window's title
    :param number: the credential's number, kept as the subject
    :param language: of the text, for screen readers, such as `en_AU`
    """
    writer = PdfFileWriter()
    for page in pages:
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
