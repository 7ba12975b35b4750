from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import groupby

from ..ledger import canonical, chain_hash
from ..seal import has_seal, with_seal


class LrmRegisterEntry(models.Model):
    """One event in the life of a credential: appended, chained, never changed."""

    _name = "lrm.register.entry"
    _description = "Register Entry"
    _order = "company_id, sequence desc"
    _rec_name = "sequence"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(string="Entry", required=True, readonly=True)
    event = fields.Selection(
        selection=[
            ("issued", "Issued"),
            ("cancelled", "Cancelled"),
            ("replaced", "Replaced"),
            ("final_corrected", "Final qualification corrected"),
            ("imported", "Imported"),
            ("override", "Issued against a check"),
            ("request_deleted", "Request deleted"),
            ("erased", "Document erased"),
        ],
        required=True,
        readonly=True,
    )
    credential_id = fields.Many2one(
        comodel_name="lrm.credential", readonly=True, ondelete="restrict", index=True
    )
    number = fields.Char(string="Credential Number", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    payload = fields.Text(required=True, readonly=True)
    previous_hash = fields.Char(readonly=True)
    hash = fields.Char(required=True, readonly=True)

    _sequence_uniq = models.Constraint(
        "UNIQUE(company_id, sequence)", "Two entries cannot have the same place."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not has_seal(self):
            self._raise_sealed()
        return super().create(vals_list)

    def write(self, vals):
        self._raise_sealed()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        self._raise_sealed()

    def _raise_sealed(self):
        raise UserError(
            self.env._("The ledger is sealed: entries are neither changed nor removed.")
        )

    @api.model
    def _append(self, event, credentials):
        """Append `event` for each of `credentials`; locks the ends of the chains."""
        self._append_events([(event, credential) for credential in credentials])

    @api.model
    def _append_events(self, events):
        """Append [(event, credential)] in that order; locks the ends of the chains."""
        if not events:
            return
        batches = groupby(events, lambda event: event[1].company_id)
        companies = self.env["res.company"].union(*(company for company, _ in batches))
        heads = self.env["lrm.register.head"]._heads(companies)
        values = []
        for company, batch in batches:
            values += self._chain(heads[company], batch)
        # The ledger has no writers but this line: users only read it.
        with_seal(self).sudo().create(values)

    def _chain(self, head, events):
        """Return the values of the entries after `head`; move `head` to the last.

        :param events: [(event, credential)]
        """
        date = fields.Datetime.now()
        sequence, last = head.sequence, head.hash or ""
        values = []
        for event, credential in events:
            sequence += 1
            payload = canonical(
                credential._ledger_payload(event)
                | {
                    "company": head.company_id.id,
                    "date": fields.Datetime.to_string(date),
                    "sequence": sequence,
                    "user": self.env.uid,
                }
            )
            sealed = chain_hash(last, payload)
            values.append(
                {
                    "company_id": head.company_id.id,
                    "sequence": sequence,
                    "event": event,
                    "credential_id": event != "request_deleted" and credential.id,
                    "number": credential.number,
                    "user_id": self.env.uid,
                    "date": date,
                    "payload": payload,
                    "previous_hash": last,
                    "hash": sealed,
                }
            )
            last = sealed
        head.write({"sequence": sequence, "hash": last})
        return values
