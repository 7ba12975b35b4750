import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ledger import canonical, chain_hash, hash_version
from ..report.pdf import sha256
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
        if not credentials:
            return
        heads = self.env["lrm.register.head"]._heads(credentials.company_id)
        values = []
        for company, batch in credentials.grouped("company_id").items():
            values += self._chain(heads[company], event, batch)
        # The ledger has no writers but this line: users only read it.
        with_seal(self).sudo().create(values)

    def _chain(self, head, event, credentials):
        """Return the values of the entries after `head`; move `head` to the last."""
        date = fields.Datetime.now()
        sequence, last = head.sequence, head.hash or ""
        values = []
        for credential in credentials:
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

    @api.model
    def _integrity_problems(self, company):
        """Recompute the whole ledger of `company` and compare it with what is stored.

        :param company: a `res.company` record
        :return: list of sentences, each naming an entry; empty when all holds
        """
        company.ensure_one()
        self.flush_model()
        entries = self.search([("company_id", "=", company.id)], order="sequence")
        problems, last, expected = [], "", 0
        for entry in entries:
            expected += 1
            problems += entry._problems(expected, last)
            expected, last = entry.sequence, entry.hash
        head_sudo = self.env["lrm.register.head"].sudo()  # its sequence and hash only
        head = head_sudo.search([("company_id", "=", company.id)])
        if (head.sequence or 0, head.hash or "") != (expected, last):
            problems.append(
                self.env._(
                    "The ledger's end is missing: it had %s entries.", head.sequence
                )
            )
        return problems + entries._document_problems() + entries._unsealed(company)

    def _problems(self, expected, last):
        """Return what is wrong with one entry that must be number `expected`."""
        problems = []
        if self.sequence != expected:
            problems.append(self.env._("Entry %s is missing.", expected))
        if self.previous_hash != last or self.hash != self._recompute_hash(last):
            problems.append(self.env._("Entry %s has been changed.", self.sequence))
        elif self._sealed_columns() != self._columns():
            problems.append(
                self.env._("Entry %s does not say what was sealed.", self.sequence)
            )
        return problems

    def _recompute_hash(self, last):
        """Return the hash that the entry must have after `last`, None if it cannot.

        By the version of the algorithm with which it was sealed.
        """
        version = hash_version(self.hash)
        try:
            return version and chain_hash(last, self.payload, version)
        except ValueError:
            return None

    def _columns(self):
        """Return what the entry's own columns say, by the names of the payload."""
        return {
            "company": self.company_id.id,
            "credential": self.number,
            "date": fields.Datetime.to_string(self.date),
            "event": self.event,
            "sequence": self.sequence,
            "user": self.user_id.id,
        }

    def _sealed_columns(self):
        """Return the same, from the payload."""
        payload = self._payload()
        return {key: payload.get(key) for key in self._columns()}

    def _payload(self):
        """Return the payload as a dict, empty when somebody broke it."""
        try:
            payload = json.loads(self.payload)
        except ValueError:
            payload = None
        return payload if isinstance(payload, dict) else {}

    def _document_problems(self):
        """Return what is wrong with the credentials and files that `self` sealed."""
        kept = self.filtered("credential_id")  # a deleted request has left a gap
        latest = {entry.credential_id: entry._payload() for entry in kept}
        files = self.credential_id._document_files().grouped("res_id")
        return [
            problem
            for credential, payload in latest.items()
            for problem in self._compare(credential, payload, files.get(credential.id))
        ]

    def _compare(self, credential, payload, files):
        """Return how `credential` and its `files` differ from the sealed `payload`."""
        problems = []
        actual = credential._ledger_payload(payload.get("event"))
        if any(actual[key] != payload.get(key) for key in actual):
            problems.append(
                self.env._("Credential %s has been edited.", credential.number)
            )
        if not files or not files[0].raw:
            problems.append(
                self.env._("The document of %s is missing.", credential.number)
            )
        elif len(files) > 1 or sha256(files.raw) != payload.get("pdf"):
            problems.append(
                self.env._("The document of %s was changed.", credential.number)
            )
        return problems

    def _unsealed(self, company):
        """Return which credentials of `company` should have entries among `self`."""
        unsealed = self.env["lrm.credential"].search(
            [
                ("company_id", "=", company.id),
                ("state", "!=", "requested"),
                ("is_test", "=", False),
                ("id", "not in", self.credential_id.ids),
            ]
        )
        return [
            self.env._("Credential %s has no entry.", credential.number)
            for credential in unsealed
        ]
