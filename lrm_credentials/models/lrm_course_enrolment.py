from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..kept import needed
from ..seal import check_sealed, with_seal

PARCHMENT_FIELDS = {"qual_issued", "parchment_number", "qual_issued_date"}
# They follow from the offer; the ORM would let anyone write them.
OFFER_FIELDS = {"course_id", "company_id"}


class LrmCourseEnrolment(models.Model):
    _name = "lrm.course.enrolment"
    _description = "Course Enrolment"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_names_search = ["partner_id.name", "partner_id.lrm_learner_number"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Learner",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('is_company', '=', False)]",
        check_company=True,
    )
    learner_number = fields.Char(related="partner_id.lrm_learner_number")
    offer_id = fields.Many2one(
        comodel_name="lrm.course.offer",
        string="Course Offer",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    course_id = fields.Many2one(related="offer_id.course_id", store=True, index=True)
    company_id = fields.Many2one(
        related="offer_id.company_id", store=True, index=True, ondelete="restrict"
    )
    is_test = fields.Boolean(related="offer_id.is_test")
    state = fields.Selection(
        selection=[
            ("enrolled", "Enrolled"),
            ("completion_pending", "Completion Pending"),
            ("completed", "Completed"),
            ("withdrawn", "Withdrawn"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        default="enrolled",
        index=True,
        tracking=True,
    )
    date_start = fields.Date(
        string="Start Date", compute="_compute_dates", store=True, readonly=False
    )
    date_end = fields.Date(
        string="End Date", compute="_compute_dates", store=True, readonly=False
    )
    date_completed = fields.Date(
        string="Completed On",
        compute="_compute_date_completed",
        store=True,
        precompute=True,
        readonly=False,
    )
    date_withdrawn = fields.Date(
        string="Withdrawn On",
        compute="_compute_date_withdrawn",
        store=True,
        precompute=True,
        readonly=False,
    )
    hold = fields.Boolean(
        string="On Hold", tracking=True, help="No credential may be issued, see reason."
    )
    hold_reason = fields.Char(help="For example: fees outstanding.")
    is_apprenticeship = fields.Boolean(
        string="Australian Apprenticeship",
        help="The certificate then says that the qualification was achieved through "
        "Australian Apprenticeship arrangements.",
    )
    unit_enrolment_ids = fields.One2many(
        comodel_name="lrm.unit.enrolment",
        inverse_name="enrolment_id",
        string="Units",
        compute="_compute_unit_enrolment_ids",
        store=True,
        readonly=False,
    )
    competent_count = fields.Char(
        string="Competent Units", compute="_compute_competent_count"
    )
    qual_issued = fields.Boolean(readonly=True, copy=False)
    parchment_number = fields.Char(readonly=True, copy=False, index="btree_not_null")
    qual_issued_date = fields.Date(string="Issued Date", readonly=True, copy=False)
    credential_ids = fields.One2many(
        comodel_name="lrm.credential", inverse_name="enrolment_id"
    )
    credential_count = fields.Integer(compute="_compute_credential_count")

    _learner_offer_uniq = models.Constraint(
        "UNIQUE(partner_id, offer_id)",
        "This learner is already enrolled in this course offer.",
    )
    # Parchment number and date are reported together or not at all
    # (AVETMISS NAT00130: neither may be blank when the other is not).
    _parchment_complete = models.Constraint(
        "CHECK((qual_issued IS TRUE) = (parchment_number IS NOT NULL)"
        " AND (qual_issued IS TRUE) = (qual_issued_date IS NOT NULL))",
        "Qual Issued, Parchment Number and Issued Date go together.",
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_end >= date_start)", "An enrolment cannot end before it starts."
    )
    _completed_has_date = models.Constraint(
        "CHECK(state != 'completed' OR date_completed IS NOT NULL)",
        "Say when the course was completed.",
    )
    _hold_reason_required = models.Constraint(
        "CHECK(hold IS NOT TRUE OR hold_reason IS NOT NULL)",
        "Say why this enrolment is on hold.",
    )

    @api.depends("offer_id")
    def _compute_dates(self):
        for enrolment in self:
            offer = enrolment.offer_id
            enrolment.date_start = enrolment.date_start or offer.date_start
            enrolment.date_end = enrolment.date_end or offer.date_end

    @api.depends("state")
    def _compute_date_completed(self):
        """Propose the day of the last competent unit, today at the latest."""
        for enrolment in self:
            if enrolment.state != "completed":
                enrolment.date_completed = False
            elif not enrolment.date_completed:
                today = fields.Date.context_today(enrolment)
                ends = enrolment.unit_enrolment_ids._competent().mapped("date_end")
                last = max(filter(None, ends), default=today)
                enrolment.date_completed = min(last, today)

    @api.depends("state")
    def _compute_date_withdrawn(self):
        for enrolment in self:
            enrolment.date_withdrawn = enrolment.state == "withdrawn" and (
                enrolment.date_withdrawn or fields.Date.context_today(enrolment)
            )

    @api.depends("offer_id")
    def _compute_unit_enrolment_ids(self):
        """Propose the course's units to enrolments that have none."""
        for enrolment in self:
            if not enrolment.unit_enrolment_ids and enrolment.offer_id:
                enrolment.unit_enrolment_ids = [
                    Command.create({"unit_id": unit.id})
                    for unit in enrolment.offer_id.course_id.unit_ids
                ]

    @api.depends("unit_enrolment_ids.outcome_id.is_competent")
    def _compute_competent_count(self):
        for enrolment in self:
            units = enrolment.unit_enrolment_ids
            enrolment.competent_count = f"{len(units._competent())}/{len(units)}"

    @api.depends("credential_ids")
    def _compute_credential_count(self):
        for enrolment in self:
            enrolment.credential_count = len(enrolment.credential_ids)

    @api.depends("partner_id", "offer_id")
    def _compute_display_name(self):
        for enrolment in self:
            enrolment.display_name = (
                f"{enrolment.partner_id.name or ''} – {enrolment.offer_id.code or ''}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_sealed(self, vals, PARCHMENT_FIELDS)
            vals.update(dict.fromkeys(PARCHMENT_FIELDS, False))  # whatever the context
        enrolments = super().create(vals_list)
        enrolments._mark_clients()
        return enrolments

    def write(self, vals):
        check_sealed(self, vals, PARCHMENT_FIELDS | OFFER_FIELDS)
        if {"partner_id", "offer_id"} & vals.keys():
            self._check_may_move(vals)
        result = super().write(vals)
        if "partner_id" in vals:
            self._mark_clients()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_credentials(self):
        if kept := needed(self, "lrm.credential", "enrolment_id"):
            raise UserError(
                self.env._(
                    "%s has credentials: it cannot be deleted. Requests for it can "
                    "be deleted first.",
                    kept.display_name,
                )
            )

    def _mark_clients(self):
        """Whoever is enrolled is an LRM client, with a learner number."""
        new = self.partner_id.filtered(lambda partner: not partner.is_lrm_client)
        new.write({"is_lrm_client": True})

    def _check_may_move(self, vals):
        """Refuse to give to others an enrolment that a document names.

        Nor may a request move between a real and a dummy offer, as its number says
        which, or to another company, whose officer does not sign it.
        """
        offer = self.env["lrm.course.offer"].browse(vals.get("offer_id", []))
        fixed = self.credential_ids.filtered(
            lambda credential: credential.state != "requested"
            or (offer and offer.is_test != credential.is_test)
            or (offer and offer.company_id != credential.company_id)
        )
        if fixed:
            raise UserError(
                self.env._(
                    "%(enrolment)s has credentials: its learner and course offer can "
                    "no longer be changed like this.",
                    enrolment=fixed[0].enrolment_id.display_name,
                )
            )

    @api.model
    def get_import_templates(self):
        """Return the file to fill in that Odoo's import offers."""
        return [
            {
                "label": self.env._("Import Template for Enrolments"),
                "template": "/lrm_credentials/static/xls/enrolments.xlsx",
            }
        ]

    def action_complete(self):
        """Set the ticked enrolments that are under way to Completed.

        :raise UserError: when none of them is
        """
        under_way = self.filtered(
            lambda enrolment: enrolment.state in ("enrolled", "completion_pending")
        )
        if not under_way:
            raise UserError(
                self.env._("Tick enrolments that are under way: none of these is.")
            )
        under_way.write({"state": "completed"})

    def action_request_credential(self):
        """Open the request of credentials for the ticked enrolments."""
        return self.env["lrm.credential.request"]._action_open(self)

    def action_view_credentials(self):
        """Open the credentials of this enrolment; New requests another one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_credential_action_of_enrolment"
        )
        return action | {
            "display_name": self.env._("Credentials of %s", self.display_name),
            "domain": [("enrolment_id", "=", self.id)],
            "context": {"default_enrolment_id": self.id},
        }

    def _set_parchment(self, number, date):
        """Record the final qualification on one enrolment.

        :param number: the credential's number, printed as the parchment number
        :param date: date on which the qualification was issued
        """
        self.ensure_one()
        with_seal(self).write(
            {"qual_issued": True, "parchment_number": number, "qual_issued_date": date}
        )

    def _clear_parchment(self):
        with_seal(self).write(dict.fromkeys(PARCHMENT_FIELDS, False))
