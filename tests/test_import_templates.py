"""Odoo's own import, with the files that it offers for the records of LRM."""

import datetime
import io

from openpyxl import load_workbook

from odoo.tools import file_open

from .common import CredentialCommon

# In the order in which an office brings them in: model, who may, needed columns.
FILES = [
    ("res.partner", "requester", {"Family (or Sole) Name", "LRM Client"}),
    ("lrm.unit", "admin", {"Code", "Title"}),
    ("lrm.course", "admin", {"Code", "Title", "Kind"}),
    ("lrm.course.offer", "requester", {"Code", "Course"}),
    ("lrm.course.enrolment", "requester", {"Learner", "Course Offer"}),
    ("lrm.unit.enrolment", "requester", {"Enrolment/External ID", "Unit", "Outcome"}),
]
OPTIONS = {
    "has_headers": True,
    "advanced": True,
    "keep_matches": False,
    "name_create_enabled_fields": {},
    "import_set_empty_fields": [],
    "import_skip_records": [],
    "fallback_values": {},
    "skip": 0,
    "limit": 2000,
    "sheets": [],
    "sheet": "",
    "encoding": "",
    "separator": "",
    "quoting": '"',
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
}


class TestImportTemplates(CredentialCommon):
    def _template(self, model):
        """The bytes of the file that Odoo's import offers first for a model."""
        [template, *_others] = self.env[model].get_import_templates()
        self.assertTrue(template["label"])
        with file_open(template["template"].lstrip("/"), "rb") as file:
            return file.read()

    def _import(self, model, user, content=None, dryrun=False):
        """Import a file as `user` would, letting Odoo find the fields by itself.

        :return: (what Odoo answers, {heading: path of the field})
        """
        wizard = (
            self.env["base_import.import"]
            .with_user(user)
            .create(
                {
                    "res_model": model,
                    "file": content or self._template(model),
                    "file_name": "import.xlsx",
                    "file_type": "application/vnd.openxmlformats-officedocument"
                    ".spreadsheetml.sheet",
                }
            )
        )
        preview = wizard.parse_preview(dict(OPTIONS))
        self.assertNotIn("error", preview)
        headings = preview["headers"]
        fields = [
            "/".join(preview["matches"].get(index, [])) or False
            for index in range(len(headings))
        ]
        options = OPTIONS | preview["options"]
        result = wizard.execute_import(fields, headings, options, dryrun=dryrun)
        self.env.invalidate_all()
        return result, dict(zip(headings, fields, strict=True))

    def _import_all(self):
        return {
            model: self.env[model].browse(
                self._import(model, getattr(self, user))[0]["ids"]
            )
            for model, user, _needed in FILES
        }

    def test_each_heading_is_a_field(self):
        for model, user, needed in FILES:
            with self.subTest(model):
                result, matches = self._import(model, getattr(self, user))
                self.assertEqual(result["messages"], [])
                self.assertTrue(all(matches.values()), matches)
                self.assertLessEqual(needed, matches.keys())

    def test_examples_become_records(self):
        imported = self._import_all()
        ana, anh = imported["res.partner"]
        self.assertEqual(ana.name, "Ana Maria Lee")
        self.assertEqual(ana.lrm_learner_number, "S1001")
        self.assertEqual(ana.lrm_birth_date, datetime.date(1994, 5, 17))
        self.assertTrue(ana.is_lrm_client)
        self.assertEqual(anh.lrm_family_name, "Nguyễn")
        course, short = imported["lrm.course"]
        self.assertEqual(course.unit_ids, imported["lrm.unit"])
        self.assertEqual((course.kind, short.kind), ("qualification", "short"))
        self.assertEqual(course.packaging_count, 2)
        offer = imported["lrm.course.offer"][0]
        self.assertEqual(offer.course_id, course)
        self.assertEqual(offer.date_start, datetime.date(2026, 2, 2))
        first, second = imported["lrm.course.enrolment"]
        self.assertEqual((first.partner_id, first.offer_id), (ana, offer))
        self.assertEqual(first.state, "completed")
        self.assertEqual(first.date_completed, datetime.date(2026, 11, 20))
        self.assertEqual(second.state, "enrolled")
        outcomes = imported["lrm.unit.enrolment"]
        self.assertEqual(first.unit_enrolment_ids, outcomes[:2])
        self.assertEqual(first.competent_count, "2/2")
        codes = [outcome.outcome_id.code for outcome in outcomes]
        self.assertEqual(codes, ["20", "20", "51"])
        self.assertEqual(outcomes[0].date_end, datetime.date(2026, 5, 29))

    def test_test_run_changes_nothing(self):
        before = self.env["lrm.unit"].search_count([])
        self._import("lrm.unit", self.admin, dryrun=True)
        self.assertEqual(self.env["lrm.unit"].search_count([]), before)

    def test_outcomes_go_to_the_units_that_are_proposed(self):
        imported = self._import_all()
        enrolment = imported["lrm.course.enrolment"][0]
        self.assertEqual(len(enrolment.unit_enrolment_ids), 2)
        workbook = load_workbook(io.BytesIO(self._template("lrm.unit.enrolment")))
        workbook.active["C2"] = "30"
        stream = io.BytesIO()
        workbook.save(stream)
        self._import("lrm.unit.enrolment", self.requester, stream.getvalue())
        self.assertEqual(len(enrolment.unit_enrolment_ids), 2)
        self.assertEqual(enrolment.competent_count, "1/2")

    def test_units_that_are_not_proposed_are_added(self):
        imported = self._import_all()
        enrolment = imported["lrm.course.enrolment"][0]
        workbook = load_workbook(io.BytesIO(self._template("lrm.unit.enrolment")))
        workbook.active["B2"] = self.units[0].code
        stream = io.BytesIO()
        workbook.save(stream)
        self._import("lrm.unit.enrolment", self.requester, stream.getvalue())
        self.assertIn(self.units[0], enrolment.unit_enrolment_ids.unit_id)

    def test_contacts_keep_the_template_of_odoo(self):
        labels = [t["label"] for t in self.env["res.partner"].get_import_templates()]
        self.assertGreater(len(labels), 1)

    def test_auditor_imports_nothing(self):
        result, _matches = self._import("lrm.unit", self.auditor)
        self.assertFalse(result.get("ids"))
        self.assertEqual(result["messages"][0]["type"], "error")

    def test_requester_imports_no_courses(self):
        result, _matches = self._import("lrm.unit", self.requester)
        self.assertFalse(result.get("ids"))
