from odoo import fields, models
from odoo.tools import SQL


class LrmRegisterHead(models.Model):
    """The end of one company's ledger: the row that whoever appends must hold.

    A row of its own, so that sealing never blocks other work on the company.
    """

    _name = "lrm.register.head"
    _description = "Register Head"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(string="Last Entry", readonly=True)
    hash = fields.Char(string="Last Hash", readonly=True)

    _company_uniq = models.Constraint(
        "UNIQUE(company_id)", "Each company has one ledger."
    )

    def _lock(self, companies):
        """Lock the ledgers of `companies` until the end of the transaction.

        The first thing that sealing does: everything after it, states included, is then
        decided by one transaction at a time.

        :return: {company: head}; in superuser mode, for only the ledger writes here
        """
        self.flush_model()
        ids = tuple(sorted(companies.ids))
        self.env.cr.execute(
            SQL(
                """INSERT INTO lrm_register_head (company_id, sequence, hash)
                   SELECT id, 0, '' FROM res_company WHERE id IN %s
                   ON CONFLICT (company_id) DO NOTHING""",
                ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """SELECT id FROM lrm_register_head WHERE company_id IN %s
                   ORDER BY company_id FOR NO KEY UPDATE""",
                ids,
            )
        )
        heads_sudo = self.sudo().browse(row[0] for row in self.env.cr.fetchall())
        heads_sudo.invalidate_recordset()
        return heads_sudo.grouped("company_id")
