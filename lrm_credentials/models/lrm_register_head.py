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

    def _take_turn(self):
        """Wait until nobody else appends to a ledger, until the end of the transaction.

        The first thing that sealing does: everything after it, states included, is then
        decided by one transaction at a time. Locking the table is the one statement
        after which a waiting transaction still sees what the other ones committed; as a
        first statement it never leads to a serialisation failure.
        """
        self.env.cr.execute(
            SQL("LOCK TABLE %s IN EXCLUSIVE MODE", SQL.identifier(self._table))
        )

    def _heads(self, companies):
        """Return {company: head}, in superuser mode: only the ledger writes here."""
        self._take_turn()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO lrm_register_head (company_id, sequence, hash)
                   SELECT id, 0, '' FROM res_company WHERE id IN %s
                   ON CONFLICT (company_id) DO NOTHING""",
                tuple(companies.ids),
            )
        )
        heads_sudo = self.sudo().search([("company_id", "in", companies.ids)])
        heads_sudo.invalidate_recordset()
        return heads_sudo.grouped("company_id")
