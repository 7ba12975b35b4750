import secrets

from odoo import fields, models

from ..report.pdf import sha256
from ..seal import with_seal


class LrmCredential(models.Model):
    """Issuing: documents are stored and sealed, short, after all rendering."""

    _inherit = "lrm.credential"

    def _seal_issue(
        self, documents, contents, finals, reason, issued_date, overridden=None
    ):
        """Store the documents and mark `self` as issued: short, after all rendering.

        :param documents: {credential id: what was printed}
        :param contents: {credential id: PDF bytes}
        :param finals: those that are to be final qualifications
        :param reason: the status reason
        :param issued_date: date for the enrolments, False for each credential's own
        :param overridden: {credential id: (reason, [codes of checks])}
        :return: {credential id: [sentence]} of those that others made impossible while
            they were printed; the rest are issued
        """
        self.env["lrm.register.head"]._take_turn()
        self.invalidate_recordset(["state"])
        late = self._too_late(documents, contents, finals, issued_date)
        ready = self.filtered(lambda credential: credential.id not in late)
        if not ready:
            return late
        ready.check_access("write")
        # Checked once for all: the rules would cost a query for each record.
        sealed_sudo = with_seal(ready).sudo()
        sealed_sudo._store_documents(contents)
        sealed_sudo.write(
            {
                "state": "issued",
                "issued_at": fields.Datetime.now(),
                "issued_by_id": self.env.uid,
                "status_reason": reason,
                "refusal": False,
            }
        )
        for credential in sealed_sudo:
            credential.write(
                {
                    "document_data": documents[credential.id],
                    "document_sha256": sha256(contents[credential.id]),
                    "document_salt": secrets.token_hex(16),
                    "expiry_date": documents[credential.id].get("expiry_date"),
                }
            )
        (finals & ready)._set_final(issued_date)
        ready._set_overridden(overridden or {})
        ready._log_events("issued")
        ready._settle_replaced()
        return late

    def _too_late(self, documents, contents, finals, issued_date):
        """Return why some of `self` can no longer be issued as they were planned.

        Another run may have been faster, the template may have been put back to draft,
        or the final one that a transcript goes with could not be made.

        :return: {credential id: [sentence]}
        """
        late = {}
        for credential in self:
            document = documents[credential.id]
            obstacle = credential._find_state(
                document
            ) or credential._find_template_draft(document)
            if not obstacle and credential in finals:
                obstacle = credential._final_obstacle(issued_date)
            if obstacle:
                late[credential.id] = [obstacle]
        failed = finals.filtered(lambda c: c.id in late or c.id not in contents)
        for companion in self._companions_of(failed) - finals:
            late.setdefault(
                companion.id,
                [self.env._("The final qualification it goes with was not issued.")],
            )
        return late

    def _store_documents(self, contents):
        """Attach {credential id: PDF bytes} to `self`, all in one go."""
        self.env["ir.attachment"].create(
            [
                {
                    "name": credential.document_filename,
                    "res_model": self._name,
                    "res_field": "document",
                    "res_id": credential.id,
                    "raw": contents[credential.id],
                    "mimetype": "application/pdf",
                    "company_id": credential.company_id.id,
                }
                for credential in self
            ]
        )
        self.invalidate_recordset(["document"])

    def _set_final(self, issued_date):
        """Make `self` the final qualification of their enrolments."""
        sealed_sudo = with_seal(self).sudo()  # no longer writable by rule
        sealed_sudo.write({"is_final": True})
        awarded = self.filtered(lambda credential: not credential.is_test)
        for credential in awarded:
            credential.enrolment_id._set_parchment(
                credential.number, issued_date or credential.credential_date
            )
        awarded.enrolment_id._message_log_batch(
            bodies={
                credential.enrolment_id.id: self.env._(
                    "Final qualification issued, parchment number %s.",
                    credential.number,
                )
                for credential in awarded
            }
        )

    def _keep_refusals(self, refusals):
        """Keep, where the requester sees it, why `self` were not issued.

        :param refusals: {credential id: [sentences]}
        """
        refused = self.filtered(
            lambda credential: credential.id in refusals
            and credential.state == "requested"
        )
        for credential in with_seal(refused):
            credential.refusal = "\n".join(refusals[credential.id])
