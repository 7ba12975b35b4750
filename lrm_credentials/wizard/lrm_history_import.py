import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..history.archive import Archive
from ..history.plan import make_plan
from ..history.sentences import file_problem
from ..history.sheet import HistoryError, read_rows, write_rows
from ..history.template import template_book
from ..history.write import carry_out
from ..seal import without_hostile_context

SHOWN = 500  # problems on the screen; the workbook of rows to correct has all


class LrmHistoryImport(models.TransientModel):
    """Bringing in what was issued elsewhere: a workbook, and a ZIP of the PDFs.

    A check reads everything and writes nothing. An import brings in the rows without
    errors, each with all that belongs to it, and gives back a workbook of the others;
    or, if the office wants it so, nothing unless all rows are good.
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
    all_or_nothing = fields.Boolean(
        help="Import nothing while any row has an error. Otherwise the rows without "
        "errors are imported, and the others are given back to be corrected.",
    )
    state = fields.Selection(
        selection=[("draft", "Files"), ("checked", "Checked"), ("done", "Imported")],
        required=True,
        readonly=True,
        default="draft",
    )
    summary = fields.Text(readonly=True)
    good_count = fields.Integer(readonly=True)
    problem_ids = fields.One2many(
        comodel_name="lrm.history.import.problem",
        inverse_name="import_id",
        string="Errors",
        readonly=True,
    )
    rejected = fields.Binary(string="Rows to Correct", readonly=True)
    imported_ids = fields.Json(readonly=True)
    template = fields.Binary(compute="_compute_template")

    def _compute_template(self):
        for wizard in self:
            wizard.template = base64.b64encode(template_book(wizard.env))

    @api.model_create_multi
    def create(self, vals_list):
        self._check_is_admin()
        return super().create(vals_list)

    # ------------------------------------------------------------ actions

    def action_template(self):
        """Download the workbook to fill in."""
        return self._action_download("template", "lrm-history.xlsx")

    def action_rejected(self):
        """Download the rows with errors, and what is wrong with each."""
        return self._action_download("rejected", "lrm-history-to-correct.xlsx")

    def action_check(self):
        """Check all rows and say what is wrong; nothing is written."""
        self = self._prepared()
        self._read()
        return self._action_reopen()

    def action_import(self):
        """Bring in the rows without errors; nothing when all must be good and are not.

        :raise UserError: when there is nothing to bring in
        """
        self = self._prepared()
        plan, problems = self._read()
        if problems and (self.all_or_nothing or not plan.rows):
            return self._action_reopen()
        source = self.workbook_filename or self.env._("a workbook")
        credentials = carry_out(plan, source)
        self.write(
            {
                "state": "done",
                "summary": self._summary(plan, problems, self.env._("Imported:")),
                "imported_ids": credentials.ids,
                # The files are on the credentials now.
                "workbook": False,
                "archive": False,
            }
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

    def _action_download(self, field_name, filename):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/{field_name}/{filename}"
            "?download=true",
            "target": "download",
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

    # ------------------------------------------------------------ checking

    def _read(self):
        """Check the files and keep what was found, for the user to see.

        :return: what `make_plan` returned
        :raise UserError: when one of the files cannot be used at all
        """
        if not self.workbook:
            raise UserError(self.env._("Choose the workbook first."))
        try:
            rows = read_rows(self._content("workbook"))
            archive = Archive(self._content("archive"))
        except HistoryError as error:
            raise UserError(file_problem(self.env, error)) from error
        plan, problems = make_plan(self.company_id, rows, archive, self.create_missing)
        intent = self.env._("Nothing has been imported yet. The import will bring in:")
        self.write(
            {
                "state": "checked",
                "good_count": len(plan.rows),
                "summary": self._summary(plan, problems, intent),
                "problem_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {"row": place, "column": column, "message": sentence}
                        )
                        for place, column, sentence in problems[:SHOWN]
                    ),
                ],
                "rejected": self._rejected(rows, problems),
            }
        )
        return plan, problems

    def _content(self, field_name):
        value = self.with_context(bin_size=False)[field_name]
        return base64.b64decode(value or b"")

    def _rejected(self, rows, problems):
        """Return a workbook of the rows with errors (base64), False for none."""
        sentences = {}
        for place, column, sentence in problems:
            sentences.setdefault(place, []).append(f"{column}: {sentence}")
        rejected = [
            (row, ["\n".join(sentences[place])])
            for place, row in rows
            if place in sentences
        ]
        extra = [(self.env._("What Is Wrong"), 100)]
        return bool(rejected) and base64.b64encode(write_rows(rejected, extra))

    def _summary(self, plan, problems, intent):
        """Return what was found and what comes of it, as text."""
        bad = len({place for place, *_rest in problems})
        lines = [
            self.env._(
                "Rows checked: %(rows)s. Good: %(good)s. With errors: %(bad)s.",
                rows=len(plan.rows) + bad,
                good=len(plan.rows),
                bad=bad,
            )
        ]
        if len(problems) > SHOWN:
            lines.append(
                self.env._(
                    "The first %(shown)s of %(count)s errors are shown. The workbook "
                    "of rows to correct has all.",
                    shown=SHOWN,
                    count=len(problems),
                )
            )
        if plan.rows and not (bad and self.all_or_nothing):
            lines.append(f"{intent} {self._counts(plan)}.")
        return "\n".join(lines)

    def _counts(self, plan):
        """Return what is in `plan`, as text."""
        counts = [
            (self.env._("credentials"), len(plan.rows)),
            (self.env._("of them with a PDF"), len(plan.files)),
            (
                self.env._("of them cancelled"),
                sum(bool(row["cancelled_on"]) for _place, row in plan.rows),
            ),
            (self.env._("new learners"), len(plan.new_learners)),
            (self.env._("new courses"), len(plan.new_courses)),
            (self.env._("new course offers"), len(plan.new_offers)),
            (self.env._("new enrolments"), len(plan.new_enrolments)),
            (
                self.env._("files in the ZIP that belong to no row"),
                len(plan.archive.names - set(plan.files.values())),
            ),
        ]
        return ", ".join(f"{label}: {count}" for label, count in counts if count)
