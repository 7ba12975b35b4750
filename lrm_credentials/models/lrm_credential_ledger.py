from odoo import api, fields, models
from odoo.tools import SQL

from ..ledger import salted_digest


class LrmCredential(models.Model):
    """What the ledger and the chatter are told about credentials."""

    _inherit = "lrm.credential"

    document_salt = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Makes the digest in the ledger unguessable.",
    )

    document_digest = fields.Char(
        compute="_compute_document_digest",
        groups="base.group_system",
        help="What the ledger keeps of what the document says.",
    )

    @api.depends("document_data", "document_salt")
    def _compute_document_digest(self):
        # With SQL: the ORM copies all that is in a JSON field each time it is read.
        self.flush_recordset(["document_data", "document_salt"])
        rows = self.env.execute_query(
            SQL(
                """SELECT id, document_salt, document_data FROM lrm_credential
                   WHERE id = ANY(%s)""",
                self.ids,
            )
        )
        digests = {id_: salted_digest(salt or "", data) for id_, salt, data in rows}
        for credential in self:
            credential.document_digest = digests.get(credential.id)

    def _log_events(self, event):
        """Tell the chatter and the ledger what happened to `self`."""
        sentences = {
            "issued": self.env._("Issued."),
            "cancelled": self.env._("Cancelled."),
        }
        self._message_log_batch(
            bodies={
                credential.id: f"{sentences[event]} {credential.status_reason or ''}"
                for credential in self
            }
        )
        self.env["lrm.register.entry"]._append_events(
            self.filtered(lambda credential: not credential.is_test)._ledger_events(
                event
            )
        )

    def _ledger_events(self, event):
        """Return [(event, credential)] of what the ledger says when `event` happens."""
        return [(event, credential) for credential in self]

    def _ledger_payload(self, event):
        """Return what the ledger keeps of `event`: nothing personal, see ledger.py."""
        self.ensure_one()
        self_sudo = self.sudo()  # the salt is nobody's to read
        return {
            "cancelled_at": fields.Datetime.to_string(self.cancelled_at),
            "credential": self.number,
            "credential_date": fields.Date.to_string(self.credential_date),
            "document": self_sudo.document_digest,
            "enrolment": self.enrolment_id.id,
            "event": event,
            "expiry_date": fields.Date.to_string(self.expiry_date),
            "is_final": self.is_final,
            "issued_at": fields.Datetime.to_string(self.issued_at),
            "pdf": self.document_sha256,
            "reissue_date": fields.Date.to_string(self.reissue_date),
            "replaces": self.replaces_id.number or False,
            "state": self.state,
            "template": self.template_id.id,
        }
