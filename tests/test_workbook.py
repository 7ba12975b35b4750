"""The mail-merge workbook: plain functions first, then with a template's columns."""

import copy
import datetime
import io
import zipfile

from openpyxl import load_workbook
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.lrm_credentials.report.workbook import (
    ALWAYS,
    CATALOGUE,
    CELL_LIMIT,
    DATES,
    STANDARD,
    mail_merge,
    write_book,
)

from .common import CredentialCommon

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
    "address": {"street": "12 Wattle Street", "zip": "0800", "country": "Australia"},
    "file": "0000000042 - Qualification Certificate - Ana Lee.pdf",
}
HEADINGS = [*STANDARD, *ALWAYS]


@tagged("standard", "post_install", "-at_install")
class TestWorkbook(BaseCase):
    def _document(self, name="Ana Lee", **values):
        document = copy.deepcopy(DOCUMENT) | values
        document["learner"]["name"] = name
        return document

    def _sheet(self, documents, layout=STANDARD):
        content = mail_merge([(document, layout) for document in documents], [layout])
        return load_workbook(io.BytesIO(content)).active

    def _rows(self, documents):
        """Each row after the first, as {heading: cell}."""
        headings, *rows = self._sheet(documents).iter_rows()
        names = [cell.value for cell in headings]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def test_first_row_has_the_headings(self):
        sheet = self._sheet([self._document()])
        self.assertEqual([cell.value for cell in sheet[1]], HEADINGS)

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

    def test_address_and_file_are_there_whatever_is_selected(self):
        sheet = self._sheet([self._document()], {"Name": "learner.name"})
        headings, values = ([cell.value for cell in row] for row in sheet.iter_rows())
        self.assertEqual(headings, ["Name", *ALWAYS])
        row = dict(zip(headings, values, strict=True))
        self.assertEqual(row["Name"], "Ana Lee")
        self.assertEqual((row["Street"], row["Postcode"]), ("12 Wattle Street", "0800"))
        self.assertEqual(row["File Name"], DOCUMENT["file"])

    def test_address_may_be_selected_elsewhere(self):
        sheet = self._sheet([], {"Postcode": "address.zip", "Name": "learner.name"})
        headings = [cell.value for cell in sheet[1]]
        self.assertEqual(headings[:2], ["Postcode", "Name"])
        self.assertEqual(len(headings), len(set(headings)))

    def test_several_layouts_give_the_union_of_their_columns(self):
        layouts = [
            {"Name": "learner.name", "No": "number"},
            {"No": "number", "Code": "course.code", "Name": "learner.family_name"},
        ]
        content = mail_merge(
            ((self._document(), layout) for layout in layouts), layouts
        )
        rows = [
            [cell.value for cell in row[:3]]
            for row in load_workbook(io.BytesIO(content)).active.iter_rows()
        ]
        self.assertEqual(rows[0], ["Name", "No", "Code"])
        self.assertEqual(rows[1], ["Ana Lee", "0000000042", None])
        self.assertEqual(rows[2], ["Lee", "0000000042", "BSB50420"])

    def test_catalogue_knows_which_are_dates(self):
        for source in CATALOGUE:
            name = source.rpartition(".")[2]
            self.assertEqual(
                source in DATES, "date" in name and name != "template", source
            )

    def test_document_of_an_older_version_lacks_nothing_but_its_value(self):
        sheet = self._sheet([{"number": "1"}], dict.fromkeys(CATALOGUE, "replaces"))
        self.assertEqual(sheet["A2"].value, None)

    def test_text_longer_than_a_cell_is_cut(self):
        [row] = self._rows([self._document("x" * (CELL_LIMIT + 5))])
        self.assertEqual(len(row["Learner"].value), CELL_LIMIT)

    def test_rows_can_be_filtered(self):
        sheet = self._sheet([self._document()])
        self.assertTrue(sheet.auto_filter.ref.startswith("A1:"))
        self.assertTrue(sheet.auto_filter.ref.endswith("2"))

    def test_numbers_stay_numbers_and_early_dates_text(self):
        rows = [[7, datetime.date(1888, 5, 1), None]]
        content = write_book([("A", [("x", 9), ("y", 9), ("z", 9)], rows)])
        cells = load_workbook(io.BytesIO(content)).active[2]
        self.assertEqual([cell.value for cell in cells], [7, "01/05/1888", None])


class TestMergeColumns(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = cls._create_learner(
            "Ana", "=1+1", street="12 Wattle Street", city="Darwin", zip="0800"
        )
        cls.enrolment = cls._create_enrolment(cls.learner)

    def _select(self, template, *sources):
        template.with_user(self.admin).write(
            {"merge_column_ids": [Command.create(dict(source)) for source in sources]}
        )

    def _merged(self, credentials):
        """The workbook of an issue, as a list of {heading: value}."""
        run = self._issue(credentials, with_mail_merge=True)
        content = self._bytes(run, "mail_merge_xlsx")
        headings, *rows = load_workbook(io.BytesIO(content)).active.values
        return [dict(zip(headings, row, strict=True)) for row in rows]

    def test_lrm_admin_selects_the_columns_of_a_template(self):
        self._select(
            self.certificate,
            {"source": "learner.family_name"},
            {"source": "course.date_completed", "heading": "Finished"},
        )
        [row] = self._merged(self._request(self.enrolment))
        self.assertEqual(list(row), ["Family Name", "Finished", *ALWAYS])
        self.assertEqual(row["Family Name"], "=1+1")
        self.assertEqual(row["Finished"], datetime.datetime(2025, 11, 20))
        self.assertEqual((row["City"], row["Postcode"]), ("Darwin", "0800"))

    def test_file_name_is_the_one_in_the_zip(self):
        credential = self._request(self.enrolment)
        run = self._issue(credential, with_mail_merge=True)
        content = self._bytes(run, "mail_merge_xlsx")
        sheet = load_workbook(io.BytesIO(content)).active
        stream = io.BytesIO()
        run._write_zip(stream)
        names = zipfile.ZipFile(stream).namelist()
        self.assertEqual([sheet.cell(2, len(HEADINGS)).value], names)

    def test_address_is_the_one_at_the_time_of_the_run(self):
        credential = self._request(self.enrolment)
        self.learner.city = "Perth"
        [row] = self._merged(credential)
        self.assertEqual(row["City"], "Perth")

    def test_mixed_templates_give_all_their_columns(self):
        self._select(self.certificate, {"source": "number"})
        self._select(self.statement, {"source": "learner.name", "heading": "Who"})
        credentials = self._request(self.enrolment) | self._request(
            self.enrolment, self.statement
        )
        rows = self._merged(credentials)
        self.assertEqual(
            {(bool(r["Credential Number"]), r["Who"]) for r in rows},
            {(True, None), (False, "Ana =1+1")},
        )

    def test_heading_is_proposed(self):
        self._select(self.certificate, {"source": "officer.title"})
        self.assertEqual(self.certificate.merge_column_ids.heading, "Position")

    def test_two_columns_cannot_have_the_same_heading(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._select(
                self.certificate,
                {"source": "number", "heading": "X"},
                {"source": "title", "heading": "x"},
            )

    def test_only_what_is_in_the_catalogue_can_be_selected(self):
        for source in ("learner.usi", "__class__", "learner.birth_date"):
            with self.subTest(source), self.assertRaises(ValueError):
                self._select(self.certificate, {"source": source})

    def test_requester_does_not_change_columns(self):
        with self.assertRaises(AccessError):
            self.env["lrm.credential.template.column"].with_user(self.requester).create(
                {"template_id": self.certificate.id, "source": "number"}
            )

    def test_columns_do_not_change_the_version_of_the_layout(self):
        before = self.certificate.version
        self._select(self.certificate, {"source": "number"})
        self.certificate.invalidate_recordset()
        self.assertEqual(self.certificate.version, before)
