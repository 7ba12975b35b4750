from odoo import api, fields, models


class LrmUnit(models.Model):
    _name = "lrm.unit"
    _description = "Unit of Competency"
    _order = "code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    code = fields.Char(required=True)
    name = fields.Char(string="Title", required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", help="Leave empty to share with all companies."
    )
    course_ids = fields.Many2many(comodel_name="lrm.course", string="Courses")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A unit with this code already exists."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for unit in self:
            unit.display_name = f"{unit.code} {unit.name}"

    @api.model
    def get_import_templates(self):
        """Return the file to fill in that Odoo's import offers."""
        return [
            {
                "label": self.env._("Import Template for Units"),
                "template": "/lrm_credentials/static/xls/units.xlsx",
            }
        ]
