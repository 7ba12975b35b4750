import base64
from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..report.register import COLUMN_WIDTHS, paginate, register_book

REPORT_ACTIONS = {
    "0323": "lrm_credentials.lrm_credential_action_0323",
    "0411": "lrm_credentials.lrm_credential_action_0411",
    "regulator": "lrm_credentials.lrm_credential_action_0323",
}
GROUP_FIELDS = {"0323": "course_id", "0411": "offer_id", "regulator": "course_id"}
PRINT_LIMIT = 10000  # credentials on paper; a workbook takes any number
HEADING_LINES = 9  # that the heading of the print takes, without the filters


class LrmRegisterReport(models.TransientModel):
    """The Credentials Register for a period: on the screen, on paper, as a workbook.

    Reports 0323 and 0411 are the full register by course and by course offer. The
    extract for the regulator is what the Compliance Standards 2025, s10, demand on
    request: everything issued in a period, and what may be issued.
    """

    _name = "lrm.register.report"
    _description = "Credential Register Report"

    report = fields.Selection(
        selection=[
            ("0323", "0323 Register by course"),
            ("0411", "0411 Register by course offer"),
            ("regulator", "Extract for the regulator, with the courses on scope"),
        ],
        required=True,
        default="0323",
    )
    period_of = fields.Selection(
        selection=[
            ("credential_date", "Credential date, as printed"),
            ("issued_at", "Day of issue"),
        ],
        string="Period Of",
        compute="_compute_period_of",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Which date of a credential must be in the period.",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    state = fields.Selection(
        selection=[("issued", "Issued"), ("cancelled", "Cancelled")],
        string="Status",
        help="Leave empty for the full register: issued and cancelled.",
    )
    credential_type = fields.Selection(
        selection=lambda self: self.env["lrm.credential.template"]
        ._fields["credential_type"]
        ._description_selection(self.env),
        string="Type",
    )
    course_ids = fields.Many2many(
        comodel_name="lrm.course", string="Courses", context={"active_test": False}
    )
    offer_ids = fields.Many2many(
        comodel_name="lrm.course.offer",
        string="Course Offers",
        context={"active_test": False},
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        domain="[('id', 'in', allowed_company_ids)]",
        help="Leave empty for all companies that you have chosen at the top.",
    )
    workbook = fields.Binary(compute="_compute_workbook")
    workbook_filename = fields.Char(compute="_compute_workbook")

    _period_ordered = models.Constraint(
        "CHECK(date_to >= date_from)", "The period cannot end before it begins."
    )

    @api.depends("report")
    def _compute_period_of(self):
        for wizard in self:
            wizard.period_of = (
                "issued_at" if wizard.report == "regulator" else "credential_date"
            )

    def _compute_workbook(self):
        for wizard in self:
            wizard.workbook = base64.b64encode(wizard._workbook())
            wizard.workbook_filename = f"register-{wizard.report}.xlsx"

    # ------------------------------------------------------------ actions

    def action_open(self):
        """Open the chosen report on the screen."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            REPORT_ACTIONS[self.report]
        )
        return action | {"domain": list(self._register_domain())}

    def action_print(self):
        """Print the chosen report.

        :raise UserError: when it is too long for paper
        """
        self.ensure_one()
        self._check_printable()
        report = self.env.ref("lrm_credentials.lrm_register_report_print")
        action = report.report_action(self, config=False)
        return action | {"close_on_report_download": True}

    def action_download(self):
        """Download the chosen report as a workbook."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/workbook"
            "?download=true&filename_field=workbook_filename",
            "target": "download",
        }

    def _check_printable(self):
        """Raise a UserError when there is too much for paper."""
        count = self.env["lrm.credential"].search_count(self._register_domain())
        if count > PRINT_LIMIT:
            raise UserError(
                self.env._(
                    "These are %(count)s credentials, and a print takes %(limit)s at "
                    "most. Choose a shorter period or a course, or download the "
                    "workbook, which takes them all.",
                    count=count,
                    limit=PRINT_LIMIT,
                )
            )

    # ------------------------------------------------------------ which ones

    def _register_domain(self):
        """Return which credentials the report lists; never those of dummy offers."""
        states = [self.state] if self.state else ["issued", "cancelled"]
        domain = Domain("state", "in", states) & Domain("is_test", "=", False)
        for name, values in (
            ("company_id", self.company_id),
            ("course_id", self.course_ids),
            ("offer_id", self.offer_ids),
        ):
            if values:
                domain &= Domain(name, "in", values.ids)
        if self.credential_type:
            domain &= Domain("credential_type", "=", self.credential_type)
        return domain & self._period_domain()

    def _period_domain(self):
        domain = Domain.TRUE
        if self.date_from:
            domain &= Domain(self.period_of, ">=", self._bound(self.date_from, False))
        if self.date_to:
            domain &= Domain(self.period_of, "<=", self._bound(self.date_to, True))
        return domain

    def _bound(self, date, is_end):
        """Return `date`, or for moments its first or last one where the user is."""
        if self.period_of == "credential_date":
            return date
        zone = pytz.timezone(self.env.user.tz or "UTC")
        moment = datetime.combine(date, time.max if is_end else time.min)
        return zone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)

    def _credentials(self):
        """Return the credentials of the report, group by group."""
        group = GROUP_FIELDS[self.report]
        return self.env["lrm.credential"].search(
            self._register_domain(), order=f"{group}, credential_date, number, id"
        )

    def _totals(self):
        """Return the counts of each group and of all: dicts, see `register.TOTALS`."""
        group = GROUP_FIELDS[self.report]
        counts = self.env["lrm.credential"]._read_group(
            self._register_domain(), [group, "state", "is_final"], ["__count"]
        )
        totals = {}
        everything = self._no_total(self.env._("All"))
        for record, state, is_final, count in counts:
            total = totals.setdefault(record, self._no_total(record.display_name))
            for tally in (total, everything):
                tally["total"] += count
                tally[state] += count
                tally["final"] += count if is_final else 0
        return [*totals.values(), everything]

    @api.model
    def _no_total(self, name):
        return {"name": name, "issued": 0, "cancelled": 0, "final": 0, "total": 0}

    def _scope(self):
        """Return the courses that may be issued in the period, None if not asked for.

        Those with no dates of scope too: whoever sends the report must see the gap. A
        course that is not recognised needs no authority.
        """
        if self.report != "regulator":
            return None
        domain = Domain("kind", "!=", "short")
        domain &= Domain("company_id", "in", self._companies().ids + [False])
        if self.date_to:
            domain &= Domain("scope_from", "=", False) | Domain(
                "scope_from", "<=", self.date_to
            )
        if self.date_from:
            domain &= Domain("scope_to", "=", False) | Domain(
                "scope_to", ">=", self.date_from
            )
        courses = self.env["lrm.course"].with_context(active_test=False).search(domain)
        kinds = dict(courses._fields["kind"]._description_selection(self.env))
        return [
            {
                "code": course.code,
                "name": course.name,
                "kind": kinds[course.kind],
                "scope_from": course.scope_from or self.env._("not recorded"),
                "scope_to": course.scope_to,
                "superseded_on": course.superseded_on,
                "superseded_by": course.superseded_by_id.code or "",
            }
            for course in courses
        ]

    # ------------------------------------------------------------ what it says

    def _companies(self):
        return self.company_id or self.env.companies

    def _title(self):
        titles = self._fields["report"]._description_selection(self.env)
        return dict(titles)[self.report]

    def _facts(self):
        """Return what the report is about: list of (name, value), both text."""
        labels = self.fields_get(["period_of", "state", "credential_type"])
        choices = {name: dict(label["selection"]) for name, label in labels.items()}
        printed = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        facts = [
            (self.env._("Report"), self._title()),
            (self.env._("Issuer"), ", ".join(map(self._issuer, self._companies()))),
            (self.env._("Period"), self._period()),
            (self.env._("Period of"), choices["period_of"][self.period_of]),
            (
                self.env._("Status"),
                choices["state"].get(self.state, self.env._("Issued and cancelled")),
            ),
            (
                self.env._("Type"),
                choices["credential_type"].get(self.credential_type, ""),
            ),
            (self.env._("Courses"), ", ".join(self.course_ids.mapped("code"))),
            (self.env._("Course offers"), ", ".join(self.offer_ids.mapped("code"))),
            (self.env._("Printed on"), printed.strftime("%d/%m/%Y %H:%M %Z")),
            (self.env._("Printed by"), self.env.user.name),
        ]
        return [fact for fact in facts if fact[1]]

    @api.model
    def _issuer(self, company):
        code = company.lrm_profile == "au_vet" and company.lrm_rto_code
        name = company._lrm_issuer_name()
        return (
            self.env._("%(name)s (RTO %(code)s)", name=name, code=code)
            if code
            else name
        )

    def _period(self):
        first, last = (self._paper_date(day) for day in (self.date_from, self.date_to))
        if first and last:
            return self.env._("%(first)s to %(last)s", first=first, last=last)
        if first:
            return self.env._("from %s", first)
        return self.env._("until %s", last) if last else self.env._("all")

    @api.model
    def _paper_date(self, date):
        return format_date(self.env, date, date_format="dd/MM/yyyy") if date else ""

    def _workbook(self):
        """Return the report as an Excel workbook (bytes)."""
        credentials = self._credentials()
        return register_book(
            credentials._register_rows(),
            self._totals(),
            self._facts(),
            self._scope(),
        )

    # ------------------------------------------------------------ on paper

    def _print_values(self):
        """Return what the printed report shows (dict)."""
        self.ensure_one()
        self._check_printable()
        credentials = self._credentials()
        totals, facts = self._totals(), self._facts()
        rows = credentials._register_rows()
        groups = [
            (
                total["name"],
                [self._paper_cells(next(rows)) for _ in range(total["total"])],
                total,
            )
            for total in totals[:-1]
        ]
        scope = self._scope()
        return {
            "title": self._title(),
            "facts": facts,
            "headings": self._paper_headings(),
            "widths": COLUMN_WIDTHS,
            "pages": paginate(groups, HEADING_LINES + len(facts)),
            "total": totals[-1],
            "scope": scope and [self._paper_scope(course) for course in scope],
        }

    def _paper_headings(self):
        is_by_offer = self.report == "0411"
        return [
            self.env._("Number, status"),
            self.env._("Learner"),
            self.env._("Credential"),
            self.env._("Course") if is_by_offer else self.env._("Course offer"),
            self.env._("Date"),
            self.env._("Issued"),
            self.env._("Issuing officer"),
            self.env._("Final, units"),
            self.env._("Remarks"),
        ]

    def _paper_cells(self, row):
        """Return the cells of one line on paper, each a list of lines (str).

        Together they say what the workbook says, less the SHA-256 and what follows from
        the group.
        """
        place = ("course_code", "course")
        if self.report != "0411":
            place = ("offer_code", "offer")
        title = row["title"] not in (row["credential"], row["type"]) and row["title"]
        cells = [
            [row["number"], row["state"]],
            [row["learner"], row["learner_number"]],
            [row["credential"], title, row["type"]],
            [" ".join(filter(None, (row[key] for key in place)))],
            self._paper_dates(row),
            [self._paper_date(row["issued_on"]), row["issued_by"]],
            [row["officer"]],
            self._paper_final(row),
            self._paper_remarks(row),
        ]
        return [[line for line in cell if line] for cell in cells]

    def _paper_dates(self, row):
        reissued, expiry = map(
            self._paper_date, (row["reissue_date"], row["expiry_date"])
        )
        return [
            self._paper_date(row["credential_date"]),
            reissued and self.env._("re-issued %s", reissued),
            expiry and self.env._("valid until %s", expiry),
        ]

    def _paper_final(self, row):
        units = row["unit_count"] and self.env._("%s units", row["unit_count"])
        date = row["parchment_date"]
        return [
            ", ".join(filter(None, (row["is_final"], units))),
            date
            and date != row["issued_on"]
            and self.env._("dated %s", self._paper_date(date)),
        ]

    def _paper_remarks(self, row):
        cancelled = row["cancelled_on"] and self.env._(
            "Cancelled on %(date)s by %(user)s:",
            date=self._paper_date(row["cancelled_on"]),
            user=row["cancelled_by"] or "–",
        )
        return [
            cancelled,
            row["status_reason"],
            row["replaces"] and self.env._("Replaces %s.", row["replaces"]),
            row["replaced_by"] and self.env._("Replaced by %s.", row["replaced_by"]),
            row["document"] if row["document"] != self.env._("Stored") else "",
        ]

    def _paper_scope(self, course):
        """Return one line of the list of courses on scope, all text."""
        dates = ("scope_from", "scope_to", "superseded_on")
        return course | {
            key: course[key]
            if isinstance(course[key], str)
            else self._paper_date(course[key])
            for key in dates
        }
