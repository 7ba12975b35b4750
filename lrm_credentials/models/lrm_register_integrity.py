import json

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..ledger import chain_hash, hash_version
from ..report.pdf import sha256
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

    # ------------------------------------------------------------ what it sealed

    def _record_problems(self):
        """Return how credentials and files differ from what `self` say of them.

        Only the last entry about a credential says how it must be now.
        """
        sealing = self.filtered(lambda entry: entry.event != "request_deleted")
        there = sealing.credential_id.exists()
        last = dict(
            self._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("credential_id", "in", there.ids),
                ],
                ["credential_id"],
                ["sequence:max"],
            )
        )
        files = there._document_files().grouped("res_id")
        problems = []
        for entry in sealing:
            credential = entry.credential_id
            if credential not in there:
                problems.append(
                    self.env._(
                        "Credential %(number)s of entry %(entry)s is not there.",
                        number=entry.number,
                        entry=entry.sequence,
                    )
                )
            elif entry.sequence == last[credential]:
                payload = entry._payload()
                problems += entry._credential_problems(payload)
                problems += entry._document_problems(
                    payload, files.get(credential.id, [])
                )
        return problems

    def _credential_problems(self, payload):
        """Return how the credential of this entry differs from its sealed `payload`."""
        credential = self.credential_id
        actual = credential._ledger_payload(payload.get("event"))
        # An entry that an older version of this addon made may have fewer keys.
        edited = {
            key for key in actual.keys() & payload.keys() if actual[key] != payload[key]
        }
        if credential.company_id != self.company_id:
            edited.add("company_id")
        if credential.is_test:
            edited.add("is_test")
        if not edited:
            return []
        return [
            self.env._(
                "Credential %(number)s has been edited: %(what)s.",
                number=credential.number,
                what=", ".join(sorted(edited)),
            )
        ]

    def _document_problems(self, payload, files):
        """Return what is wrong with the `files` that are this entry's document."""
        credential = self.credential_id
        if credential.erased_at:
            return [
                self.env._(
                    "The document of %s was erased, and is there again.",
                    credential.number,
                )
            ] * bool(files)
        if payload.get("pdf") is False:  # imported without one
            return [
                self.env._(
                    "%s has a document, though none was sealed.", credential.number
                )
            ] * bool(files)
        if len(files) > 1:
            return [
                self.env._(
                    "%(number)s has %(count)s documents instead of one.",
                    number=credential.number,
                    count=len(files),
                )
            ]
        content = files and self._read_file(files)
        if not content:
            return [self.env._("The document of %s is missing.", credential.number)]
        if sha256(content) != payload.get("pdf"):
            return [self.env._("The document of %s was changed.", credential.number)]
        return []

    @api.model
    def _read_file(self, attachment):
        """Return the bytes of an attachment as its `raw` does, but do not keep them."""
        if attachment.store_fname:
            return attachment._file_read(attachment.store_fname)
        return attachment.db_datas

    def _misfiled(self, company):
        """Return which credentials are listed under what they do not belong to."""
        rows = self.env.execute_query(
            SQL(
                """SELECT credential.number FROM lrm_credential credential
                   JOIN lrm_course_enrolment enrolment
                     ON enrolment.id = credential.enrolment_id
                   JOIN lrm_course_offer offer ON offer.id = enrolment.offer_id
                   WHERE credential.company_id = %s AND credential.state != 'requested'
                     AND (credential.partner_id, credential.offer_id,
                          credential.course_id, credential.company_id,
                          COALESCE(credential.is_test, false))
                       IS DISTINCT FROM
                         (enrolment.partner_id, enrolment.offer_id,
                          enrolment.course_id, enrolment.company_id,
                          COALESCE(offer.is_test, false))
                   ORDER BY credential.id""",
                company.id,
            )
        )
        return [
            self.env._(
                "Credential %s is listed under another learner, course offer, course "
                "or company than its enrolment.",
                number,
            )
            for [number] in rows
        ]

    def _unsealed(self, company):
        """Return which credentials of `company` should be in the ledger and are not."""
        rows = self.env.execute_query(
            SQL(
                """SELECT number FROM lrm_credential credential
                   WHERE company_id = %s AND state != 'requested'
                     AND is_test IS NOT TRUE
                     AND NOT EXISTS (
                       SELECT FROM lrm_register_entry entry
                       WHERE entry.credential_id = credential.id
                         AND entry.company_id = credential.company_id)
                   ORDER BY id""",
                company.id,
            )
        )
        return [self.env._("Credential %s has no entry.", number) for [number] in rows]

    def _parchment_problems(self, company):
        """Return which enrolments do not name their final qualification.

        Their fields are no part of the ledger, but follow from what is sealed in it.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT enrolment.id FROM lrm_course_enrolment enrolment
                   LEFT JOIN lrm_credential final
                     ON final.enrolment_id = enrolment.id AND final.is_final
                     AND final.state = 'issued' AND final.is_test IS NOT TRUE
                   WHERE enrolment.company_id = %s
                   GROUP BY enrolment.id
                   HAVING CASE WHEN parchment_number IS NULL
                     THEN count(final.id) > 0
                     ELSE bool_or(final.number = parchment_number) IS NOT TRUE END
                   ORDER BY enrolment.id""",
                company.id,
            )
        )
        ids = [enrolment_id for [enrolment_id] in rows]
        return [
            self._parchment_problem(enrolment)
            for enrolment in self.env["lrm.course.enrolment"].browse(ids)
        ]

    def _parchment_problem(self, enrolment):
        """Return the sentence about an enrolment whose parchment number is wrong."""
        if not enrolment.parchment_number:
            return self.env._(
                "The enrolment %s lacks the Parchment Number of its final "
                "qualification.",
                enrolment.display_name,
            )
        return self.env._(
            "The enrolment %(enrolment)s has Parchment Number %(number)s, which is not "
            "its final qualification in the register.",
            enrolment=enrolment.display_name,
            number=enrolment.parchment_number,
        )

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
