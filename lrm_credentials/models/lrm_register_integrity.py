import json

from odoo import api, fields, models
from odoo.tools import split_every

from ..ledger import chain_hash, hash_version
from ..seal import without_hostile_context

BATCH = 1000


class LrmRegisterEntry(models.Model):
    """Checking that the ledger, the credentials and their files still agree.

    Everything is recomputed from payloads and stored files. Entries are read in batches
    and files one by one, so that the memory used does not grow with the ledger.
    """

    _inherit = "lrm.register.entry"

    @api.model
    def _integrity_problems(self, company):
        """Recompute the whole ledger of `company` and compare it with what is stored.

        The caller must have checked that the user may know the result.

        :param company: a `res.company` record
        :return: list of sentences, each naming an entry or a credential; first those
            about the chain, from its beginning; empty when all holds
        """
        company.ensure_one()
        self.env.flush_all()
        # A check that a record rule can hide something from would prove nothing.
        self_sudo = without_hostile_context(self).sudo()
        entries = self_sudo.search(
            [("company_id", "=", company.id)], order="sequence, id"
        )
        chain, records, end = [], [], (0, "")
        for ids in split_every(BATCH, entries.ids):
            batch = self_sudo.browse(ids)
            problems, end = batch._chain_problems(*end)
            chain += problems
            records += batch._record_problems()
            self.env.invalidate_all()
        return (
            chain
            + self_sudo._end_problems(company, *end)
            + records
            + self_sudo._unsealed(company)
            + self_sudo._misfiled(company)
            + self_sudo._parchment_problems(company)
        )

    # ------------------------------------------------------------ the chain

    def _chain_problems(self, sequence, last):
        """Return what is wrong with the chain of `self`, and where it ends.

        :param sequence: of the entry before them, 0 for none
        :param last: the hash of that entry, "" for none
        :return: ([sentence], (sequence, hash) of the last of them)
        """
        problems = []
        for entry in self:
            if entry.sequence > sequence + 1:
                problems.append(self._missing(sequence + 1, entry.sequence - 1))
                last = entry.previous_hash or ""  # what follows can still be checked
            elif entry.sequence <= sequence:
                problems.append(
                    self.env._("Entry %s is there more than once.", entry.sequence)
                )
            problems += entry._entry_problems(last)
            sequence, last = entry.sequence, entry.hash
        return problems, (sequence, last)

    def _missing(self, first, last):
        """Return the sentence that says that these entries are missing."""
        if first == last:
            return self.env._("Entry %s is missing.", first)
        return self.env._(
            "Entries %(first)s to %(last)s are missing.", first=first, last=last
        )

    def _entry_problems(self, last):
        """Return what is wrong with one entry that must follow the hash `last`."""
        if (self.previous_hash or "") != last or self.hash != self._recompute_hash():
            return [self.env._("Entry %s has been changed.", self.sequence)]
        payload = self._payload()
        if any(payload.get(key) != value for key, value in self._columns().items()):
            return [self.env._("Entry %s does not say what was sealed.", self.sequence)]
        return []

    def _recompute_hash(self):
        """Return the hash that the entry must have, None if it cannot have any.

        By the version of the algorithm with which it was sealed.
        """
        version = hash_version(self.hash)
        try:
            return version and chain_hash(
                self.previous_hash or "", self.payload, version
            )
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

    def _payload(self):
        """Return the payload as a dict, empty when somebody broke it."""
        try:
            payload = json.loads(self.payload)
        except ValueError:
            payload = None
        return payload if isinstance(payload, dict) else {}

    def _end_problems(self, company, sequence, last):
        """Return what is wrong with the end of the chain.

        :param sequence: of the last entry that is there
        :param last: the hash of that entry
        """
        head = self.env["lrm.register.head"].search([("company_id", "=", company.id)])
        if head.sequence > sequence:
            missing = self._missing(sequence + 1, head.sequence)
            return [self.env._("The ledger's end is missing. %s", missing)]
        if (head.sequence, head.hash or "") != (sequence, last):
            return [
                self.env._(
                    "The ledger ends with entry %(last)s, but its end was noted at "
                    "entry %(noted)s with another hash.",
                    last=sequence,
                    noted=head.sequence,
                )
            ]
        return []

    # ------------------------------------------------------------ an outside copy

    @api.model
    def _compare_copy(self, company, sequence, copied_hash):
        """Compare the ledger of `company` with its end as it was copied earlier.

        Only a copy that was kept elsewhere proves that nobody rewrote the ledger from
        some entry on, with hashes that agree again.

        :return: (whether it still holds, sentence)
        """
        self_sudo = self.sudo()  # like the check itself
        entry = self_sudo.search(
            [("company_id", "=", company.id), ("sequence", "=", sequence)], limit=1
        )
        if not entry:
            return False, self.env._(
                "The ledger has no entry %s any more, though one was copied.", sequence
            )
        if entry.hash != copied_hash:
            return False, self.env._(
                "Entry %s is not the one that was copied: the ledger has been "
                "rewritten since.",
                sequence,
            )
        return True, self.env._(
            "The ledger still contains entry %s exactly as it was copied.", sequence
        )
