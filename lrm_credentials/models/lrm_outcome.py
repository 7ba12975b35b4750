from odoo import api, fields, models


class LrmOutcome(models.Model):
    _name = "lrm.outcome"
    _description = "Outcome"
    _order = "code_list, sequence, code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, help="As reported, for example 20 or 51.")
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code_list = fields.Selection(
        selection=[
            ("national", "AVETMISS national"),
            ("wa", "Western Australia"),
            ("generic", "Generic"),
        ],
        required=True,
        default="generic",
    )
    is_competent = fields.Boolean(
        string="Counts as Competent",
        help="Units with this outcome are printed on statements of attainment and "
        "count towards a qualification.",
    )
    is_credit_transfer = fields.Boolean(
        string="Credit Transfer",
        help="Another organisation has assessed it: 60 in the national list, 09 in "
        "Western Australia.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code_list, code)", "This outcome code is already on the list."
    )

    @api.depends("code", "name", "code_list")
    def _compute_display_name(self):
        for outcome in self:
            outcome.display_name = (
                outcome.name
                if outcome.code_list == "generic"
                else f"{outcome.code} {outcome.name}"
            )
