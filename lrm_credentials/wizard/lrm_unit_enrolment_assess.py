from odoo import api, fields, models


class LrmUnitEnrolmentAssess(models.TransientModel):
    _name = "lrm.unit.enrolment.assess"
    _description = "Set the Outcome of Units"

    unit_enrolment_ids = fields.Many2many(
        comodel_name="lrm.unit.enrolment", string="Units", required=True
    )
    unit_count = fields.Integer(string="Selected Units", compute="_compute_unit_count")
    outcome_list = fields.Char(compute="_compute_unit_count")
    outcome_id = fields.Many2one(
        comodel_name="lrm.outcome",
        required=True,
        domain="[('code_list', '=', outcome_list)]",
    )
    date_end = fields.Date(
        string="End Date",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        help="The day on which the outcome was decided. Empty: dates stay as they are.",
    )

    @api.depends("unit_enrolment_ids")
    def _compute_unit_count(self):
        for wizard in self:
            wizard.unit_count = len(wizard.unit_enrolment_ids)
            wizard.outcome_list = wizard.unit_enrolment_ids[:1].outcome_list

    @api.depends("unit_enrolment_ids")
    def _compute_date_end(self):
        """Propose the end of the course offer, if that is one and over."""
        today = fields.Date.context_today(self)
        for wizard in self:
            ends = set(wizard.unit_enrolment_ids.offer_id.mapped("date_end"))
            end = ends.pop() if len(ends) == 1 else False
            wizard.date_end = min(end, today) if end else today

    @api.model
    def _action_open(self, unit_enrolments):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Outcome"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_unit_enrolment_ids": unit_enrolments.ids},
        }

    def action_assess(self):
        """Set the outcome, and the end date if there is one, of all the units."""
        self.ensure_one()
        values = {"outcome_id": self.outcome_id.id}
        if self.date_end:
            values["date_end"] = self.date_end
        self.unit_enrolment_ids.write(values)
        return {"type": "ir.actions.act_window_close"}
