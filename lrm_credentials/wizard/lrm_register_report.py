import base64
from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..report.register import register_book
from ..report.register_content import RegisterContent

REPORT_ACTIONS = {
    "0323": "lrm_credentials.lrm_credential_action_0323",
    "0411": "lrm_credentials.lrm_credential_action_0411",
    "regulator": "lrm_credentials.lrm_credential_action_0323",
}
PRINT_LIMIT = 10000  # credentials on paper; a workbook takes any number


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
        period = self._period_domain(self.period_of)
        if self.report == "regulator":  # what was cancelled meanwhile too
            period |= self._period_domain("cancelled_at")
        return domain & period

    def _period_domain(self, name):
        """Return what lies in the period by its date or moment `name`."""
        domain = Domain.TRUE
        if self.date_from:
            domain &= Domain(name, ">=", self._bound(name, self.date_from, False))
        if self.date_to:
            domain &= Domain(name, "<=", self._bound(name, self.date_to, True))
        return domain

    def _bound(self, name, date, is_end):
        """Return `date`, or for moments its first or last one where the user is."""
        if name == "credential_date":
            return date
        zone = pytz.timezone(self.env.user.tz or "UTC")
        moment = datetime.combine(date, time.max if is_end else time.min)
        return zone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)

    def _companies(self):
        """Return the companies that the report is about."""
        return self.company_id or self.env.companies

    def _workbook(self):
        """Return the report as an Excel workbook (bytes)."""
        content = RegisterContent(self)
        return register_book(
            content.credentials()._register_rows(),
            content.totals(),
            content.facts(),
            content.scope(),
        )
