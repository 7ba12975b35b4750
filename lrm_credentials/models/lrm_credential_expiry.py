from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..seal import with_seal

# Nationally recognised documents do not expire (AQF): at most a refresh is recommended.
AQF_TYPES = ("certificate", "statement")
REMIND_AT_ONCE = 500


class LrmCredential(models.Model):
    """How long a credential is good for. A date that is compared, never a status."""

    _inherit = "lrm.credential"

    expiry_date = fields.Date(
        string="Valid Until",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Printed on the document. Follows from the credential date and the "
        "validity of the template when it was issued.",
    )
    expiry_note = fields.Char(string="Validity", compute="_compute_expiry_note")
    expiry_reminded_on = fields.Date(
        string="Reminded of Expiry", readonly=True, copy=False
    )

    @api.depends("expiry_date", "document_data")
    @api.depends_context("lang", "tz")
    def _compute_expiry_note(self):
        for credential in self:
            credential.expiry_note = credential._expiry_note()

    def _document_text(self, template, language):
        expiry_date = self._planned_expiry_date()
        return super()._document_text(template, language) | {
            "expiry_date": self._iso(expiry_date),
            "is_refresh_date": bool(expiry_date) and self._is_nationally_recognised(),
        }

    def _planned_expiry_date(self):
        """Return until when this credential would be valid, False for ever.

        A replacement is valid as long as what it replaces.
        """
        self.ensure_one()
        if self.replaces_id.expiry_date:
            return self.replaces_id.expiry_date
        months = self.template_id.validity_months
        return bool(months) and self.credential_date + relativedelta(months=months)

    def _is_nationally_recognised(self):
        return (
            self.company_id.lrm_profile == "au_vet"
            and self.course_id.kind != "short"
            and self.credential_type in AQF_TYPES
        )

    def _expiry_note(self):
        """Return the sentence about how long this credential is good for, maybe empty.

        For the portal and the verification page. Says what the document says.
        """
        self.ensure_one()
        if not self.expiry_date:
            return ""
        is_over = self._is_expired()
        date = format_date(self.env, self.expiry_date, date_format="d MMMM yyyy")
        if self._is_refresh():
            return (
                self.env._("The recommended refresh date passed on %s.", date)
                if is_over
                else self.env._("Refresh is recommended by %s.", date)
            )
        return (
            self.env._("Expired on %s.", date)
            if is_over
            else self.env._("Valid until %s.", date)
        )

    def _is_refresh(self):
        """Tell whether the date is a recommendation, as the document says it."""
        if document := self.document_data:
            return document.get("is_refresh_date", False)
        return self._is_nationally_recognised()  # the document was erased

    def _is_expired(self):
        today = fields.Date.context_today(self)
        return bool(self.expiry_date) and self.expiry_date < today

    def _verification_notes(self):
        note = self._expiry_note()
        return super()._verification_notes() + ([note] if note else [])

    def _is_over(self):
        """Tell whether it has expired, other than by a date that only recommends."""
        return self._is_expired() and not self._is_refresh()

    def _verification_answer(self):
        return super()._verification_answer() | {"is_expired": self._is_over()}

    # ------------------------------------------------------------ reminders

    @api.model
    def _remind_of_expiry(self):
        """Remind learners and the office of what expires soon, once for each.

        Called daily by the scheduled action.
        """
        companies = self.env["res.company"].search([("lrm_expiry_days", ">", 0)])
        for company in companies:
            expiring = self.search(
                self._expiring_domain(company), limit=REMIND_AT_ONCE, order="id"
            )
            expiring._without_renewed()._remind()
            # Of renewed ones too, or they would be found in the place of others. Issued
            # credentials are writable by nobody.
            today = fields.Date.context_today(self)
            with_seal(expiring).sudo().write({"expiry_reminded_on": today})
            if len(expiring) == REMIND_AT_ONCE:
                self.env.ref("lrm_credentials.ir_cron_remind_of_expiry")._trigger()

    @api.model
    def _expiring_domain(self, company):
        today = fields.Date.context_today(self)
        return [
            ("company_id", "=", company.id),
            ("state", "=", "issued"),
            ("is_test", "=", False),
            ("expiry_date", ">=", today),
            ("expiry_date", "<=", today + timedelta(days=company.lrm_expiry_days)),
            ("expiry_reminded_on", "=", False),
            ("partner_id.lrm_deceased", "=", False),
            ("replaced_by_ids", "not any", [("state", "=", "issued")]),
        ]

    def _without_renewed(self):
        """Return those of `self` whose learner has no later one of the same kind."""
        latest = self._read_group(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("state", "=", "issued"),
                ("is_test", "=", False),
            ],
            ["partner_id", "course_id", "template_id"],
            ["expiry_date:max"],
        )
        latest = {tuple(key): date for *key, date in latest}
        return self.filtered(
            lambda c: c.expiry_date == latest[c.partner_id, c.course_id, c.template_id]
        )

    def _remind(self):
        """Remind of the expiry of `self`, which are of one company."""
        obstacles = {c.id: c._recipient_obstacle() for c in self}
        template = self.env.ref(
            "lrm_credentials.mail_template_expiry", raise_if_not_found=False
        )
        reachable = self.filtered(lambda c: not obstacles[c.id])
        if template and reachable:
            reachable._queue_emails(template, "auto_comment")
        self._plan_renewal(obstacles)

    def _plan_renewal(self, obstacles):
        """Give the responsible an activity for each of `self`.

        :param obstacles: {credential id: why the learner was not e-mailed, or None}
        """
        model = self.env["ir.model"]._get(self._name)
        activity_type = self.env.ref(
            "mail.mail_activity_data_todo", raise_if_not_found=False
        )
        # Without an e-mail for each of them: there may be hundreds.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model.id,
                    "res_id": credential.id,
                    "activity_type_id": activity_type and activity_type.id,
                    "summary": credential.expiry_note,
                    "note": obstacles[credential.id]
                    and self.env._("Not e-mailed: %s", obstacles[credential.id]),
                    "date_deadline": credential.expiry_date,
                    "user_id": user.id,
                }
                for credential in self
                if (user := credential._expiry_responsible())
            ]
        )

    def _expiry_responsible(self):
        """Return who in the office looks after this renewal, maybe nobody."""
        users = self.company_id.lrm_expiry_user_id + self.issued_by_id
        return users.filtered(
            lambda user: user.active
            and user.has_group("lrm_credentials.group_lrm_user")
            and self.company_id in user.company_ids
        )[:1]
