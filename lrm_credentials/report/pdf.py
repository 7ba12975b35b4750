"""PDF files of credentials: plain functions on bytes, no database.

PyPDF2 would parse and write again every width of every font, for every file: 4 ms to
split off a page, 7 ms to merge a file, and the fonts once per learner in a merged file.
Here objects are moved whole, as bytes, see pdf_objects.py. That takes a tenth of the
time, and equal objects are stored once.
"""

import hashlib

from .pdf_objects import Source, Target, items, pdf_text, unescape


def split(content, markers):
    """Return the documents in `content` (PDF bytes), one for each of `markers`.

    A document starts on the page with the link annotation that is its marker. The
    links are taken out of the pages. Nothing is guessed: a page that cannot be told to
    whom it belongs is an error, so that it never reaches another learner's file.

    :param markers: list of URLs, in the order in which they must be found
    :return: list of (`Source`, its pages as {number: entries}), for `finish`
    :raise ValueError: unless each marker is there exactly once, in order, and first
    """
    source = Source(content)
    documents, found = [], []
    for number, page in source.pages.items():
        starting = _take_markers(source, page, set(markers))
        found += starting
        if len(starting) > 1 or not (starting or documents):
            raise ValueError("A page belongs to several credentials, or to none")
        if starting:
            documents.append((source, {}))
        documents[-1][1][number] = page
    if found != markers:
        raise ValueError("The pages do not follow the order of the credentials")
    return documents


def _take_markers(source, page, markers):
    """Remove the links to `markers` from `page`; return those found, in order."""
    found, others = [], []
    for annotation in items(page.pop(b"/Annots", b"[]")):
        action = source.entries(source.entries(annotation).get(b"/A", b"<<>>"))
        target = unescape(source.value(action.get(b"/URI", b"")))
        if target in markers:
            found.append(target)
        else:
            others.append(annotation)
    if others:
        page[b"/Annots"] = b"[%s]" % b" ".join(others)
    return found


def finish(document, title, number, language):
    """Return `document` as a complete PDF document (bytes) of its own.

    It has its own pages and what they need; references to other pages lead nowhere.

    :param document: from `split`
    :param title: what readers show in the window's title
    :param number: the credential's number, kept as the subject
    :param language: of the text, for screen readers, such as `en_AU`
    :raise ValueError: when something in the document cannot be read
    """
    target = Target()
    target.add(*document)
    return target.close(
        b"/Lang %s" % pdf_text(language.replace("_", "-")),
        b"/Title %s /Subject %s" % (pdf_text(title), pdf_text(number)),
    )


def merge(contents, is_duplex=False):
    """Return one PDF (bytes) of `contents` (an iterable of PDF bytes), in order.

    :param is_duplex: add empty pages, so that each begins on a sheet of its own
    :raise ValueError: when one of them cannot be read
    """
    target, source = Target(), None
    for content in contents:
        if is_duplex and source and len(source.pages) % 2:
            target.add(source, source.blank())
        source = Source(content)
        target.add(source, source.pages)
    return target.close()


def sha256(content):
    """Return the hexadecimal SHA-256 of `content` (bytes)."""
    return hashlib.sha256(content).hexdigest()
