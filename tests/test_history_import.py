"""Bringing in what was issued elsewhere: a workbook of credentials, a ZIP of PDFs."""

import base64
import datetime
import io
import zipfile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from odoo.addons.lrm_credentials.history import archive as archive_module
from odoo.addons.lrm_credentials.history import sheet as sheet_module
from odoo.addons.lrm_credentials.history.archive import Archive
from odoo.addons.lrm_credentials.history.sheet import (
    COLUMNS,
    HEADINGS,
    REQUIRED,
    HistoryError,
    Unread,
    read_rows,
)
from odoo.addons.lrm_credentials.history.template import template_book
from odoo.addons.lrm_credentials.report.pdf import sha256

from .common import CredentialCommon

PDF = b"%PDF-1.4\n%"


def book(rows, headings=None, epoch=None):
    """A workbook of `rows` (lists), as an office would save it."""
    result = Workbook()
    if epoch:
        result.epoch = epoch
    result.active.append(headings or list(HEADINGS.values()))
    for row in rows:
        result.active.append(row)
    return saved(result)


def saved(workbook):
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def package(files, **options):
    """A ZIP of {name: bytes}."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return stream.getvalue()


@tagged("standard", "post_install", "-at_install")
class TestSheet(BaseCase):
    def _values(self, *cells, headings=(), epoch=None):
        """The values of one row with the required columns and these."""
        headings = [*(HEADINGS[key] for key in REQUIRED), *headings]
        content = book([["x"] * len(REQUIRED) + list(cells)], headings, epoch)
        [(place, row)] = read_rows(content)
        self.assertEqual(place, 2)
        return row

    def _value(self, heading, cell, **options):
        key = next(key for key, name in HEADINGS.items() if name == heading)
        return self._values(cell, headings=[heading], **options)[key]

    def _error(self, content):
        with self.assertRaises(HistoryError) as caught:
            read_rows(content)
        return caught.exception.code

    def test_columns_are_found_by_heading_in_any_order(self):
        headings = [*reversed(HEADINGS.values()), "What Is Wrong"]
        [(_place, row)] = read_rows(book([[*range(len(COLUMNS)), "?"]], headings))
        self.assertEqual(set(row), set(HEADINGS))
        self.assertEqual(row["number"], str(len(COLUMNS) - 1))

    def test_dates_may_be_dates_or_text(self):
        expected = datetime.date(2014, 12, 1)
        for cell in (
            datetime.datetime(2014, 12, 1),
            datetime.date(2014, 12, 1),
            "2014-12-01",
            "01/12/2014",
            " 1/12/2014 ",
            "01.12.2014",
        ):
            with self.subTest(cell):
                self.assertEqual(self._value("Issued On", cell), expected)

    def test_dates_counted_from_1904_are_the_same_days(self):
        day = datetime.datetime(2014, 12, 1)
        self.assertEqual(
            self._value("Issued On", day, epoch=CALENDAR_MAC_1904), day.date()
        )

    def test_what_is_no_date_is_kept_to_be_told(self):
        for cell in ("1 Dec 2014", "01/12/14", "31/02/2014", 41974, "next week"):
            with self.subTest(cell):
                self.assertEqual(
                    self._value("Issued On", cell), Unread(str(cell), "date")
                )

    def test_formulas_are_no_values(self):
        for heading, cell in (
            ("Issued On", "=TODAY()"),
            ("Family (or Sole) Name", '=HYPERLINK("http://x")'),
        ):
            with self.subTest(heading):
                self.assertEqual(self._value(heading, cell), Unread(cell, "formula"))

    def test_broken_formulas_are_no_values(self):
        self.assertEqual(self._value("Remarks", "#REF!"), Unread("#REF!", "error"))

    def test_yes_and_no(self):
        for cell, value in (("Yes", True), ("y", True), (True, True), ("no", False)):
            self.assertEqual(self._value("Final Qualification", cell), value)
        self.assertEqual(
            self._value("Final Qualification", "maybe"), Unread("maybe", "yes")
        )

    def test_numbers_are_what_the_user_sees(self):
        workbook = Workbook()
        workbook.active.append([HEADINGS[key] for key in REQUIRED])
        workbook.active.append([42, 7.0, None, 12, None, None])
        workbook.active["A2"].number_format = "0000000000"
        [(_place, row)] = read_rows(saved(workbook))
        self.assertEqual(row["number"], "0000000042")
        self.assertEqual((row["template"], row["learner_number"]), ("7", "12"))

    def test_empty_rows_are_passed_over_and_places_kept(self):
        rows = [["a"], [], [None, "  "], ["b"]]
        self.assertEqual([place for place, _row in read_rows(book(rows))], [2, 5])

    def test_wrong_files_are_told(self):
        whole = list(HEADINGS.values())
        for code, content in (
            ("not_a_workbook", b""),
            ("not_a_workbook", b"number;template\n1;2"),
            ("not_a_workbook", package({"a.txt": "b"})),
            ("not_a_workbook", book([["a"]])[:-40]),
            ("missing_columns", book([["a"]], ["Number", "Name"])),
            ("double_column", book([["a"]], [*whole, "credential NUMBER"])),
            ("no_rows", book([])),
        ):
            with self.subTest(code):
                self.assertEqual(self._error(content), code)

    def test_missing_columns_are_named(self):
        with self.assertRaises(HistoryError) as caught:
            read_rows(book([["a"]], [HEADINGS[key] for key in REQUIRED[1:]]))
        self.assertEqual(caught.exception.detail, "Credential Number")

    def _with_part(self, name, content):
        stream = io.BytesIO(book([["a"]]))
        with zipfile.ZipFile(stream, "a") as target:
            target.writestr(name, content)
        return stream.getvalue()

    def test_macros_are_refused(self):
        self.assertEqual(
            self._error(self._with_part("xl/vbaProject.bin", b"")), "macros"
        )

    def test_entities_are_refused_in_any_encoding(self):
        bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'
        for encoding in ("utf-8", "utf-16"):
            content = self._with_part("xl/x.xml", bomb.encode(encoding))
            self.assertEqual(self._error(content), "not_a_workbook")

    def test_bombs_are_refused_unopened(self):
        content = self._with_part("xl/big.xml", b" " * 2_000_000)
        self.patch(sheet_module, "WORKBOOK_LIMIT", 1_000_000)
        self.assertEqual(self._error(content), "too_large")

    def test_too_many_rows_are_told(self):
        self.patch(sheet_module, "ROW_LIMIT", 3)
        self.assertEqual(self._error(book([["a"]] * 4)), "too_many_rows")


@tagged("standard", "post_install", "-at_install")
class TestArchive(BaseCase):
    def _error(self, content):
        with self.assertRaises(HistoryError) as caught:
            Archive(content)
        return caught.exception.code

    def test_files_are_found_by_name_or_number_wherever_they_are(self):
        archive = Archive(
            package(
                {
                    "2014/A-1.pdf": PDF,
                    "..\\..\\evil/B 2.PDF": PDF,
                    "../../0000000042 - Certificate - Ana Lee.pdf": PDF,
                    "__MACOSX/._A-1.pdf": b"",
                    "folder/": b"",
                }
            )
        )
        self.assertEqual(len(archive.names), 3)
        self.assertEqual(archive.find("a-1"), "a-1.pdf")
        self.assertEqual(archive.find("x", "C:\\Files\\b 2.pdf"), "b 2.pdf")
        self.assertTrue(archive.find("0000000042"))
        self.assertIsNone(archive.find("0000000043"))
        self.assertIsNone(archive.find(None))
        self.assertIsNone(archive.find("A-1", "other.pdf"))

    def test_wrong_archives_are_told(self):
        self.assertEqual(self._error(b"no zip"), "not_an_archive")
        self.assertEqual(
            self._error(package({"a/1.pdf": PDF, "b/1.PDF": PDF})), "double_file"
        )

    def test_encrypted_archive_is_told(self):
        content = bytearray(package({"1.pdf": PDF}))
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(signature) + offset] |= 1
        self.assertEqual(self._error(bytes(content)), "encrypted_archive")

    def test_bombs_are_refused_unopened(self):
        content = package({"1.pdf": PDF + b"0" * 1_000_000})
        self.patch(archive_module, "ARCHIVE_LIMIT", 100_000)
        self.assertEqual(self._error(content), "archive_too_large")
        self.patch(archive_module, "FILE_LIMIT", 0)
        self.assertEqual(self._error(content), "too_many_files")

    def test_each_wrong_file_is_told(self):
        content = package(
            {
                "good.pdf": PDF,
                "word.pdf": b"PK\x03\x04",
                "locked.pdf": PDF + b"trailer << /Encrypt 5 0 R >>",
                "large.pdf": PDF + b"0" * 1000,
            }
        )
        self.patch(archive_module, "PDF_LIMIT", 500)
        archive = Archive(content)
        codes = {
            name: getattr(archive.problem(name), "code", "") for name in archive.names
        }
        self.assertEqual(
            codes,
            {
                "good.pdf": "",
                "word.pdf": "not_a_pdf",
                "locked.pdf": "encrypted_pdf",
                "large.pdf": "pdf_too_large",
            },
        )

    def test_damaged_or_lying_file_is_told(self):
        content = bytearray(package({"1.pdf": PDF + bytes(range(200))}))
        content[60] ^= 255
        self.assertEqual(Archive(bytes(content)).problem("1.pdf").code, "damaged_file")


class HistoryCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = cls._create_learner("Ana", "Lee")
        cls.enrolment = cls._create_enrolment(cls.learner)
        cls.row = {
            "number": "QC-1",
            "template": "Qualification Certificate",
            "credential_date": "01/12/2025",
            "learner_number": cls.learner.lrm_learner_number,
            "course_code": "BSB50420",
            "offer_code": "DIP-2025",
        }
        cls.new = {
            "learner_number": "OLD7",
            "first_name": "Björn",
            "family_name": "Nguyễn",
            "course_code": "OLD01",
            "course_name": "Old Diploma",
            "course_kind": "qualification",
            "offer_code": "OLD-2014",
            "credential_date": "01/12/2014",
        }

    def _wizard(self, *rows, files=None, user=None, **values):
        """The wizard with these rows, each given by how it differs from `self.row`."""
        rows = [self.row | row for row in rows]
        content = book([[row.get(key) for key in HEADINGS] for row in rows])
        return (
            self.env["lrm.history.import"]
            .with_user(user or self.admin)
            .create(
                {
                    "workbook": base64.b64encode(content),
                    "workbook_filename": "old.xlsx",
                    "archive": files and base64.b64encode(package(files)),
                    **values,
                }
            )
        )

    def _imported(self, *rows, **values):
        wizard = self._wizard(*rows, **values)
        wizard.action_import()
        self.assertFalse(self._problems(wizard))
        return self.env["lrm.credential"].browse(wizard.imported_ids)

    def _problems(self, wizard):
        return [(p.row, p.column, p.message) for p in wizard.problem_ids]

    def _problem(self, *rows, **values):
        """(row, column, sentence) of the only thing that is wrong."""
        wizard = self._wizard(*rows, **values)
        wizard.action_check()
        [problem] = self._problems(wizard)
        return problem

    def _integrity(self):
        return self.env["lrm.register.entry"]._integrity_problems(self.company)


class TestImport(HistoryCommon):
    def test_credential_is_what_the_row_says(self):
        credential = self._imported(
            {
                "issued_on": "03/12/2025",
                "officer": "margaret chen",
                "officer_title": "Director",
                "remarks": "Old register, page 7",
                "units": "BSBA1 One thing; BSBA2",
                "expiry_date": "2030-01-01",
                "learner_name": "Ana Maria Lee",
            },
            files={"old/qc-1.pdf": PDF},
        )
        self.assertEqual(credential.number, "QC-1")
        self.assertEqual(credential.state, "issued")
        self.assertTrue(credential.is_imported)
        self.assertEqual(credential.enrolment_id, self.enrolment)
        self.assertEqual(credential.credential_date, datetime.date(2025, 12, 1))
        self.assertEqual(credential.issued_at.date(), datetime.date(2025, 12, 3))
        self.assertFalse(credential.issued_by_id)
        self.assertEqual(credential.issuing_officer_id, self.officer)
        self.assertEqual(credential.status_reason, "Old register, page 7")
        self.assertEqual(credential.expiry_date, datetime.date(2030, 1, 1))
        self.assertEqual(self._bytes(credential), PDF)
        self.assertEqual(credential.document_sha256, sha256(PDF))
        document = credential.document_data
        self.assertEqual(document["learner"]["name"], "Ana Maria Lee")
        self.assertEqual(
            [(unit["code"], unit["name"]) for unit in document["units"]],
            [("BSBA1", "One thing"), ("BSBA2", "")],
        )
        self.assertNotIn("ABCDEFGH23", str(document))

    def test_each_is_in_the_ledger_and_integrity_holds(self):
        credentials = self._imported({}, {"number": "QC-2"}, files={"qc-1.pdf": PDF})
        entries = self.env["lrm.register.entry"].search(
            [("credential_id", "in", credentials.ids)]
        )
        self.assertEqual(entries.mapped("event"), ["imported"] * 2)
        self.assertEqual(set(entries.mapped("user_id")), {self.admin})
        self.assertEqual(self._integrity(), [])

    def test_forged_document_is_found(self):
        credential = self._imported({}, files={"qc-1.pdf": PDF})
        attachment = self._attachment(credential)
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = NULL, db_datas = %s WHERE id = %s",
            [b"%PDF-forged", attachment.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self._integrity())

    def test_parchment_without_a_document(self):
        credential = self._imported({"is_final": "Yes", "parchment_date": "04/12/2025"})
        self.assertFalse(credential.document)
        self.assertTrue(self.enrolment.qual_issued)
        self.assertEqual(self.enrolment.parchment_number, "QC-1")
        self.assertEqual(self.enrolment.qual_issued_date, datetime.date(2025, 12, 4))
        self.assertEqual(self._integrity(), [])

    def test_cancelled_stays_cancelled(self):
        credential = self._imported(
            {
                "is_final": "Yes",
                "cancelled_on": "05/12/2025",
                "cancel_reason": "Wrong name",
            }
        )
        self.assertEqual(credential.state, "cancelled")
        self.assertEqual(credential.cancelled_at.date(), datetime.date(2025, 12, 5))
        self.assertEqual(credential.status_reason, "Wrong name")
        self.assertFalse(self.enrolment.parchment_number)

    def test_what_is_missing_can_be_created(self):
        credentials = self._imported(
            self.new | {"is_final": "Yes"},
            self.new | {"number": "QC-2", "template": "statement of attainment"},
            create_missing=True,
        )
        enrolment = credentials.enrolment_id
        self.assertEqual(len(enrolment), 1)
        self.assertEqual(enrolment.partner_id.name, "Björn Nguyễn")
        self.assertEqual(enrolment.partner_id.lrm_learner_number, "OLD7")
        self.assertEqual(enrolment.course_id.code, "OLD01")
        self.assertEqual(enrolment.offer_id.company_id, self.company)
        self.assertEqual(enrolment.state, "completed")
        self.assertEqual(enrolment.date_completed, datetime.date(2014, 12, 1))
        self.assertFalse(enrolment.unit_enrolment_ids)

    def test_new_numbers_pass_over_imported_ones(self):
        sequence = self.env.ref("lrm_credentials.sequence_credential")
        following = str(sequence.number_next_actual).zfill(sequence.padding)
        self._imported({"number": following})
        credential = self._request(self.enrolment, self.statement)
        self.assertNotEqual(credential.number, following)

    def test_new_learners_pass_over_imported_numbers(self):
        sequence = self.env.ref("lrm_credentials.sequence_learner")
        taken = sequence.get_next_char(sequence.number_next_actual)
        self._imported(self.new | {"learner_number": taken}, create_missing=True)
        self.assertNotEqual(self._create_learner().lrm_learner_number, taken)

    def test_imported_credentials_can_be_cancelled_and_replaced(self):
        credentials = self._imported({"is_final": "Yes"}, {"number": "QC-2"})
        self._cancel(credentials[1])
        new = credentials[0].with_user(self.admin)._replace("Lost", cancel_now=False)
        self._issue(new)
        self.assertEqual(credentials.mapped("state"), ["cancelled"] * 2)
        self.assertEqual(self.enrolment.parchment_number, new.number)
        self.assertEqual(self._integrity(), [])

    def test_imported_ones_can_be_verified(self):
        credential = self._imported({})
        credentials = self.env["lrm.credential"]
        self.assertEqual(credentials._verify_token(credential.token), credential)
        self.assertEqual(credentials._verify_name("QC-1", "lee"), credential)

    def test_without_a_document_there_is_nothing_to_open_or_send(self):
        self.learner.email = "ana@example.com"
        credential = self._imported({}).with_user(self.requester)
        with self.assertRaisesRegex(UserError, "without its document"):
            credential.action_open_document()
        self.assertTrue(credential._send_emails()[credential.id])

    def test_imported_document_is_opened_as_it_came(self):
        credential = self._imported({}, files={"qc-1.pdf": PDF})
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        report = self.certificate.report_id.report_name
        content, _type = reports._render_qweb_pdf(report, credential.ids)
        self.assertEqual(content, PDF)

    def test_imported_ones_can_be_erased_in_their_time(self):
        self.company.lrm_retention_years = 5
        old = {"credential_date": "01/12/2014"}
        credentials = self._imported(old, old | {"number": "B"}, files={"b.pdf": PDF})
        credentials.with_user(self.admin)._erase("Retention period over")
        self.assertFalse(self._attachment(credentials))
        self.assertEqual(self._integrity(), [])

    def test_wizard_opens_what_it_brought_in(self):
        wizard = self._wizard({})
        wizard.action_import()
        action = wizard.action_open_imported()
        found = self.env["lrm.credential"].search(action["domain"])
        self.assertEqual(found.number, "QC-1")
        self.assertFalse(wizard.workbook)

    def test_imported_once_only(self):
        wizard = self._wizard({})
        wizard.action_import()
        with self.assertRaisesRegex(UserError, "has been imported"):
            wizard.action_import()

    def test_queries_do_not_grow_with_the_rows(self):
        def count(numbers):
            rows = [
                self.new
                | {"number": f"N{n}", "learner_number": f"L-{n}", "is_final": "Yes"}
                for n in numbers
            ]
            files = {f"n{n}.pdf": PDF for n in numbers}
            wizard = self._wizard(*rows, files=files, create_missing=True)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            wizard.action_import()
            self.env.flush_all()
            self.assertEqual(wizard.state, "done")
            return self.cr.sql_log_count - before

        count(range(2))
        few = count(range(10, 15))
        self.assertLessEqual(count(range(100, 160)), few + 5)


class TestBadRows(HistoryCommon):
    def test_dry_run_writes_nothing(self):
        models = ("res.partner", "lrm.course.enrolment", "lrm.credential")
        before = [self.env[model].search_count([]) for model in models]
        wizard = self._wizard(self.new, create_missing=True)
        wizard.action_check()
        self.assertEqual(wizard.state, "checked")
        self.assertIn("Nothing has been imported yet", wizard.summary)
        self.assertIn("new learners: 1", wizard.summary)
        after = [self.env[model].search_count([]) for model in models]
        self.assertEqual(after, before)

    def test_bad_rows_do_not_stop_the_others(self):
        wizard = self._wizard({"template": "Dancing"}, {"number": "QC-2"})
        wizard.action_import()
        self.assertEqual(wizard.state, "done")
        credential = self.env["lrm.credential"].browse(wizard.imported_ids)
        self.assertEqual(credential.number, "QC-2")
        self.assertEqual([row for row, *_rest in self._problems(wizard)], [2])

    def test_all_or_nothing_if_the_office_wants_it_so(self):
        wizard = self._wizard({"template": "Dancing"}, {"number": "QC-2"})
        wizard.all_or_nothing = True
        wizard.action_import()
        self.assertEqual(wizard.state, "checked")
        self.assertFalse(self.env["lrm.credential"].search([("number", "=", "QC-2")]))

    def test_rows_to_correct_come_back_and_can_be_brought_in(self):
        wizard = self._wizard(
            {"template": "Dancing", "is_final": "Yes", "number": "0042"},
            {"number": "QC-2"},
            {"number": "QC-3", "issued_on": "soon"},
        )
        wizard.action_import()
        self.assertIn("to-correct.xlsx", wizard.action_rejected()["url"])
        rejected = load_workbook(io.BytesIO(base64.b64decode(wizard.rejected)))
        headings, *rows = rejected.active.values
        self.assertEqual([row[0] for row in rows], ["0042", "QC-3"])
        self.assertEqual(headings[-1], "What Is Wrong")
        self.assertIn("Credential: There is no credential template", rows[0][-1])
        self.assertIn("Issued On: “soon” is not a date", rows[1][-1])
        rejected.active["B2"], rejected.active["D3"] = "Qualification Certificate", None
        again = self._wizard({})
        again.workbook = base64.b64encode(saved(rejected))
        again.action_import()
        credentials = self.env["lrm.credential"].browse(again.imported_ids)
        self.assertEqual(credentials.mapped("number"), ["0042", "QC-3"])
        self.assertEqual(self.enrolment.parchment_number, "0042")

    def test_row_that_needs_a_bad_one_is_bad_too(self):
        wizard = self._wizard(
            self.new | {"template": "Dancing"},
            self.new | {"number": "QC-2", "course_name": None},
            {"number": "QC-3"},
            create_missing=True,
        )
        wizard.action_import()
        self.assertEqual(
            [(row, column) for row, column, _message in self._problems(wizard)],
            [(2, "Credential"), (3, "Course Title")],
        )
        self.assertEqual(len(wizard.imported_ids), 1)
        self.assertFalse(self.env["lrm.course"].search([("code", "=", "OLD01")]))

    def test_nothing_good_is_nothing_imported(self):
        wizard = self._wizard({"template": "Dancing"})
        wizard.action_import()
        self.assertEqual((wizard.state, wizard.good_count), ("checked", 0))

    def test_all_that_is_wrong_with_a_row_is_told(self):
        wizard = self._wizard({"number": None, "template": "x", "issued_on": "y"})
        wizard.action_check()
        self.assertEqual(
            {column for _row, column, _message in self._problems(wizard)},
            {"Credential Number", "Credential", "Issued On"},
        )

    def test_each_mistake_has_its_sentence(self):
        self.enrolment._set_parchment("PARCHMENT", "2025-12-01")
        requested = self._request(self.enrolment)
        for change, column, sentence in (
            ({"number": "X" * 26}, "Credential Number", "up to 25 characters"),
            ({"number": requested.number}, "Credential Number", "already"),
            ({"number": None}, "Credential Number", "Every row needs it"),
            ({"template": "Dancing"}, "Credential", "Use one of these"),
            (
                {"credential_date": "1/1/99"},
                "Credential Date",
                "“1/1/99” is not a date",
            ),
            ({"credential_date": "1/1/2099"}, "Credential Date", "in the future"),
            ({"issued_on": "=TODAY()"}, "Issued On", "is a formula"),
            ({"expiry_date": "1/1/2001"}, "Valid Until", "before “Credential Date”"),
            ({"date_completed": "2/12/2025"}, "Credential Date", "“Completed On”"),
            ({"cancelled_on": "5/12/2025"}, "Cancel Reason", "both, or neither"),
            ({"cancel_reason": "Lost"}, "Cancelled On", "both, or neither"),
            ({"learner_number": "X"}, "Learner Number", "no learner X"),
            ({"family_name": "Ng"}, "Learner Number", "is Ana Lee here"),
            ({"course_code": "X"}, "Course Code", "no course X"),
            ({"offer_code": "X"}, "Course Offer", "no course offer X"),
            ({"is_final": "perhaps"}, "Final Qualification", "neither Yes nor No"),
            ({"is_final": "Yes"}, "Final Qualification", "parchment PARCHMENT already"),
            ({"parchment_date": "1/12/2025"}, "Parchment Issued Date", "Only a final"),
            ({"file": "lost.pdf"}, "PDF File", "no file lost.pdf in the ZIP"),
        ):
            with self.subTest(change):
                row, heading, message = self._problem(change)
                self.assertIn(sentence, message)
                self.assertEqual((row, heading), (2, column))

    def test_what_is_there_once_only(self):
        for rows, files, column, sentence in (
            ([{}, {}], {}, "Credential Number", "is in row %s too"),
            (
                [{"file": "a.pdf"}, {"file": "A.pdf", "number": "B"}],
                {"a.pdf": PDF},
                "PDF File",
                "Row %s has the file a.pdf too",
            ),
            (
                [{"is_final": "y"}, {"is_final": "y", "number": "B"}],
                {},
                "Final Qualification",
                "Row %s is the final qualification",
            ),
        ):
            with self.subTest(column):
                wizard = self._wizard(*rows, files=files)
                wizard.action_check()
                first, second = self._problems(wizard)
                self.assertEqual((first[:2], second[:2]), ((2, column), (3, column)))
                self.assertIn(sentence % 3, first[2])
                self.assertIn(sentence % 2, second[2])

    def test_wrong_pdf_is_told_on_its_row(self):
        _row, column, message = self._problem({}, files={"qc-1.pdf": b"GIF89a"})
        self.assertEqual(column, "PDF File")
        self.assertIn("qc-1.pdf: This is no PDF file", message)

    def test_only_some_types_can_be_final(self):
        record = self._create_transcript_template()
        row = {"is_final": "Yes", "template": record.name}
        self.assertIn("cannot be a final", self._problem(row)[2])

    def test_missing_learner_needs_a_name_and_one_only(self):
        self.assertIn(
            "Enter the name",
            self._problem(self.new | {"family_name": None}, create_missing=True)[2],
        )
        row, _column, message = self._problem(
            self.new,
            self.new | {"number": "B", "family_name": "Ng"},
            create_missing=True,
        )
        self.assertEqual(row, 3)
        self.assertIn("the name Björn Nguyễn", message)

    def test_missing_course_needs_a_kind(self):
        new = self.new | {"course_kind": "dancing"}
        self.assertIn("Qualification", self._problem(new, create_missing=True)[2])

    def test_offer_is_of_its_course(self):
        other = self.env["lrm.course"].create(
            {"code": "OTHER", "name": "Other", "kind": "short"}
        )
        message = self._problem({"course_code": other.code})[2]
        self.assertIn("DIP-2025 is one of BSB50420", message)

    def test_learner_who_is_not_enrolled(self):
        other = self._create_learner("Bo", "Ng")
        message = self._problem({"learner_number": other.lrm_learner_number})[2]
        self.assertIn("is not enrolled in DIP-2025", message)

    def test_dummy_offers_take_no_history(self):
        dummy = self.env["lrm.course.offer"].create(
            {"code": "DUMMY", "course_id": self.course.id, "is_test": True}
        )
        self._create_enrolment(self.learner, offer=dummy)
        self.assertIn("dummy offer", self._problem({"offer_code": "DUMMY"})[2])

    def test_many_errors_are_shown_in_part(self):
        wizard = self._wizard(*({"template": "x"} for _ in range(501)))
        wizard.action_check()
        self.assertEqual(len(wizard.problem_ids), 500)
        self.assertIn("The first 500 of", wizard.summary)

    def test_wrong_files_end_in_a_sentence(self):
        for values, sentence in (
            ({"workbook": False}, "Choose the workbook first"),
            ({"workbook": base64.b64encode(b"x")}, "cannot be read"),
            ({"archive": base64.b64encode(b"x")}, "is no ZIP file"),
        ):
            wizard = self._wizard({})
            wizard.write(values)
            with self.subTest(sentence), self.assertRaisesRegex(UserError, sentence):
                wizard.action_check()


class TestWhoImports(HistoryCommon):
    def test_only_lrm_admins(self):
        for user in (self.requester, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._wizard({}, user=user)

    def test_of_another_company_only_who_works_there(self):
        other = self._in_own_company().company_id
        wizard = self._wizard({})
        wizard.sudo().company_id = other
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.action_check()

    def test_learner_of_another_company_is_not_named(self):
        other = self._in_own_company().company_id
        stranger = self._create_learner("Secret", "Name", company_id=other.id)
        message = self._problem(
            {"learner_number": stranger.lrm_learner_number, "family_name": "Guess"}
        )[2]
        self.assertIn("another company", message)
        self.assertNotIn("Name", message)

    def test_hostile_context_changes_nothing(self):
        wizard = self._wizard({}).with_context(
            default_state="cancelled", default_is_final=True, bin_size=True
        )
        wizard.action_import()
        credential = self.env["lrm.credential"].browse(wizard.imported_ids)
        self.assertEqual(credential.state, "issued")
        self.assertFalse(credential.is_final)


class TestTemplate(HistoryCommon):
    def test_template_has_the_columns_and_explains_them(self):
        wizard = self._wizard({})
        self.assertIn("lrm-history.xlsx", wizard.action_template()["url"])
        workbook = load_workbook(io.BytesIO(base64.b64decode(wizard.template)))
        [headings] = workbook["Credentials"].values
        self.assertEqual(list(headings), list(HEADINGS.values()))
        _headings, *helps = workbook["Help"].values
        self.assertEqual([line[0] for line in helps], list(HEADINGS.values()))
        needed = [line[0] for line in helps if line[1] == "Yes"]
        self.assertEqual(needed, [HEADINGS[key] for key in REQUIRED])

    def test_examples_of_the_template_can_be_brought_in(self):
        examples = {key: example for key, _heading, _kind, example in COLUMNS}
        wizard = self._wizard(
            examples, files={examples["file"]: PDF}, create_missing=True
        )
        wizard.action_import()
        self.assertEqual(self._problems(wizard), [])
        self.assertEqual(len(wizard.imported_ids), 1)

    def test_template_is_filled_in_as_text(self):
        content = load_workbook(io.BytesIO(template_book(self.env)))
        self.assertEqual(content["Help"]["C2"].data_type, "s")
