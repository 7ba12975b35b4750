"""Reading a workbook of credentials: plain functions on bytes, no database.

The file comes from outside and may be hostile: sizes are limited before anything is
unpacked, and macros, links and formulas are never followed.
"""

import datetime
import io
import zipfile
from dataclasses import dataclass

from openpyxl import load_workbook

from ..report.workbook import write_book

MEGABYTE = 1024 * 1024
ROW_LIMIT = 10000  # credentials in one workbook
SHEET_LIMIT = 1048576  # rows that a sheet can have, most of them empty
COLUMN_LIMIT = 200
WORKBOOK_LIMIT = 100 * MEGABYTE  # unpacked
PROLOGUE = 64 * 1024  # bytes of an XML file in which entities would be declared
DATE_TEXTS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")

# key, heading, kind, example. The headings are those of the template workbook.
COLUMNS = [
    ("number", "Credential Number", "text", "QC-2014-0042"),
    ("template", "Credential", "text", "Qualification Certificate"),
    ("credential_date", "Credential Date", "date", "01/12/2014"),
    ("issued_on", "Issued On", "date", "03/12/2014"),
    ("learner_number", "Learner Number", "text", "L000007"),
    ("first_name", "First Name", "text", "Ana"),
    ("family_name", "Family (or Sole) Name", "text", "Lee"),
    ("learner_name", "Name Printed", "text", "Ana Maria Lee"),
    ("course_code", "Course Code", "text", "BSB50207"),
    ("course_name", "Course Title", "text", "Diploma of Business"),
    ("course_kind", "Course Kind", "text", "Qualification"),
    ("offer_code", "Course Offer", "text", "DIP-2014"),
    ("date_start", "Start Date", "date", "03/02/2014"),
    ("date_end", "End Date", "date", "28/11/2014"),
    ("date_completed", "Completed On", "date", "20/11/2014"),
    ("units", "Units", "text", "BSBHRM501B Manage human resources; BSBMGT515A"),
    ("officer", "Issuing Officer", "text", "Margaret Chen"),
    ("officer_title", "Position", "text", "Director"),
    ("is_final", "Final Qualification", "yes", "Yes"),
    ("parchment_date", "Parchment Issued Date", "date", "03/12/2014"),
    ("expiry_date", "Valid Until", "date", ""),
    ("cancelled_on", "Cancelled On", "date", ""),
    ("cancel_reason", "Cancel Reason", "text", ""),
    ("remarks", "Remarks", "text", "From the register of the old system"),
    ("file", "PDF File", "text", "QC-2014-0042.pdf"),
]
HEADINGS = {key: heading for key, heading, _kind, _example in COLUMNS}
KINDS = {key: kind for key, _heading, kind, _example in COLUMNS}
REQUIRED = (
    "number",
    "template",
    "credential_date",
    "learner_number",
    "course_code",
    "offer_code",
)


@dataclass(frozen=True)
class Unread:
    """What is in a cell that cannot be used."""

    text: str
    why: str  # date, yes: not what the column wants; formula; error: #REF! and such


class HistoryError(Exception):
    """A file cannot be used at all; `code` says why, `detail` where."""

    def __init__(self, code, detail=""):
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def read_rows(content):
    """Return the rows of the first sheet of a workbook (bytes) of credentials.

    Rows with nothing in them are left out, columns that are not ours are not read.

    :return: list of (row number in the sheet, {key of `COLUMNS`: value}); a value is
        str, date, bool, None for an empty cell, or `Unread`
    :raise HistoryError: when the file is no workbook, too large, or lacks a column
    """
    _check_workbook(content)
    try:
        # Formulas as text, no links, no macros.
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says about its own size may be wrong.
        sheet.reset_dimensions()
        cells = sheet.iter_rows(max_col=COLUMN_LIMIT, max_row=SHEET_LIMIT)
        keys = _columns(next(cells, ()))
        rows = []
        for place, line in enumerate(cells, start=2):
            values = {
                key: _value(line[index], KINDS[key])
                for key, index in keys.items()
                if index < len(line)
            }
            if any(value is not None for value in values.values()):
                rows.append((place, dict.fromkeys(HEADINGS) | values))
            if len(rows) > ROW_LIMIT:
                raise HistoryError("too_many_rows", ROW_LIMIT)
        if not rows:
            raise HistoryError("no_rows")
        return rows
    except HistoryError:
        raise
    except Exception as error:  # a file from outside can be wrong in any way
        raise HistoryError("not_a_workbook") from error


def _check_workbook(content):
    """Raise a HistoryError unless `content` is a ZIP of a size that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            if sum(entry.file_size for entry in entries) > WORKBOOK_LIMIT:
                raise HistoryError("too_large")
            if any(entry.filename.endswith("vbaProject.bin") for entry in entries):
                raise HistoryError("macros")
            for entry in entries:
                with package.open(entry) as part:  # entities could grow without end
                    prologue = part.read(PROLOGUE).replace(b"\0", b"")  # of UTF-16
                    if b"<!DOCTYPE" in prologue:
                        raise HistoryError("not_a_workbook")
    except HistoryError:
        raise
    except Exception as error:
        raise HistoryError("not_a_workbook") from error


def _columns(cells):
    """Return {key: index} of the headings in a row of cells, whatever their order.

    :raise HistoryError: when a required one is missing, or one is there twice
    """
    known = {_plain(heading): key for key, heading in HEADINGS.items()}
    found = {}
    for index, cell in enumerate(cells):
        key = known.get(_plain(str(cell.value or "")))
        if key in found:
            raise HistoryError("double_column", HEADINGS[key])
        if key:
            found[key] = index
    if missing := [HEADINGS[key] for key in REQUIRED if key not in found]:
        raise HistoryError("missing_columns", ", ".join(missing))
    return found


def _plain(heading):
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def _value(cell, kind):
    """Return what a cell says, see `read_rows`."""
    value = cell.value
    if cell.data_type == "f":
        return Unread(str(value), "formula")
    if cell.data_type == "e":
        return Unread(str(value), "error")
    if isinstance(value, str):
        value = " ".join(value.replace("\0", "").split()) or None
    if value is None:
        return None
    if kind == "date":
        return _date(value)
    if kind == "yes":
        return _yes(value)
    return _text(value, cell)


def _date(value):
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    for form in DATE_TEXTS:
        try:
            return datetime.datetime.strptime(str(value), form).date()
        except ValueError:
            continue
    return Unread(str(value), "date")


def _yes(value):
    answers = {"yes": True, "y": True, "true": True, "1": True}
    answers |= {"no": False, "n": False, "false": False, "0": False}
    return answers.get(str(value).casefold(), Unread(str(value), "yes"))


def _text(value, cell):
    """Return a value of any type as the text that the user sees in the cell."""
    if isinstance(value, datetime.datetime | datetime.date):
        return str(value)[:10]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        zeros = cell.number_format or ""
        return f"{value:0{len(zeros)}d}" if set(zeros) == {"0"} else str(value)
    return str(value)


def write_rows(rows, extra=()):
    """Return a workbook (bytes) of `rows`, in the form that `read_rows` reads.

    :param rows: list of ({key: value}, list of texts for the `extra` columns)
    :param extra: [(heading, width)] of columns that are not read
    """
    columns = [(heading, max(14, len(heading) + 4)) for heading in HEADINGS.values()]
    return write_book(
        [
            (
                "Credentials",
                [*columns, *extra],
                ([_cell(row[key]) for key in HEADINGS] + more for row, more in rows),
            )
        ]
    )


def _cell(value):
    """Return what stood in the cell: text, a date or None."""
    if isinstance(value, Unread):
        return value.text
    return {True: "Yes", False: "No"}.get(value, value)
