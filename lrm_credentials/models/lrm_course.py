from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kept import needed


class LrmCourse(models.Model):
    _name = "lrm.course"
    _description = "Course"
    _order = "code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    code = fields.Char(required=True)
    name = fields.Char(string="Title", required=True)
    kind = fields.Selection(
        selection=[
            ("qualification", "Qualification"),
            ("skill_set", "Skill set"),
            ("accredited", "Accredited course"),
            ("unit", "Units of competency"),
            ("short", "Short course (not recognised)"),
        ],
        required=True,
        default="qualification",
        help="Decides which credentials the course can lead to.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", help="Leave empty to share with all companies."
    )
    unit_ids = fields.Many2many(
        comodel_name="lrm.unit",
        string="Units",
        check_company=True,
        help="Proposed to each new enrolment.",
    )
    packaging_count = fields.Integer(
        string="Units Required",
        help="How many competent units the packaging rules demand. 0: not checked.",
    )
    stream = fields.Char(
        help="Occupational or functional stream, printed in brackets after the title."
    )
    industry_descriptor = fields.Char(help="Printed under the title.")
    scope_from = fields.Date(string="On Scope From")
    scope_to = fields.Date(string="On Scope To")
    superseded_on = fields.Date()
    superseded_by_id = fields.Many2one(
        comodel_name="lrm.course", index="btree_not_null"
    )
    offer_ids = fields.One2many(
        comodel_name="lrm.course.offer", inverse_name="course_id", string="Offers"
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A course with this code already exists."
    )
    _packaging_count_positive = models.Constraint(
        "CHECK(packaging_count >= 0)", "Units Required cannot be negative."
    )
    _scope_ordered = models.Constraint(
        "CHECK(scope_to >= scope_from)",
        "A course cannot leave scope before entering it.",
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for course in self:
            course.display_name = f"{course.code} {course.name}"

    def action_view_credentials(self):
        """Open the credentials of this course, whatever their status."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_credential_action_of_enrolment"
        )
        return action | {
            "domain": [("course_id", "=", self.id)],
            "context": {"create": False},
        }

    @api.model
    def get_import_templates(self):
        """Return the file to fill in that Odoo's import offers."""
        return [
            {
                "label": self.env._("Import Template for Courses"),
                "template": "/lrm_credentials/static/xls/courses.xlsx",
            }
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_offers(self):
        if kept := needed(self, "lrm.course.offer", "course_id"):
            raise UserError(
                self.env._(
                    "%s has course offers: it cannot be deleted. Archive it instead.",
                    kept.display_name,
                )
            )
