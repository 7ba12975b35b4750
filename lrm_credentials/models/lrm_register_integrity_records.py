from odoo import api, models
from odoo.tools import SQL

from ..report.pdf import sha256

# What the payload calls otherwise than the credential does.
FIELDS = {
    "credential": "number",
    "document": "document_data",
    "enrolment": "enrolment_id",
    "pdf": "document_sha256",
    "replaces": "replaces_id",
    "template": "template_id",
}


class LrmRegisterEntry(models.Model):
    """Comparing credentials, files and enrolments with what the ledger sealed."""

    _inherit = "lrm.register.entry"

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
        names = {FIELDS.get(key, key) for key in edited}
        labels = [label["string"] for label in credential.fields_get(names).values()]
        return [
            self.env._(
                "Credential %(number)s has been edited: %(what)s.",
                number=credential.number,
                what=", ".join(sorted(labels)),
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
