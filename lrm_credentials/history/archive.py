"""Reading a ZIP of PDFs: plain functions on bytes, no database.

The ZIP comes from outside and may be hostile: nothing is written to the disk, sizes are
limited before anything is unpacked, and names only serve to find a file.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from .sheet import MEGABYTE, HistoryError

FILE_LIMIT = 20000  # in the ZIP
PDF_LIMIT = 20 * MEGABYTE
ARCHIVE_LIMIT = 1024 * MEGABYTE  # unpacked
ENCRYPTED = re.compile(rb"/Encrypt[\s\0]+(?:\d+[\s\0]+\d+[\s\0]+R|<<)")
# What the standard library raises about a broken file, or one packed in a strange way.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class Archive:
    """A ZIP (bytes or None) of PDF files, found by name or by credential number.

    Folders in it do not count, nor does upper or lower case.

    :raise HistoryError: when it is no ZIP, encrypted, too large, or ambiguous
    """

    def __init__(self, content):
        self._entries, self._by_number, self._errors = {}, {}, {}
        if not content:
            return
        try:
            self._package = zipfile.ZipFile(io.BytesIO(content))
        except BROKEN as error:
            raise HistoryError("not_an_archive") from error
        entries = [entry for entry in self._package.infolist() if _is_file(entry)]
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

    @property
    def names(self):
        return self._entries.keys()

    def find(self, number, file=None):
        """Return the name of a credential's PDF, None when there is none."""
        if file:
            name = base_name(file)
            return name if name in self._entries else None
        return self._by_number.get((number or "").casefold())

    def content(self, name):
        """Return the PDF (bytes) of this name.

        :raise HistoryError: when it is no PDF, too large, encrypted or damaged
        """
        entry = self._entries[name]
        if entry.file_size > PDF_LIMIT:
            raise HistoryError("pdf_too_large", PDF_LIMIT // MEGABYTE)
        try:
            content = self._package.read(entry)
        except BROKEN as error:
            raise HistoryError("damaged_file") from error
        if not content.startswith(b"%PDF-"):
            raise HistoryError("not_a_pdf")
        if ENCRYPTED.search(content):
            raise HistoryError("encrypted_pdf")
        return content

    def problem(self, name):
        """Return the HistoryError that `content` raises, None for a good file."""
        if name not in self._errors:
            try:
                self.content(name)
                self._errors[name] = None
            except HistoryError as error:
                self._errors[name] = error
        return self._errors[name]


def base_name(path):
    """Return the file name in `path`, which may come from any system, in lower case."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].strip().casefold()


def _is_file(entry):
    return not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
