from odoo import api, fields, models
from odoo.fields import Command

from .notification import notification


class LrmCourseOfferEnrol(models.TransientModel):
    _name = "lrm.course.offer.enrol"
    _description = "Enrol Clients in a Course Offer"

    offer_id = fields.Many2one(
        comodel_name="lrm.course.offer", string="Course Offer", required=True
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Clients",
        required=True,
        domain="[('is_company', '=', False)]",
    )
    unit_ids = fields.Many2many(
        comodel_name="lrm.unit",
        string="Units",
        compute="_compute_unit_ids",
        store=True,
        readonly=False,
        help="Each client is enrolled in these units. Proposed from the course.",
    )
    date_start = fields.Date(
        string="Start Date", compute="_compute_date_start", store=True, readonly=False
    )

    @api.depends("offer_id")
    def _compute_unit_ids(self):
        for wizard in self:
            wizard.unit_ids = wizard.offer_id.course_id.unit_ids

    @api.depends("offer_id")
    def _compute_date_start(self):
        for wizard in self:
            wizard.date_start = wizard.offer_id.date_start

    @api.model
    def _action_open(self, offer=None, partners=None):
        context = {
            "default_offer_id": offer.id if offer else False,
            "default_partner_ids": partners.ids if partners else [],
        }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enrol Clients"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def action_enrol(self):
        """Enrol the clients and open the enrolments of the offer.

        Whoever is enrolled in it already is named and left as they are.
        """
        self.ensure_one()
        enrolled = self.offer_id.enrolment_ids.partner_id & self.partner_ids
        new = self.partner_ids - enrolled
        self.env["lrm.course.enrolment"].create(
            [
                {
                    "partner_id": partner.id,
                    "offer_id": self.offer_id.id,
                    "date_start": self.date_start,
                    "unit_enrolment_ids": [
                        Command.create(
                            {"unit_id": unit.id, "date_start": self.date_start}
                        )
                        for unit in self.unit_ids
                    ],
                }
                for partner in new
            ]
        )
        message = self.env._("Enrolled: %s.", len(new))
        if enrolled:
            names = ", ".join(enrolled.mapped("name"))
            message += " " + self.env._("Enrolled already: %s.", names)
        after = self.offer_id.action_view_enrolments()
        return notification(message, after, is_warning=bool(enrolled))
