from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..seal import check_sealed

# They follow from the enrolment and the unit; the ORM would let anyone write them.
ENROLMENT_FIELDS = {"partner_id", "offer_id", "company_id", "unit_code"}


class LrmUnitEnrolment(models.Model):
    _name = "lrm.unit.enrolment"
    _description = "Unit Enrolment"
    _order = "enrolment_id, unit_code, id"
    _check_company_auto = True

    enrolment_id = fields.Many2one(
        comodel_name="lrm.course.enrolment",
        required=True,
        ondelete="cascade",
        index=True,
    )
    unit_id = fields.Many2one(
        comodel_name="lrm.unit",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    unit_code = fields.Char(related="unit_id.code", store=True)
    partner_id = fields.Many2one(
        related="enrolment_id.partner_id", store=True, string="Learner"
    )
    offer_id = fields.Many2one(related="enrolment_id.offer_id", store=True, index=True)
    company_id = fields.Many2one(
        related="enrolment_id.company_id", store=True, index=True
    )
    outcome_id = fields.Many2one(
        comodel_name="lrm.outcome",
        ondelete="restrict",
        domain="[('code_list', '=', outcome_list)]",
    )
    outcome_list = fields.Selection(related="company_id.lrm_outcome_list")
    date_start = fields.Date(string="Start Date")
    date_end = fields.Date(
        string="End Date", help="The day on which the outcome was decided."
    )
    language = fields.Char(
        compute="_compute_language",
        store=True,
        readonly=False,
        help="Only when delivered and assessed in a language other than English.",
    )

    _unit_uniq = models.Constraint(
        "UNIQUE(enrolment_id, unit_id)", "Each unit can be on an enrolment only once."
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_end >= date_start)", "A unit cannot end before it starts."
    )

    @api.constrains("outcome_id")
    def _check_outcome_list(self):
        """Only when it changes: an office may change to another list later."""
        for unit in self:
            if unit.outcome_id and unit.outcome_id.code_list != unit.outcome_list:
                raise ValidationError(
                    self.env._(
                        "%(outcome)s is not on the outcome list of %(company)s: choose "
                        "another one.",
                        outcome=unit.outcome_id.display_name,
                        company=unit.company_id.name,
                    )
                )

    @api.depends("enrolment_id")
    def _compute_language(self):
        for unit in self:
            unit.language = unit.language or unit.enrolment_id.offer_id.language

    @api.depends("unit_id", "enrolment_id")
    def _compute_display_name(self):
        for unit in self:
            unit.display_name = (
                f"{unit.unit_id.code or ''} – {unit.partner_id.name or ''}"
            )

    def write(self, vals):
        check_sealed(self, vals, ENROLMENT_FIELDS)
        return super().write(vals)

    def action_assess(self):
        """Open the wizard that sets one outcome for the ticked units."""
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Tick the units first."))
        if len(self.company_id) > 1:
            raise UserError(self.env._("Tick units of one company at a time."))
        return self.env["lrm.unit.enrolment.assess"]._action_open(self)

    @api.model
    def get_import_templates(self):
        """Return the file to fill in that Odoo's import offers."""
        return [
            {
                "label": self.env._("Import Template for Unit Outcomes"),
                "template": "/lrm_credentials/static/xls/outcomes.xlsx",
            }
        ]

    def _load_records_create(self, vals_list):
        """Give imported outcomes to the units that enrolments have already.

        They are proposed from the course, so that the file could only repeat them.
        """
        enrolment_ids = [vals.get("enrolment_id") for vals in vals_list]
        units = self.search([("enrolment_id", "in", enrolment_ids)])
        known = {(unit.enrolment_id.id, unit.unit_id.id): unit for unit in units}
        keys = [(vals.get("enrolment_id"), vals.get("unit_id")) for vals in vals_list]
        new = [
            vals for key, vals in zip(keys, vals_list, strict=True) if key not in known
        ]
        created = iter(super()._load_records_create(new))
        records = self.browse()
        for key, vals in zip(keys, vals_list, strict=True):
            if key in known:
                known[key].write(vals)
            records += known.get(key) or next(created)
        return records

    def _competent(self):
        """Return the unit enrolments whose outcome counts as competent."""
        return self.filtered("outcome_id.is_competent")
