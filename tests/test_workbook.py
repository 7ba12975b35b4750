"""The mail-merge workbook: plain functions, no database."""

import copy
import datetime
import io

from openpyxl import load_workbook

from odoo.tests import BaseCase, tagged

from odoo.addons.lrm_credentials.report.workbook import (
    ALWAYS,
    STANDARD,
    mail_merge,
)

DOCUMENT = {
    "number": "0000000042",
    "title": "Certificate",
    "credential_date": "2025-12-01",
    "template": {"name": "Qualification Certificate", "version": "1"},
    "learner": {
        "name": "Ana Lee",
        "first_name": "Ana",
        "family_name": "Lee",
        "number": "L000007",
    },
    "course": {
        "code": "BSB50420",
        "name": "Diploma of Leadership and Management",
        "offer_code": "DIP-2025",
        "date_start": "2025-02-03",
        "date_end": False,
        "date_completed": "2025-11-20",
    },
    "units": [
        {"code": "BSBCMM511", "name": "Communicate with influence"},
        {"code": "BSBTWK502", "name": "Manage team effectiveness"},
    ],
    "issuer": {"name": "Wattle Institute", "rto_code": "45999"},
    "officer": {"name": "Margaret Chen", "title": "Director"},
}


@tagged("standard", "post_install", "-at_install")
class TestWorkbook(BaseCase):
    def _document(self, name="Ana Lee", **values):
        document = copy.deepcopy(DOCUMENT) | values
        document["learner"]["name"] = name
        return document

    def _sheet(self, documents):
        return load_workbook(
            io.BytesIO(mail_merge((document, STANDARD) for document in documents))
        ).active

    def _rows(self, documents):
        """Each row after the first, as {heading: cell}."""
        headings, *rows = self._sheet(documents).iter_rows()
        names = [cell.value for cell in headings]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def test_first_row_has_the_headings(self):
        sheet = self._sheet([self._document()])
        self.assertEqual([cell.value for cell in sheet[1]], [*STANDARD, *ALWAYS])

    def test_headings_differ(self):
        headings = [cell.value for cell in self._sheet([])[1]]
        self.assertEqual(len(headings), len(set(headings)))

    def test_headings_are_frozen_and_bold(self):
        sheet = self._sheet([self._document()])
        self.assertEqual(sheet.freeze_panes, "A2")
        self.assertTrue(all(cell.font.bold for cell in sheet[1]))

    def test_there_is_one_row_for_each_document_in_order(self):
        rows = self._rows([self._document(name) for name in ("Ben", "Ana", "Cy")])
        self.assertEqual([row["Learner"].value for row in rows], ["Ben", "Ana", "Cy"])

    def test_no_documents_give_a_sheet_with_headings(self):
        self.assertEqual(self._rows([]), [])

    def test_numbers_are_text_with_their_leading_zeros(self):
        [row] = self._rows([self._document()])
        cell = row["Credential Number"]
        self.assertEqual((cell.value, cell.data_type), ("0000000042", "s"))
        self.assertEqual(cell.number_format, "@")

    def test_dates_are_real_dates(self):
        [row] = self._rows([self._document()])
        for heading, date in (
            ("Credential Date", datetime.date(2025, 12, 1)),
            ("Start Date", datetime.date(2025, 2, 3)),
            ("Completed On", datetime.date(2025, 11, 20)),
        ):
            with self.subTest(heading):
                self.assertTrue(row[heading].is_date)
                self.assertEqual(row[heading].value.date(), date)

    def test_missing_date_is_empty(self):
        [row] = self._rows([self._document()])
        self.assertFalse(row["End Date"].value)

    def test_units_are_listed_in_one_cell(self):
        [row] = self._rows([self._document()])
        self.assertEqual(
            row["Units"].value,
            "BSBCMM511 Communicate with influence; BSBTWK502 Manage team effectiveness",
        )

    def test_text_like_a_formula_stays_text(self):
        for name in (
            '=HYPERLINK("http://x")',
            "+1+1",
            "-1+1",
            "@SUM(A1)",
            "\t=1+1",
            "=cmd|' /C calc'!A0",
        ):
            with self.subTest(name):
                [row] = self._rows([self._document(name)])
                self.assertEqual(row["Learner"].data_type, "s")
                self.assertEqual(row["Learner"].value.strip(), name.strip())
                self.assertTrue(row["Learner"].quotePrefix)

    def test_names_of_any_script_are_kept(self):
        for name in ("Nguyễn Thị", "محمد", "王小明", "<b>&amp;</b>", "O'Brien"):
            with self.subTest(name):
                [row] = self._rows([self._document(name)])
                self.assertEqual(row["Learner"].value, name)

    def test_control_characters_are_left_out(self):
        [row] = self._rows([self._document("Ana\x00\x0b Lee")])
        self.assertEqual(row["Learner"].value, "Ana Lee")

    def test_documents_are_not_changed(self):
        document = self._document()
        before = copy.deepcopy(document)
        mail_merge([(document, STANDARD)])
        self.assertEqual(document, before)

    def test_no_column_is_about_usi_or_birth(self):
        headings = " ".join([*STANDARD, *ALWAYS]).lower()
        self.assertNotIn("usi", headings.split())
        self.assertNotIn("birth", headings)
