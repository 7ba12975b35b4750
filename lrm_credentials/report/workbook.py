"""The mail-merge workbook: one row per credential, made from the stored documents."""

import datetime
import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

DATE_FORMAT = "dd/mm/yyyy"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What Word's mail merge calls each column, and where it stands in a document.
COLUMNS = {
    "Credential Number": ("number",),
    "Credential": ("template", "name"),
    "Title": ("title",),
    "Credential Date": ("credential_date",),
    "Learner Number": ("learner", "number"),
    "Learner": ("learner", "name"),
    "First Name": ("learner", "first_name"),
    "Family Name": ("learner", "family_name"),
    "Course Code": ("course", "code"),
    "Course": ("course", "name"),
    "Course Offer": ("course", "offer_code"),
    "Start Date": ("course", "date_start"),
    "End Date": ("course", "date_end"),
    "Completed On": ("course", "date_completed"),
    "Units": ("units",),
    "Issuer": ("issuer", "name"),
    "RTO Code": ("issuer", "rto_code"),
    "Issuing Officer": ("officer", "name"),
    "Position": ("officer", "title"),
}


def mail_merge(documents):
    """Return the workbook (bytes) of `documents`.

    :param documents: list of what `lrm.credential._document()` returned
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Mail merge")
    sheet.freeze_panes = "A2"
    for index, heading in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = max(
            14, len(heading) + 4
        )
    sheet.append([_cell(sheet, heading, bold=True) for heading in COLUMNS])
    for document in documents:
        values = [_value(document, path) for path in COLUMNS.values()]
        sheet.append([_cell(sheet, value) for value in values])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _value(document, path):
    """Return what stands at `path` (tuple of keys): text, or a real date."""
    value = document
    for key in path:
        value = value[key]
    if isinstance(value, list):
        return "; ".join(f"{unit['code']} {unit['name']}" for unit in value)
    if path[-1].startswith(("date_", "credential_date")) and value:
        return datetime.date.fromisoformat(value)
    return value or ""


def _cell(sheet, value, bold=False):
    """Return a cell that holds `value` as text or date, never as a formula.

    A cell typed as text keeps leading zeros, and a name such as `=1+1` stays a name.
    """
    if isinstance(value, datetime.date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = DATE_FORMAT
    else:
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = value.startswith(FORMULA_STARTS)
    if bold:
        cell.font = Font(bold=True)
    return cell
