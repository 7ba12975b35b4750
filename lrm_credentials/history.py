"""Reading what was issued elsewhere: a workbook of credentials and a ZIP of their PDFs.

Plain functions on bytes, no database. Files come from outside and may be hostile: sizes
are limited before anything is unpacked, nothing is written to the disk, and macros,
links and formulas are never followed (a formula is read as its own text).
"""

import datetime
import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from openpyxl import load_workbook

MEGABYTE = 1024 * 1024
ROW_LIMIT = 10000  # credentials for each press
COLUMN_LIMIT = 200
WORKBOOK_LIMIT = 200 * MEGABYTE  # unpacked
FILE_LIMIT = 20000  # in the ZIP
PDF_LIMIT = 20 * MEGABYTE
ARCHIVE_LIMIT = 1024 * MEGABYTE  # unpacked
ENCRYPTED = re.compile(rb"/Encrypt[\s\0]+(?:\d+[\s\0]+\d+[\s\0]+R|<<)")
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


class HistoryError(Exception):
    """A file cannot be used at all; `code` says why, `detail` where."""

    def __init__(self, code, detail=""):
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def read_rows(content):
    """Return the rows of the first sheet of a workbook (bytes) of credentials.

    Rows with nothing in them are left out. A value that cannot be what its column
    wants is a `ValueError` object with the text of the cell.

    :return: list of (row number in the sheet, {key of `COLUMNS`: value or None})
    :raise HistoryError: when the file is no workbook, too large, or lacks a column
    """
    _check_workbook(content)
    try:
        # Formulas as text, no links, no macros.
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says about its own size may be wrong.
        sheet.reset_dimensions()
        cells = sheet.iter_rows(max_col=COLUMN_LIMIT, max_row=ROW_LIMIT * 2 + 2)
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
            for entry in entries:
                if not entry.filename.endswith((".xml", ".rels")):
                    continue
                with package.open(entry) as part:  # entities could grow without end
                    if b"<!DOCTYPE" in part.read(4096):
                        raise HistoryError("not_a_workbook")
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError) as error:
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
    """Return what a cell says, as its column wants it: str, date, bool or None."""
    value = cell.value
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
    return ValueError(str(value))


def _yes(value):
    answers = {"yes": True, "y": True, "true": True, "1": True}
    answers |= {"no": False, "n": False, "false": False, "0": False}
    return answers.get(str(value).casefold(), ValueError(str(value)))


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


class Archive:
    """A ZIP (bytes or None) of PDF files, found by name or by credential number.

    Folders in it do not count, nor does upper or lower case.

    :raise HistoryError: when it is no ZIP, encrypted, too large, or ambiguous
    """

    def __init__(self, content):
        self._entries, self._by_number = {}, {}
        if not content:
            return
        try:
            self._package = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise HistoryError("not_an_archive") from error
        entries = [e for e in self._package.infolist() if _is_file(e)]
        if len(entries) > FILE_LIMIT:
            raise HistoryError("too_many_files", FILE_LIMIT)
        if sum(entry.file_size for entry in entries) > ARCHIVE_LIMIT:
            raise HistoryError("archive_too_large", ARCHIVE_LIMIT // MEGABYTE)
        for entry in entries:
            self._add(entry)

    def _add(self, entry):
        if entry.flag_bits & 1:
            raise HistoryError("encrypted_archive")
        name = base_name(entry.filename)
        if name in self._entries:
            raise HistoryError("double_file", name)
        self._entries[name] = entry
        stem = PurePosixPath(name).stem
        # `0000000042 - Certificate - Ana Lee.pdf`, as this system names its own.
        self._by_number.setdefault(stem.partition(" - ")[0].strip(), name)
        self._by_number[stem] = name

    def __bool__(self):
        return bool(self._entries)

    @property
    def names(self):
        return self._entries.keys()

    def find(self, number, file=None):
        """Return the name of a credential's PDF, None when there is none."""
        if file:
            name = base_name(file)
            return name if name in self._entries else None
        return self._by_number.get(number.casefold())

    def read(self, name):
        """Return the PDF (bytes) of this name.

        :raise HistoryError: when it is no PDF, too large, encrypted or damaged
        """
        entry = self._entries[name]
        if entry.file_size > PDF_LIMIT:
            raise HistoryError("pdf_too_large", PDF_LIMIT // MEGABYTE)
        try:
            content = self._package.read(entry)
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as err:
            raise HistoryError("damaged_file") from err
        except NotImplementedError as error:  # an unknown compression
            raise HistoryError("damaged_file") from error
        if not content.startswith(b"%PDF-"):
            raise HistoryError("not_a_pdf")
        if ENCRYPTED.search(content):
            raise HistoryError("encrypted_pdf")
        return content


def base_name(path):
    """Return the file name in `path`, which may come from any system, in lower case."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].strip().casefold()


def _is_file(entry):
    return not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
