"""Reports 0323 and 0411 and the regulator's extract: screen, paper and workbook."""

import base64
import datetime
import io
import os
from unittest.mock import patch

from openpyxl import load_workbook
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import BaseCase, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.addons.lrm_credentials.report.register import COLUMNS
from odoo.addons.lrm_credentials.report.register_paper import (
    COLUMN_WIDTHS,
    PAGE_LINES,
    paginate,
)

from .common import CredentialCommon, nobody_calls, pdf_pages

HEADINGS = {key: heading for key, heading, _width in COLUMNS}


class ReportCommon(CredentialCommon):
    """An issued, a cancelled, a replaced and a replacing credential, two courses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.short = cls.env["lrm.course"].create(
            {"code": "SHORT", "name": "Short =1+1 course", "kind": "short"}
        )
        cls.other_offer = cls.env["lrm.course.offer"].create(
            {"code": "SHORT-1", "course_id": cls.short.id}
        )
        cls.attendance = cls._create_template("Attendance, 出席", "other")
        cls.first = cls._issued(cls._create_learner("محمد", "العربي"), final="yes")
        cls.cancelled = cls._issued(cls._create_learner("=1+1", "O'Brien"))
        cls._cancel(cls.cancelled, "Wrong name: <b>王小明</b>")
        cls.replaced = cls._issued(cls._create_learner("Ana", "Lee"), final="yes")
        cls.replacing = cls._replacement(cls.replaced)
        cls.attended = cls._request(
            cls._create_enrolment(
                cls._create_learner("王", "小明"), offer=cls.other_offer
            ),
            cls.attendance,
            credential_date="2026-01-15",
        )
        cls._issue(cls.attended)

    @classmethod
    def _issued(cls, learner, final="no", **values):
        credential = cls._request(cls._create_enrolment(learner), **values)
        cls._issue(credential, final=final)
        return credential

    @classmethod
    def _replacement(cls, credential):
        new = credential.with_user(cls.admin)._replace("Lost", cancel_now=False)
        cls._issue(new)
        return new

    @classmethod
    def _report(cls, user=None, **values):
        wizard = cls.env["lrm.register.report"].with_user(user or cls.auditor)
        return wizard.create(values)

    def _listed(self, **values):
        """The credentials of a report, as the auditor sees them on the screen."""
        action = self._report(**values).action_open()
        return (
            self.env["lrm.credential"]
            .with_user(self.auditor)
            .search(
                Domain(action["domain"]) & Domain("company_id", "=", self.company.id)
            )
        )

    def _book(self, user=None, **values):
        wizard = self._report(user, company_id=self.company.id, **values)
        return load_workbook(io.BytesIO(base64.b64decode(wizard.workbook)))

    def _rows(self, **values):
        """{number: {key: value}} of the workbook."""
        headings, *rows = self._book(**values)["Register"].values
        self.assertEqual(list(headings), list(HEADINGS.values()))
        rows = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
        return {row["number"]: row for row in rows}


class TestScreen(ReportCommon):
    def test_all_issued_and_cancelled_are_listed(self):
        issued = (
            self.first | self.cancelled | self.replaced | self.replacing | self.attended
        )
        self.assertEqual(self._listed(), issued)

    def test_filters(self):
        for values, expected in (
            ({"state": "cancelled"}, self.cancelled | self.replaced),
            ({"course_ids": self.short.ids}, self.attended),
            ({"offer_ids": self.other_offer.ids}, self.attended),
            ({"credential_type": "other"}, self.attended),
            ({"date_from": "2026-01-15"}, self.attended),
            ({"date_from": "2026-01-16"}, self.attended.browse()),
            ({"date_to": "2025-11-30"}, self.attended.browse()),
        ):
            with self.subTest(values):
                self.assertEqual(self._listed(**values), expected)

    def test_regulator_is_told_what_was_cancelled_lately_too(self):
        for credential in self.first | self.cancelled:
            self._sql_issued_at(credential, "2020-01-01 00:00:00")
        today, day = datetime.date.today(), datetime.timedelta(days=1)
        listed = self._listed(
            report="regulator", date_from=today - 30 * day, date_to=today + day
        )
        self.assertIn(self.cancelled, listed)
        self.assertNotIn(self.first, listed)

    def test_day_of_issue_is_the_users_day(self):
        self.auditor.tz = "Australia/Perth"
        self._sql_issued_at(self.first, "2025-12-31 17:00:00")  # 01:00 on 1 January
        for days, expected in (
            (("2025-12-31", "2025-12-31"), self.first.browse()),
            (("2026-01-01", "2026-01-01"), self.first),
        ):
            with self.subTest(days):
                listed = self._listed(
                    period_of="issued_at", date_from=days[0], date_to=days[1]
                )
                self.assertEqual(listed, expected)

    def _sql_issued_at(self, credential, moment):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE lrm_credential SET issued_at = %s WHERE id = %s",
            [moment, credential.id],
        )
        self.env.invalidate_all()

    def test_samples_are_not_listed(self):
        dummy = self.env["lrm.course.offer"].create(
            {"code": "DUMMY", "course_id": self.course.id, "is_test": True}
        )
        sample = self._request(self._create_enrolment(offer=dummy))
        self._issue(sample)
        self.assertNotIn(sample, self._listed())

    def test_other_company_is_not_listed(self):
        other = self._in_own_company()
        wizard = self._report(company_id=other.company_id.id)
        found = (
            self.env["lrm.credential"]
            .with_user(self.auditor)
            .search(wizard._register_domain())
        )
        self.assertFalse(found)

    def test_screens_group_by_course_and_by_offer(self):
        for report, group in (("0323", "course"), ("0411", "offer")):
            action = self._report(report=report).action_open()
            self.assertIn(f"search_default_group_{group}", action["context"])

    def test_period_cannot_end_before_it_begins(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._report(date_from="2026-01-02", date_to="2026-01-01")

    def test_requester_and_admin_have_the_reports_too(self):
        for user in (self.requester, self.admin):
            self.assertTrue(self._report(user).action_open()["domain"])

    def test_others_do_not(self):
        with self.assertRaises(AccessError):
            self._report(self.env.ref("base.public_user"))

    def test_report_of_somebody_else_is_not_read(self):
        wizard = self._report(self.requester)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.with_user(self.auditor).read(["workbook"])


class TestBook(ReportCommon):
    def test_row_says_all_about_an_issued_credential(self):
        row = self._rows()[self.first.number]
        today = self.first.issued_at.date()
        self.assertEqual(
            {key: value for key, value in row.items() if value},
            {
                "number": self.first.number,
                "state": "Issued",
                "credential": "Qualification Certificate",
                "title": self.certificate.title,
                "type": "Certificate",
                "learner_number": self.first.partner_id.lrm_learner_number,
                "learner": "محمد العربي",
                "course_code": "BSB50420",
                "course": "Diploma of Leadership and Management",
                "offer_code": "DIP-2025",
                "completed_on": datetime.datetime(2025, 11, 20),
                "competent": "3/3",
                "credential_date": datetime.datetime(2025, 12, 1),
                "issued_on": datetime.datetime(*today.timetuple()[:3]),
                "issued_by": self.admin.name,
                "requested_by": self.requester.name,
                "officer": "Margaret Chen",
                "is_final": "Yes",
                "parchment_number": self.first.number,
                "parchment_date": datetime.datetime(2025, 12, 1),
                "status_reason": "Course completed",
                "document": "Stored",
                "issuer": "Wattle Institute of Training Pty Ltd",
                "rto_code": "45999",
                "sha256": self.first.document_sha256,
            },
        )

    def test_cancelled_says_who_when_and_why(self):
        row = self._rows()[self.cancelled.number]
        self.assertEqual(row["state"], "Cancelled")
        self.assertEqual(row["cancelled_by"], self.admin.name)
        self.assertEqual(row["cancelled_on"].date(), self.cancelled.cancelled_at.date())
        self.assertEqual(row["status_reason"], "Wrong name: <b>王小明</b>")

    def test_replaced_names_its_successor(self):
        rows = self._rows()
        old, new = self.replaced.number, self.replacing.number
        self.assertEqual(rows[old]["replaced_by"], new)
        self.assertEqual(rows[new]["replaces"], old)
        self.assertTrue(rows[new]["reissue_date"])

    def test_requested_replacement_is_no_successor(self):
        self.first.with_user(self.admin)._replace("Lost", cancel_now=False)
        self.assertFalse(self._rows()[self.first.number]["replaced_by"])

    def test_what_was_printed_is_listed_whatever_the_records_say_now(self):
        self.replaced.partner_id.write({"lrm_family_name": "Changed"})
        self.assertEqual(self._rows()[self.replaced.number]["learner"], "Ana Lee")

    def test_names_are_text_and_never_formulas(self):
        sheet = self._book()["Register"]
        column = list(HEADINGS).index("learner") + 1
        cells = [row[column - 1] for row in sheet.iter_rows(min_row=2)]
        [cell] = [cell for cell in cells if "O'Brien" in cell.value]
        self.assertEqual((cell.value, cell.data_type), ("=1+1 O'Brien", "s"))
        self.assertTrue(cell.quotePrefix)

    def test_sheet_is_ready_to_use(self):
        sheet = self._book()["Register"]
        self.assertEqual(sheet.freeze_panes, "A2")
        self.assertTrue(sheet.auto_filter.ref.endswith("6"))
        self.assertGreater(sheet.column_dimensions["G"].width, 20)
        self.assertEqual(sheet["A2"].number_format, "@")

    def test_totals_count_each_group_and_all(self):
        for report, names in (
            ("0323", [self.course.display_name, self.short.display_name]),
            ("0411", [self.offer.display_name, self.other_offer.display_name]),
        ):
            _headings, *rows = self._book(report=report)["Totals"].values
            counts = {row[0]: tuple(row[1:]) for row in rows}
            with self.subTest(report):
                self.assertEqual(counts[names[0]], (2, 2, 3, 4))
                self.assertEqual(counts[names[1]], (1, None, None, 1))
                self.assertEqual(counts["All"], (3, 2, 3, 5))

    def test_heading_says_what_the_report_is_about(self):
        with freeze_time("2026-02-03 04:05:06"):
            book = self._book(
                state="issued",
                date_from="2025-01-01",
                date_to="2025-12-31",
                course_ids=self.course.ids,
            )
        facts = dict(row[:2] for row in book["About"].values)
        self.assertEqual(
            facts["Issuer"], "Wattle Institute of Training Pty Ltd (RTO 45999)"
        )
        self.assertEqual(facts["Period"], "01/01/2025 to 31/12/2025")
        self.assertEqual(facts["Status"], "Issued")
        self.assertEqual(facts["Courses"], "BSB50420")
        self.assertEqual(facts["Printed by"], self.auditor.name)
        self.assertTrue(facts["Printed on"].startswith("03/02/2026"))
        head = self.env["lrm.register.head"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertTrue(head.hash)
        self.assertEqual(facts["Ledger ends"], f"{head.sequence} {head.hash}")

    def test_nothing_is_about_usi_or_birth(self):
        book = self._book(self.auditor)
        texts = [
            str(value)
            for sheet in book
            for row in sheet.values
            for value in row
            if value
        ]
        self.assertNotIn("ABCDEFGH23", " ".join(texts))
        self.assertNotIn("1994", " ".join(texts))

    def test_erased_document_leaves_its_line(self):
        self.company.lrm_retention_years = 1
        self._sql_old(self.attended)
        self.attended.with_user(self.admin)._erase("Retention period over")
        row = self._rows()[self.attended.number]
        self.assertTrue(row["document"].startswith("Erased on"))
        self.assertEqual(row["course_code"], "SHORT")

    def _sql_old(self, credential):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE lrm_credential SET issued_at = '1990-01-01' WHERE id = %s",
            [credential.id],
        )
        self.env.invalidate_all()

    def test_queries_do_not_grow_with_the_register(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(self._report(company_id=self.company.id)._workbook())
            return self.cr.sql_log_count - before

        count()
        few = count()
        for number in range(5):
            self._issued(self._create_learner("New", f"Learner{number}"))
        count()
        self.assertLessEqual(count(), few + 2)


class TestRegulator(ReportCommon):
    def _scope(self, **values):
        headings, *rows = self._book(report="regulator", **values)["Scope"].values
        return {row[0]: dict(zip(headings, row, strict=True)) for row in rows}

    def test_extract_is_of_the_day_of_issue(self):
        self.assertEqual(self._report(report="regulator").period_of, "issued_at")
        self.assertEqual(self._report().period_of, "credential_date")

    def test_extract_lists_what_may_be_issued(self):
        self.course.write({"scope_from": "2021-01-01", "scope_to": "2026-06-30"})
        row = self._scope(date_from="2025-01-01", date_to="2030-12-31")["BSB50420"]
        self.assertEqual(row["Kind"], "Qualification")
        self.assertEqual(row["On Scope From"], datetime.datetime(2021, 1, 1))
        self.assertEqual(row["On Scope To"], datetime.datetime(2026, 6, 30))

    def test_course_off_scope_in_the_period_is_left_out(self):
        self.course.write({"scope_from": "2021-01-01", "scope_to": "2022-12-31"})
        for days, expected in (
            (("2023-01-01", "2023-12-31"), False),
            (("2022-12-31", "2023-12-31"), True),
            (("2020-01-01", "2020-12-31"), False),
        ):
            scope = self._scope(date_from=days[0], date_to=days[1])
            self.assertEqual("BSB50420" in scope, expected, days)

    def test_course_without_scope_shows_the_gap(self):
        self.assertEqual(self._scope()["BSB50420"]["On Scope From"], "not recorded")

    def test_course_that_is_not_recognised_is_not_on_scope(self):
        self.assertNotIn("SHORT", self._scope())

    def test_other_reports_have_no_scope(self):
        self.assertNotIn("Scope", self._book().sheetnames)


class TestPaper(ReportCommon):
    def _pages(self, **values):
        """The text of each page that the auditor prints, with no server to ask."""
        wizard = self._report(company_id=self.company.id, **values)
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        self.env.invalidate_all()
        with nobody_calls() as address:
            self.env["ir.config_parameter"].set_param("report.url", address)
            content, _type = reports._render_qweb_pdf(
                "lrm_credentials.register", wizard.ids
            )
        return pdf_pages(content)

    def _on_both_builds(self):
        for name in ("PATCHED", "UNPATCHED"):
            program = os.environ.get(f"LRM_WKHTMLTOPDF_{name}")
            if not (program and os.access(program, os.X_OK)):
                continue
            path = f"{os.path.dirname(program)}{os.pathsep}{os.environ['PATH']}"
            _wkhtml.cache_clear()
            self.addCleanup(_wkhtml.cache_clear)
            with self.subTest(name), patch.dict(os.environ, {"PATH": path}):
                yield

    def test_print_says_all(self):
        for _build in self._on_both_builds():
            [page] = self._pages(report="0411", date_from="2025-01-01")
            for text in (
                "0411 Register by course offer",
                "Wattle Institute of Training Pty Ltd (RTO 45999)",
                "from 01/01/2025",
                self.auditor.name,
                "5 3 2 3 in all issued cancelled final",
                f"{self.offer.display_name}: 4. Issued: 2. Cancelled: 2.",
                self.first.number,
                "=1+1 O'Brien",
                f"by {self.admin.name}:",
                "Yes, 3/3 units",
                f"Replaced by {self.replacing.number}.",
                f"Replaces {self.replaced.number}.",
                "page 1 of 1",
            ):
                # Letters of several fonts are apart, and words may be broken.
                self.assertIn("".join(text.split()), "".join(page.split()))

    def test_each_credential_is_in_its_group(self):
        printer = self.env["report.lrm_credentials.register"]
        for report, name in (("0323", "course_id"), ("0411", "offer_id")):
            wizard = self._report(report=report, company_id=self.company.id)
            found = [
                (part["heading"], cells[0][0])
                for page in printer._print_values(wizard)["tables"][0]["pages"]
                for part in page
                for cells in part["rows"]
            ]
            expected = {
                (credential[name].display_name, credential.number)
                for credential in self._listed()
            }
            self.assertEqual(set(found), expected)
            self.assertEqual(len(found), len(expected))

    def test_long_register_has_headings_on_each_page(self):
        printer = type(self.env["report.lrm_credentials.register"])
        values = self.env["report.lrm_credentials.register"]._print_values(
            self._report(company_id=self.company.id)
        )
        [table], part = values["tables"], values["tables"][0]["pages"][0][0]
        wide = [
            "ABRAHAM WAGGONMAKER-O’BRIEN",
            "王小明出席证书" * 4,
            "Mary-Jane Wu " * 9,
        ]
        rows = part["rows"] * 20 + [
            [[text, "Issued"]] * len(COLUMN_WIDTHS) for text in wide * 10
        ]
        table["pages"] = paginate([(part["heading"], rows, {})], 16)
        for _build in self._on_both_builds():
            with patch.object(printer, "_print_values", lambda self, wizard: values):
                pages = self._pages()
            self.assertEqual(len(pages), len(table["pages"]))
            self.assertGreater(len(pages), 3)
            for number, page in enumerate(pages, start=1):
                self.assertIn("Number, status", page)
                self.assertIn(f"page {number} of {len(pages)}", page)
                self.assertEqual("(continued)" in page, number > 1)

    def test_extract_has_the_courses_on_pages_of_their_own(self):
        self.env["lrm.course"].create(
            [
                {"code": f"OLD{number:03d}", "name": "Old " * 30, "kind": "skill_set"}
                for number in range(60)
            ]
        )
        for _build in self._on_both_builds():
            first, *pages = self._pages(report="regulator")
            self.assertNotIn("Courses on Scope", first)
            self.assertIn("Courses on Scope", pages[0])
            self.assertIn("BSB50420", pages[0])
            self.assertIn("OLD059", pages[-1])
            for number, page in enumerate(pages, start=2):
                self.assertIn("Superseded on", page)
                self.assertIn(f"page {number} of {len(pages) + 1}", page)

    def test_very_long_remarks_are_cut_so_that_a_row_fits_on_a_page(self):
        self._cancel(self.first, "Lost and " * 500)
        for _build in self._on_both_builds():
            pages = self._pages(report="0411")
            self.assertIn("Lost and Lost…", " ".join(pages))
            self.assertIn(f"page {len(pages)} of {len(pages)}", pages[-1])

    def test_nothing_found_is_said(self):
        for _build in self._on_both_builds():
            [page] = self._pages(date_from="2031-01-01")
            self.assertIn("Nothing was issued or cancelled", page)

    def test_pages_are_landscape(self):
        report = self.env.ref("lrm_credentials.lrm_register_report_print")
        self.assertEqual(report.paperformat_id.orientation, "Landscape")

    def test_button_prints(self):
        action = self._report().action_print()
        self.assertEqual(action["report_name"], "lrm_credentials.register")

    def test_too_long_a_register_says_what_to_do(self):
        with (
            patch(
                "odoo.addons.lrm_credentials.wizard.lrm_register_report.PRINT_LIMIT", 2
            ),
            self.assertRaisesRegex(UserError, "download the workbook"),
        ):
            self._report(company_id=self.company.id).action_print()

    def test_print_of_somebody_else_is_refused(self):
        wizard = self._report(self.requester)
        self.env.invalidate_all()
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        with self.assertRaises(AccessError):
            reports._render_qweb_html("lrm_credentials.register", wizard.ids)


@tagged("standard", "post_install", "-at_install")
class TestPaginate(BaseCase):
    def _cells(self, text="x"):
        return [[text]] * len(COLUMN_WIDTHS)

    def test_every_row_is_on_one_page_in_order(self):
        rows = [self._cells(str(number)) for number in range(200)]
        pages = paginate([("A", rows[:90], 1), ("B", rows[90:], 2)], 10)
        self.assertEqual(
            [row for page in pages for part in page for row in part["rows"]], rows
        )

    def test_continued_group_repeats_its_heading_and_is_summed_at_its_end(self):
        rows = [self._cells()] * 100
        parts = [part for page in paginate([("A", rows, "sum")], 10) for part in page]
        self.assertEqual({part["heading"] for part in parts}, {"A"})
        self.assertEqual(parts[-1]["total"], "sum")
        self.assertFalse(any(part["total"] for part in parts[:-1]))
        self.assertEqual([part["continued"] for part in parts][:2], [False, True])

    def test_pages_are_not_overfull(self):
        rows = [self._cells("word " * 40)] * 50
        for page in paginate([("A", rows, 1)], 10):
            self.assertLess(sum(len(part["rows"]) for part in page), PAGE_LINES / 5)

    def test_row_higher_than_a_page_is_kept(self):
        rows = [self._cells("word " * 3000), self._cells()]
        pages = paginate([("A", rows, 1)], 10)
        self.assertEqual(sum(len(part["rows"]) for page in pages for part in page), 2)

    def test_no_groups_give_one_page(self):
        self.assertEqual(paginate([], 10), [[]])
