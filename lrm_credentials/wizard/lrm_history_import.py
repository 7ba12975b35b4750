import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..history import COLUMNS, REQUIRED, Archive, HistoryError, read_rows
from ..report.workbook import write_book
from ..seal import without_hostile_context


class LrmHistoryImport(models.TransientModel):
    """Bringing in what was issued elsewhere: a workbook, and a ZIP of the PDFs.

    A check reads everything and writes nothing; an import is all or nothing.
    """

    _name = "lrm.history.import"
    _description = "Import History"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    workbook = fields.Binary(help="An Excel workbook (.xlsx), one row a credential.")
    workbook_filename = fields.Char()
    archive = fields.Binary(
        string="ZIP of the PDFs",
        help="Found by the column PDF File, or by name: 0000000042.pdf. Credentials "
        "without a PDF are on the register all the same.",
    )
    archive_filename = fields.Char()
    create_missing = fields.Boolean(
        help="Otherwise a row about a learner, course, course offer or enrolment that "
        "is not here is an error.",
    )
    state = fields.Selection(
        selection=[("draft", "Files"), ("checked", "Checked"), ("done", "Imported")],
        required=True,
        readonly=True,
        default="draft",
    )
    summary = fields.Text(readonly=True)
    problem_ids = fields.One2many(
        comodel_name="lrm.history.import.problem",
        inverse_name="import_id",
        string="Errors",
        readonly=True,
    )
    imported_ids = fields.Json(readonly=True)
    template = fields.Binary(compute="_compute_template")
    template_filename = fields.Char(compute="_compute_template")

    def _compute_template(self):
        for wizard in self:
            wizard.template = base64.b64encode(wizard._template())
            wizard.template_filename = "lrm-history.xlsx"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_is_admin()
        return super().create(vals_list)

    # ------------------------------------------------------------ actions

    def action_template(self):
        """Download the workbook to fill in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/template"
            "?download=true&filename_field=template_filename",
            "target": "download",
        }

    def action_check(self):
        """Check all rows and say what is wrong; nothing is written."""
        self = self._prepared()
        plan = self._plan(*self._files())
        self._show(plan, "checked", self._intent(plan))
        return self._action_reopen()

    def action_import(self):
        """Bring everything in, or nothing when anything is wrong."""
        self = self._prepared()
        plan = self._plan(*self._files())
        if plan.problems:
            self._show(plan, "checked", self._intent(plan))
            return self._action_reopen()
        credentials = self._carry_out(plan)
        self._show(plan, "done", self._result(plan))
        # The files are on the credentials now.
        self.write(
            {"imported_ids": credentials.ids, "workbook": False, "archive": False}
        )
        return self._action_reopen()

    def action_open_imported(self):
        """Open the credentials that were brought in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_credential_action_of_enrolment"
        )
        return action | {
            "domain": [("id", "in", self.imported_ids or [])],
            "context": {"create": False},
        }

    def _action_reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import History"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_is_admin(self):
        """Raise an AccessError for anyone but an LRM admin."""
        if not self.env.user.has_group("lrm_credentials.group_lrm_admin"):
            raise AccessError(self.env._("Only LRM admins bring in history."))

    def _prepared(self):
        """Return `self` for its company, after the checks that every action needs."""
        self.ensure_one()
        self._check_is_admin()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("You do not work for this company."))
        if self.state == "done":
            raise UserError(self.env._("This has been imported. Start another one."))
        self = without_hostile_context(self).with_company(self.company_id)
        # What is brought in was no work of whoever does it: no followers, no logs.
        return self.with_context(tracking_disable=True, mail_create_nosubscribe=True)

    # ------------------------------------------------------------ files

    def _files(self):
        """Return the rows of the workbook and the archive.

        :raise UserError: when one of them cannot be used at all
        """
        if not self.workbook:
            raise UserError(self.env._("Choose the workbook first."))
        try:
            return read_rows(self._content("workbook")), Archive(
                self._content("archive")
            )
        except HistoryError as error:
            raise UserError(self._file_problem(error)) from error

    def _content(self, field_name):
        value = self.with_context(bin_size=False)[field_name]
        return base64.b64decode(value or b"")

    def _file_problem(self, error):
        """Return a sentence that says what is wrong with a file, and what to do."""
        sentences = {
            "not_a_workbook": self.env._(
                "The workbook cannot be read. Save it as an Excel workbook (.xlsx) and "
                "choose that file."
            ),
            "too_large": self.env._("The workbook is too large. Divide it."),
            "too_many_rows": self.env._(
                "The workbook has more than %s rows. Divide it.", error.detail
            ),
            "missing_columns": self.env._(
                "The workbook lacks these columns: %s. The first row must have the "
                "headings of the template.",
                error.detail,
            ),
            "double_column": self.env._(
                "The workbook has the column %s twice. Remove one.", error.detail
            ),
            "not_an_archive": self.env._(
                "The file with the PDFs is no ZIP file. Choose another one."
            ),
            "encrypted_archive": self.env._(
                "The ZIP file has a password. Make one without."
            ),
            "too_many_files": self.env._(
                "The ZIP file has more than %s files. Divide it.", error.detail
            ),
            "archive_too_large": self.env._(
                "The files in the ZIP are larger than %s MB together. Divide it.",
                error.detail,
            ),
            "double_file": self.env._(
                "The ZIP file has two files named %s. Rename one.", error.detail
            ),
            "pdf_too_large": self.env._(
                "This PDF is larger than %s MB. Make it smaller.", error.detail
            ),
            "damaged_file": self.env._("This file is damaged. Replace it in the ZIP."),
            "not_a_pdf": self.env._("This is no PDF file. Replace it in the ZIP."),
            "encrypted_pdf": self.env._(
                "This PDF is encrypted. Save it without a password or restrictions."
            ),
        }
        return sentences[error.code]

    def _template(self):
        """Return the workbook to fill in (bytes), with a sheet that explains it."""
        headings = [(heading, max(14, len(heading) + 4)) for _, heading, *_ in COLUMNS]
        columns = [
            (self.env._("Column"), 26),
            (self.env._("Needed"), 10),
            (self.env._("Example"), 50),
            (self.env._("What it is"), 100),
        ]
        helps = self._column_helps()
        rows = [
            [
                heading,
                self.env._("Yes") if key in REQUIRED else "",
                example,
                helps.get(key, ""),
            ]
            for key, heading, _kind, example in COLUMNS
        ]
        return write_book([("Credentials", headings, []), ("Help", columns, rows)])

    def _column_helps(self):
        """Return what the columns mean that do not explain themselves."""
        kinds = self.env["lrm.course"]._fields["kind"]._description_selection(self.env)
        return {
            "number": self.env._(
                "The original number, up to 25 characters. Format the cells as text, "
                "so that Excel keeps leading zeros."
            ),
            "template": self.env._(
                "The name of a credential template in Configuration."
            ),
            "credential_date": self.env._(
                "As printed. Dates: day/month/year or year-month-day."
            ),
            "issued_on": self.env._("Empty: the credential date."),
            "first_name": self.env._(
                "To be certain that it is the right learner, and to create a missing "
                "one. Leave the names empty if the learner's name has changed."
            ),
            "learner_name": self.env._("Empty: the learner's name."),
            "course_name": self.env._("Needed to create a missing course."),
            "course_kind": self.env._(
                "Needed to create a missing course: %s.",
                ", ".join(label for _kind, label in kinds),
            ),
            "units": self.env._("Code and title of each, with semicolons between."),
            "is_final": self.env._(
                "Yes: the enrolment gets Qual Issued and this as its Parchment Number."
            ),
            "parchment_date": self.env._(
                "Only for a final qualification. Empty: the day of issue."
            ),
            "cancelled_on": self.env._("Together with the reason: it is cancelled."),
            "file": self.env._(
                "Its name in the ZIP file. Empty: the file named by the number."
            ),
        }

    # ------------------------------------------------------------ results

    def _show(self, plan, state, summary):
        """Keep what was found, for the user to see."""
        self.write(
            {
                "state": state,
                "summary": summary,
                "problem_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {"row": place, "column": column, "message": sentence}
                        )
                        for place, column, sentence in plan.problems
                    ),
                ],
            }
        )

    def _intent(self, plan):
        """Return what an import would do, as text."""
        if plan.problems:
            return self.env._(
                "%(rows)s rows checked, %(count)s errors. Nothing has been imported: "
                "correct them in the workbook and check it again.",
                rows=len(plan.rows),
                count=len(plan.problems),
            )
        heading = self.env._(
            "%s rows checked, no errors. Nothing has been imported yet. The import "
            "will bring in:",
            len(plan.rows),
        )
        return "\n".join([heading, *self._counts(plan)])

    def _result(self, plan):
        """Return what an import has done, as text."""
        return "\n".join([self.env._("Imported:"), *self._counts(plan)])

    def _counts(self, plan):
        """Return what is in `plan`: lines of text."""
        lines = [
            self.env._("Credentials: %s", len(plan.rows)),
            self.env._("Of them with a PDF: %s", len(plan.files)),
            self.env._(
                "Of them cancelled: %s",
                sum(bool(row["cancelled_on"]) for _place, row in plan.rows),
            ),
            self.env._("New learners: %s", len(plan.new_learners)),
            self.env._("New courses: %s", len(plan.new_courses)),
            self.env._("New course offers: %s", len(plan.new_offers)),
            self.env._("New enrolments: %s", len(plan.new_enrolments)),
        ]
        unused = plan.archive.names - set(plan.files.values())
        if unused:
            some = ", ".join(sorted(unused)[:10])
            lines.append(
                self.env._(
                    "Files in the ZIP that belong to no row, and are left out: "
                    "%(count)s (%(names)s)",
                    count=len(unused),
                    names=some,
                )
            )
        return lines
