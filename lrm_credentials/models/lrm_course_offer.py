from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kept import needed


class LrmCourseOffer(models.Model):
    _name = "lrm.course.offer"
    _description = "Course Offer"
    _order = "date_start desc, code"
    _rec_names_search = ["code", "name", "course_id.code", "course_id.name"]
    _check_company_auto = True

    code = fields.Char(required=True)
    name = fields.Char(string="Description")
    course_id = fields.Many2one(
        comodel_name="lrm.course",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
        index=True,
    )
    date_start = fields.Date(string="Start Date")
    date_end = fields.Date(string="End Date")
    language = fields.Char(
        string="Delivery Language",
        help="Only when units were delivered and assessed in a language other than "
        "English, for example Vietnamese: the documents then say so.",
    )
    is_test = fields.Boolean(
        string="Dummy Offer",
        help="For trying things out: credentials are marked SAMPLE, have their own "
        "numbers, stay out of the ledger and the reports, and can be deleted. "
        "Fixed once a credential has been requested.",
    )
    active = fields.Boolean(default=True)
    enrolment_ids = fields.One2many(
        comodel_name="lrm.course.enrolment", inverse_name="offer_id"
    )
    enrolment_count = fields.Integer(compute="_compute_enrolment_count")
    credential_count = fields.Integer(compute="_compute_credential_count")

    _code_uniq = models.Constraint(
        "UNIQUE(company_id, code)", "A course offer with this code already exists."
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_end >= date_start)", "A course offer cannot end before it starts."
    )

    @api.depends("enrolment_ids")
    def _compute_enrolment_count(self):
        counts = dict(
            self.env["lrm.course.enrolment"]._read_group(
                [("offer_id", "in", self.ids)], ["offer_id"], ["__count"]
            )
        )
        for offer in self:
            offer.enrolment_count = counts.get(offer, 0)

    @api.depends("enrolment_ids.credential_ids")
    def _compute_credential_count(self):
        counts = dict(
            self.env["lrm.credential"]._read_group(
                [("offer_id", "in", self.ids)], ["offer_id"], ["__count"]
            )
        )
        for offer in self:
            offer.credential_count = counts.get(offer, 0)

    @api.depends("code", "name", "course_id")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = f"{offer.code} {offer.name or offer.course_id.name}"

    def write(self, vals):
        fixed = {"is_test", "course_id", "company_id"} & vals.keys()
        if fixed:
            self._check_no_credential_depends_on(vals, fixed)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_enrolments(self):
        if kept := needed(self, "lrm.course.enrolment", "offer_id"):
            raise UserError(
                self.env._(
                    "%s has enrolments: it cannot be deleted. Archive it instead.",
                    kept.display_name,
                )
            )

    def _check_no_credential_depends_on(self, vals, fixed):
        """Refuse to change what the credentials of an offer rest on (rule 12)."""
        used = self.sudo().filtered("credential_count")  # of whichever company
        for offer in used:
            for name in fixed:
                field = self._fields[name]
                if field.convert_to_write(offer[name], offer) != vals[name]:
                    raise UserError(
                        self.env._(
                            "%(offer)s has credentials already, so its %(field)s can "
                            "no longer be changed. Create another course offer.",
                            offer=offer.display_name,
                            field=field._description_string(self.env),
                        )
                    )

    @api.model
    def get_import_templates(self):
        """Return the file to fill in that Odoo's import offers."""
        return [
            {
                "label": self.env._("Import Template for Course Offers"),
                "template": "/lrm_credentials/static/xls/offers.xlsx",
            }
        ]

    def action_view_enrolments(self):
        """Open the enrolments of this offer, ready to be ticked."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_course_enrolment_action_of_offer"
        )
        return action | {
            "display_name": self.env._("Enrolments of %s", self.display_name),
            "domain": [("offer_id", "=", self.id)],
            "context": {"default_offer_id": self.id},
        }

    def action_view_unit_enrolments(self):
        """Open all units of this offer's learners, to enter outcomes in bulk."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_unit_enrolment_action"
        )
        return action | {
            "domain": [("offer_id", "=", self.id)],
            "context": {"search_default_group_unit": 1},
        }

    def action_view_credentials(self):
        """Open the credentials of this offer, whatever their status."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_credential_action_of_enrolment"
        )
        return action | {
            "domain": [("offer_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_enrol(self):
        """Open the enrolment of clients in this offer."""
        self.ensure_one()
        self.check_access("read")
        return self.env["lrm.course.offer.enrol"]._action_open(offer=self)
