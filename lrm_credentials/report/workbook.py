"""Excel workbooks, and what the mail merge can put in one: plain functions.

Everything is written as text, number or real date, never as a formula, in openpyxl's
write-only mode, whose memory does not grow with the rows.
"""

import datetime
import io
from collections import ChainMap

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

DATE_FORMAT = "dd/mm/yyyy"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEADING = Font(name="Calibri", size=11, bold=True)  # as the other cells, but bold
CELL_LIMIT = 32767  # characters: Excel repairs a file that has more in a cell
WIDEST = 44  # characters of a column of the mail merge
FIRST_YEAR = 1900  # Excel has no dates before
# What a mail merge may contain: where it stands in a document (what
# `lrm.credential._document()` returned), its usual heading, and an example. `address`
# and `file` are added when the workbook is made: no document contains them.
CATALOGUE = {
    "number": ("Credential Number", "0000000042"),
    "template.name": ("Credential", "Qualification Certificate"),
    "title": ("Title", "Certificate"),
    "credential_date": ("Credential Date", "01/12/2025"),
    "reissue_date": ("Re-issued On", "14/02/2026"),
    "expiry_date": ("Valid Until", "01/12/2028"),
    "replaces": ("Replaces", "0000000007"),
    "verification_url": ("Verification Page", "https://…/credential/…"),
    "learner.number": ("Learner Number", "L000007"),
    "learner.name": ("Learner", "Ana Maria Lee"),
    "learner.first_name": ("First Name", "Ana"),
    "learner.family_name": ("Family Name", "Lee"),
    "course.code": ("Course Code", "BSB50420"),
    "course.name": ("Course", "Diploma of Leadership and Management"),
    "course.stream": ("Stream", "Retail"),
    "course.industry_descriptor": ("Industry Descriptor", "Business Services"),
    "course.offer_code": ("Course Offer", "DIP-2025"),
    "course.offer_name": ("Course Offer Description", "Evening class"),
    "course.date_start": ("Start Date", "03/02/2025"),
    "course.date_end": ("End Date", "28/11/2025"),
    "course.date_completed": ("Completed On", "20/11/2025"),
    "units": ("Units", "BSBCMM511 Communicate with influence; …"),
    "issuer.name": ("Issuer", "Wattle Institute of Training Pty Ltd"),
    "issuer.trading_name": ("Trading Name", "Wattle Institute"),
    "issuer.rto_code": ("RTO Code", "45999"),
    "officer.name": ("Issuing Officer", "Margaret Chen"),
    "officer.title": ("Position", "Director"),
    "address.street": ("Street", "12 Wattle Street"),
    "address.street2": ("Street 2", "Unit 3"),
    "address.city": ("City", "Fremantle"),
    "address.state": ("State", "WA"),
    "address.zip": ("Postcode", "6160"),
    "address.country": ("Country", "Australia"),
    "file": ("File Name", "0000000042 - Qualification Certificate - Ana Lee.pdf"),
}
DATES = {
    "credential_date",
    "reissue_date",
    "expiry_date",
    "course.date_start",
    "course.date_end",
    "course.date_completed",
}
NOT_STANDARD = {
    "reissue_date",
    "expiry_date",
    "replaces",
    "verification_url",
    "course.stream",
    "course.industry_descriptor",
    "course.offer_name",
    "issuer.trading_name",
}
# Whatever a template selects: where to send it, and which file it is.
ALWAYS = {
    heading: source
    for source, (heading, _example) in CATALOGUE.items()
    if source == "file" or source.startswith("address.")
}
# The columns {heading: source} of templates that select none.
STANDARD = {
    heading: source
    for source, (heading, _example) in CATALOGUE.items()
    if source not in NOT_STANDARD and heading not in ALWAYS
}


def mail_merge(documents, layouts=(STANDARD,)):
    """Return the workbook (bytes) of `documents`, one row each.

    Several layouts give the union of their columns; what a document's own layout lacks
    is empty in its row.

    :param documents: iterable of (document, its layout). A document is what
        `lrm.credential._document()` returned, with `address` (dict) and `file` (str)
    :param layouts: all layouts that occur, each {heading: source in `CATALOGUE`}
    """
    headings = list({heading: None for layout in layouts for heading in layout})
    headings += [heading for heading in ALWAYS if heading not in headings]
    rows = (
        [_value(document, (ALWAYS | layout).get(heading)) for heading in headings]
        for document, layout in documents
    )
    sources = ChainMap(ALWAYS, *layouts)
    columns = [(heading, _width(heading, sources[heading])) for heading in headings]
    return write_book([("Mail merge", columns, rows)])


def _width(heading, source):
    """Return how wide a column must be to show its heading and usual values."""
    _heading, example = CATALOGUE[source]
    return min(WIDEST, max(14, len(heading) + 4, len(example) + 4))


def write_book(sheets):
    """Return a workbook (bytes).

    The first row of each sheet has the headings, stays in sight, can filter, and is on
    each printed page.

    :param sheets: iterable of (title, [(heading, width in characters)], iterable of
        rows: lists of text, whole numbers, dates and None)
    """
    book = Workbook(write_only=True)
    for title, columns, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        for index, (_heading, width) in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.append([_cell(sheet, heading, bold=True) for heading, _width in columns])
        last = 1
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
            last += 1
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _value(document, source):
    """Return what stands at `source` (dotted keys, or None): text, or a real date."""
    value = document if source else None
    for key in (source or "").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, list):
        return "; ".join(f"{unit['code']} {unit['name']}" for unit in value)
    if source in DATES and value:
        return datetime.date.fromisoformat(value)
    return value or ""


def _cell(sheet, value, bold=False):
    """Return a cell that holds `value` as text, number or date, never as a formula.

    A cell typed as text keeps leading zeros, and a name such as `=1+1` stays a name.
    """
    if isinstance(value, datetime.date) and value.year < FIRST_YEAR:
        value = value.strftime("%d/%m/%Y")
    if isinstance(value, datetime.date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = DATE_FORMAT
    elif isinstance(value, int):
        cell = WriteOnlyCell(sheet, value)
    else:
        text = ILLEGAL_CHARACTERS_RE.sub("", value or "")
        cell = WriteOnlyCell(sheet, text[:CELL_LIMIT])
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = text.startswith(FORMULA_STARTS)
    if bold:
        cell.font = HEADING
    return cell
