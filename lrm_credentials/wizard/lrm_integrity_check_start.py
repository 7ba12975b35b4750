from odoo import fields, models


class LrmIntegrityCheckStart(models.TransientModel):
    _name = "lrm.integrity.check.start"
    _description = "Check Integrity"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    earlier_copy = fields.Char(
        string="Compare with an Earlier Copy",
        help="The end of the ledger as it was copied or printed after an earlier "
        "check: a number and a hash. The check then says whether the ledger still "
        "contains exactly that entry.",
    )

    def action_check(self):
        """Check the ledger and show what was found."""
        self.ensure_one()
        check = self.env["lrm.integrity.check"]._check(
            self.company_id, self.earlier_copy
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": check._name,
            "res_id": check.id,
            "view_mode": "form",
        }
