from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

DAYS = 30
REMIND_DAYS = 7  # before it is due
REMIND_AT_ONCE = 500


class LrmCourseEnrolment(models.Model):
    """The 30 days in which an RTO has to issue what a learner has earned.

    Compliance Standards 2025, s9(2): within 30 calendar days from the completion of the
    assessment, to whoever has completed the course, or some of its units and withdrawn,
    and has paid. A hold, for whatever reason, stops the clock: while it lasts nothing
    is due, and its days do not count.
    """

    _name = "lrm.course.enrolment"
    _inherit = ["lrm.course.enrolment", "mail.activity.mixin"]

    hold_since = fields.Date(
        string="On Hold Since", tracking=True, help="Set when the hold begins."
    )
    hold_days = fields.Integer(
        string="Days on Hold",
        copy=False,
        tracking=True,
        help="After the last assessment, of holds that are over. They move the date by "
        "which the credential is due.",
    )
    date_assessed = fields.Date(
        string="Last Assessed",
        compute="_compute_credential_due_date",
        store=True,
        help="When the last competent unit ended.",
    )
    credential_due_date = fields.Date(
        string="Credential Due",
        compute="_compute_credential_due_date",
        store=True,
        index="btree_not_null",
        help="30 days after the last competent unit ended, once the course is over "
        "or the learner has withdrawn (Compliance Standards 2025, s9(2)). Days on hold "
        "do not count; while on hold nothing is due.",
    )
    is_credential_met = fields.Boolean(
        string="Credential Issued",
        compute="_compute_is_credential_met",
        store=True,
        help="A certificate, or a statement not older than the last assessment, is "
        "issued and not cancelled.",
    )
    is_credential_overdue = fields.Boolean(
        string="Credential Overdue",
        compute="_compute_is_credential_overdue",
        search="_search_is_credential_overdue",
    )
    company_profile = fields.Selection(related="company_id.lrm_profile")
    due_reminded_on = fields.Date(
        string="Reminded of the Due Date", readonly=True, copy=False
    )

    _hold_days_positive = models.Constraint(
        "CHECK(hold_days >= 0)", "Days on hold cannot be negative."
    )

    @api.depends(
        "state",
        "hold",
        "hold_days",
        "date_completed",
        "date_withdrawn",
        "course_id.kind",
        "offer_id.is_test",
        "unit_enrolment_ids.date_end",
        "unit_enrolment_ids.outcome_id.is_competent",
    )
    def _compute_credential_due_date(self):
        for enrolment in self:
            enrolment.date_assessed = enrolment._last_assessed()
            enrolment.credential_due_date = (
                not enrolment.hold
                and enrolment._is_entitled()
                and enrolment.date_assessed + timedelta(days=DAYS + enrolment.hold_days)
            )

    def _last_assessed(self):
        """Return when the last competent unit ended, False if there is none.

        Units without an end date ended with the enrolment.
        """
        competent = self.unit_enrolment_ids._competent()
        dates = list(filter(None, competent.mapped("date_end")))
        return bool(competent) and (
            max(dates, default=self.date_completed or self.date_withdrawn)
        )

    def _is_entitled(self):
        """Tell whether the learner has earned AQF certification, paid or not.

        Cancelled enrolments are of the withdrawn family.
        """
        return bool(
            self.date_assessed
            and self.state in ("completed", "withdrawn", "cancelled")
            and self.course_id.kind != "short"
            and not self.is_test
        )

    @api.depends(
        "date_assessed",
        "credential_ids.state",
        "credential_ids.is_test",
        "credential_ids.credential_date",
        "credential_ids.template_id.credential_type",
    )
    def _compute_is_credential_met(self):
        for enrolment in self:
            enrolment.is_credential_met = any(
                credential.state == "issued"
                and not credential.is_test
                and enrolment._is_met_by(credential)
                for credential in enrolment.credential_ids
            )

    def _is_met_by(self, credential):
        """Tell whether `credential`, issued, says all that the learner has earned.

        An interim statement, older than the last assessment, does not.
        """
        if credential.template_id.credential_type == "statement":
            return (
                not self.date_assessed
                or credential.credential_date >= self.date_assessed
            )
        return credential.template_id.credential_type == "certificate"

    @api.depends("credential_due_date", "is_credential_met", "company_id.lrm_profile")
    def _compute_is_credential_overdue(self):
        today = fields.Date.context_today(self)
        for enrolment in self:
            enrolment.is_credential_overdue = (
                enrolment.company_id.lrm_profile == "au_vet"
                and not enrolment.is_credential_met
                and bool(enrolment.credential_due_date)
                and enrolment.credential_due_date < today
            )

    def _search_is_credential_overdue(self, operator, value):
        if operator != "in" or False in value:
            return NotImplemented
        return self._due_domain(("<", fields.Date.context_today(self)))

    @api.model
    def _due_domain(self, *limits):
        """Return the domain of what is due and not issued.

        :param limits: (operator, date) that the due date must satisfy
        """
        return [
            ("company_id.lrm_profile", "=", "au_vet"),
            ("is_credential_met", "=", False),
            ("credential_due_date", "!=", False),
            *(("credential_due_date", *limit) for limit in limits),
        ]

    @api.model_create_multi
    def create(self, vals_list):
        today = fields.Date.context_today(self)
        for vals in vals_list:
            if vals.get("hold"):
                vals.setdefault("hold_since", today)
        return super().create(vals_list)

    def write(self, vals):
        if "hold" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda enrolment: enrolment.hold != bool(vals["hold"]))
        days = {} if vals["hold"] else changed._days_held()
        if changed:
            since = bool(vals["hold"]) and fields.Date.context_today(self)
            super(LrmCourseEnrolment, changed).write({"hold_since": since} | vals)
        super(LrmCourseEnrolment, self - changed).write(vals)
        for total, enrolments in days.items():
            super(LrmCourseEnrolment, enrolments).write({"hold_days": total})
        return True

    def _days_held(self):
        """Return {days on hold: enrolments} as of today, when the hold of `self` ends.

        Only days after the last assessment count: the clock did not run before.
        """
        today = fields.Date.context_today(self)

        def total(enrolment):
            since = enrolment.hold_since or today
            since = max(since, enrolment.date_assessed or since)
            return enrolment.hold_days + max(0, (today - since).days)

        return self.grouped(total)

    # ------------------------------------------------------------ reminders

    @api.model
    def _remind_of_due(self):
        """Give the responsible activities for what is soon due, and end those for what
        has been issued.

        Called daily by the scheduled action.
        """
        self._end_reminders()
        soon = fields.Date.context_today(self) + timedelta(days=REMIND_DAYS)
        companies = self.env["res.company"].search(
            [("lrm_profile", "=", "au_vet"), ("lrm_clock_user_id", "!=", False)]
        )
        for company in companies.filtered(self._has_responsible):
            due = self.search(
                [
                    *self._due_domain(("<=", soon)),
                    ("company_id", "=", company.id),
                    ("due_reminded_on", "=", False),
                ],
                limit=REMIND_AT_ONCE,
                order="credential_due_date, id",
            )
            due._plan_issue(company.lrm_clock_user_id)
            due.with_context(tracking_disable=True).write(
                {"due_reminded_on": fields.Date.context_today(self)}
            )
            if len(due) == REMIND_AT_ONCE:
                self.env.ref("lrm_credentials.ir_cron_remind_of_due")._trigger()

    @api.model
    def _has_responsible(self, company):
        """Tell whether the responsible of `company` is there and may do anything."""
        user = company.lrm_clock_user_id
        return (
            user.active
            and user.has_group("lrm_credentials.group_lrm_user")
            and company in user.company_ids
        )

    def _plan_issue(self, user):
        """Give `user` an activity for each of `self`."""
        activity_type = self._due_activity_type()
        self.mapped("display_name")  # activities keep it, and would ask one by one
        # Without an e-mail for each of them: there may be hundreds.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": enrolment.id,
                    "activity_type_id": activity_type.id,
                    "summary": self.env._("Issue the credential"),
                    "date_deadline": enrolment.credential_due_date,
                    "user_id": user.id,
                }
                for enrolment in self
            ]
        )

    @api.model
    def _end_reminders(self):
        """Delete the activities whose credential has been issued by now."""
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("activity_type_id", "=", self._due_activity_type().id),
                ("activity_type_id", "!=", False),
            ]
        )
        enrolments = self.browse(activities.mapped("res_id")).exists()
        met = set(enrolments.filtered("is_credential_met").ids)
        activities.filtered(lambda activity: activity.res_id in met).unlink()
        # Should what was issued be cancelled, it is due again.
        served = Domain("due_reminded_on", "!=", False)
        served &= Domain("is_credential_met", "=", True)
        self.search(served).with_context(tracking_disable=True).write(
            {"due_reminded_on": False}
        )

    @api.model
    def _due_activity_type(self):
        """Return the type of these activities, none when somebody has deleted it."""
        return (
            self.env.ref("lrm_credentials.activity_type_due", raise_if_not_found=False)
            or self.env["mail.activity.type"]
        )
