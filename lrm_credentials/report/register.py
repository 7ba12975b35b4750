"""What the register's reports look like on paper and as a workbook: plain functions."""

import unicodedata
from math import ceil

from .workbook import write_book

# Everything that the register says: key, heading, width in the workbook.
COLUMNS = [
    ("number", "Credential Number", 18),
    ("state", "Status", 11),
    ("credential", "Credential", 28),
    ("title", "Title", 28),
    ("type", "Type", 13),
    ("learner_number", "Learner Number", 16),
    ("learner", "Learner", 30),
    ("course_code", "Course Code", 14),
    ("course", "Course", 40),
    ("offer_code", "Course Offer", 16),
    ("offer", "Course Offer Description", 28),
    ("unit_count", "Units", 8),
    ("credential_date", "Credential Date", 16),
    ("issued_on", "Issued On", 12),
    ("issued_by", "Issued By", 22),
    ("requested_by", "Requested By", 22),
    ("officer", "Issuing Officer", 22),
    ("is_final", "Final Qualification", 19),
    ("parchment_number", "Parchment Number", 18),
    ("parchment_date", "Parchment Issued Date", 22),
    ("reissue_date", "Re-issued On", 14),
    ("expiry_date", "Valid Until", 13),
    ("status_reason", "Status Reason", 36),
    ("cancelled_on", "Cancelled On", 14),
    ("cancelled_by", "Cancelled By", 22),
    ("replaces", "Replaces", 18),
    ("replaced_by", "Replaced By", 18),
    ("document", "Document", 18),
    ("issuer", "Issuer", 32),
    ("rto_code", "RTO Code", 10),
    ("sha256", "SHA-256", 66),
]
TOTALS = [
    ("name", "Group", 50),
    ("issued", "Issued", 10),
    ("cancelled", "Cancelled", 12),
    ("final", "Final Qualifications", 20),
    ("total", "All", 10),
]
SCOPE = [
    ("code", "Code", 14),
    ("name", "Title", 60),
    ("kind", "Kind", 24),
    ("scope_from", "On Scope From", 15),
    ("scope_to", "On Scope To", 15),
    ("superseded_on", "Superseded On", 15),
    ("superseded_by", "Superseded By", 16),
]

# Paper: A4 landscape at six pixels to a millimetre. Both builds of wkhtmltopdf agree on
# pages that are cut here: only one of them repeats headings, and it takes minutes.
LINE = 18  # pixels
PAGE_LINES = 62  # of 18 pixels, without the page's own heading and foot
COLUMN_WIDTHS = (130, 235, 235, 245, 120, 160, 160, 130, 235)  # pixels, of the cells
LETTER, WIDE_LETTER = 7.6, 15  # pixels, rather more than less


def register_book(rows, totals, facts, scope=None):
    """Return the register as a workbook (bytes).

    :param rows: iterable of dicts with the keys of `COLUMNS`
    :param totals: list of dicts with the keys of `TOTALS`
    :param facts: list of (name, value): what the report is about
    :param scope: list of dicts with the keys of `SCOPE`, None for no such sheet
    """
    sheets = [("Register", *_table(COLUMNS, rows)), ("Totals", *_table(TOTALS, totals))]
    if scope is not None:
        sheets.append(("Scope", *_table(SCOPE, scope)))
    sheets.append(("About", [("About this report", 30), ("", 70)], facts))
    return write_book(sheets)


def _table(columns, rows):
    """Return headings with widths, and the rows (dicts) as lists."""
    headings = [(heading, width) for _key, heading, width in columns]
    return headings, ([row[key] or None for key, *_rest in columns] for row in rows)


def paginate(groups, first_lines):
    """Return `groups` cut into pages: lists of (heading or None, rows, total or None).

    :param groups: iterable of (heading, iterable of cells, total)
    :param first_lines: how many lines the report's own heading takes
    """
    pages, left = [[]], PAGE_LINES - first_lines
    for heading, rows, total in groups:
        if left < 8:  # a heading is never the last thing on a page
            pages.append([])
            left = PAGE_LINES
        pages[-1].append([heading, [], None])
        left -= 3
        for cells in rows:
            height = _height(cells)
            if height > left and pages[-1][-1][1]:
                pages.append([[heading, [], None]])
                left = PAGE_LINES - 3
            pages[-1][-1][1].append(cells)
            left -= height
        pages[-1][-1][2] = total
        left -= 2
    return pages


def _height(cells):
    """Return about how many lines the highest of `cells` takes, and the rule below."""
    lines = [
        sum(_wrapped(text, width) for text in cell)
        for cell, width in zip(cells, COLUMN_WIDTHS, strict=True)
    ]
    return max(lines) + 0.4


def _wrapped(text, width):
    """Return in about how many lines `text` is broken."""
    pixels = sum(
        WIDE_LETTER if unicodedata.east_asian_width(letter) in "WF" else LETTER
        for letter in text
    )
    return max(1, ceil(pixels * 1.1 / (width - 12)))
