import secrets
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..ledger import salted_digest
from ..report.pdf import sha256
from ..seal import with_seal

# Which of several credentials of one enrolment is the final one.
FINAL_ORDER = ["certificate", "statement", "letter", "card", "other", "transcript"]


class Plan(NamedTuple):
    """Which credentials can be issued, decided before anything is made."""

    passed: models.Model
    finals: models.Model  # those of them that become final qualifications
    refusals: dict  # {credential id: [sentences]} of the others
    warnings: dict  # {credential id: [sentences]} of what should be looked at before
    overridden: dict  # {credential id: (reason, [codes])}, issued against checks
    overridable: set  # ids of the refused ones that a reason would let pass


class LrmCredential(models.Model):
    """Issuing and cancelling: the only ways out of Requested."""

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

    def _plan(self, documents, is_final, issued_date, awarded=None, reasons=None):
        """Decide which of `self` can be issued, before anything is made.

        The replacement of a final qualification is final whatever the answer was.

        :param documents: {credential id: what `_document()` returned}
        :param is_final: the answer to "Is this the Final Qualification?"
        :param reasons: {credential id: why an LRM admin issues it against a check}
        :return: the `Plan`; see `_plan_final`
        """
        findings = self._findings(documents)
        overridable = self._overridable(findings)
        overridden = {
            key: (reason, overridable[key])
            for key, reason in (reasons or {}).items()
            if key in overridable
        }
        refusals = {
            key: sentences
            for key, sentences in self._sentences(findings, "refuse").items()
            if key not in overridden
        }
        passed = self.filtered(lambda credential: credential.id not in refusals)
        candidates = passed.filtered(lambda c: is_final or c.replaces_id.is_final)
        finals, not_final = candidates._plan_final(issued_date, awarded)
        return Plan(
            passed.filtered(lambda c: c.id not in not_final),
            finals,
            refusals | {key: [sentence] for key, sentence in not_final.items()},
            self._sentences(findings, "warn"),
            {key: value for key, value in overridden.items() if key not in not_final},
            overridable.keys() - overridden.keys(),
        )

    def _plan_final(self, issued_date=False, awarded=None):
        """Decide which of `self` become final qualifications (design rule 4).

        At most one per enrolment. A transcript issued together with it rides along and
        sets nothing. Whatever else cannot be final is refused by itself.

        :param issued_date: date for the enrolments, False for each credential's own
        :param awarded: enrolments whose final qualification the same run has issued
        :return: (recordset of the final ones, {credential id: sentence} of the refused)
        """
        finals, refusals = self.browse(), {}
        for enrolment, credentials in self.grouped("enrolment_id").items():
            able = credentials.filtered(lambda c: not c._final_obstacle(issued_date))
            final = able.sorted(lambda c: FINAL_ORDER.index(c.credential_type))[:1]
            finals |= final
            is_awarded = final or (awarded and enrolment in awarded)
            for credential in credentials - final:
                if is_awarded and credential.credential_type == "transcript":
                    continue
                obstacle = credential._final_obstacle(issued_date)
                refusals[credential.id] = obstacle or self.env._(
                    "%s is the final qualification of this enrolment: only one can be.",
                    final.display_name,
                )
        return finals, refusals

    def _companions_of(self, finals):
        """Return those of `self` whose enrolment has one of `finals`."""
        return self.filtered(lambda c: c.enrolment_id in finals.enrolment_id)

    def _final_obstacle(self, issued_date):
        """Return why this credential cannot be the final qualification, or None."""
        self.ensure_one()
        completed = self.enrolment_id.date_completed
        if issued_date and completed and issued_date < completed:
            return self.env._(
                "The Issued Date is before completion on %s.",
                fields.Date.to_string(completed),
            )
        course, parchment = self.course_id, self.enrolment_id.parchment_number
        if parchment and parchment != self.replaces_id.number:
            return self.env._(
                "The enrolment has parchment %s already. Replace that credential "
                "instead.",
                parchment,
            )
        if (
            self.company_id.lrm_profile == "generic"
            or self.credential_type == "certificate"
        ):
            return None
        if self.credential_type != "statement":
            return self.env._(
                "%s cannot be a final qualification. Issue it with Final "
                "Qualification = No, or together with the certificate.",
                self.template_id.name,
            )
        if course.kind not in ("skill_set", "accredited"):
            return self.env._(
                "A statement of attainment can be final only for a skill set or an "
                "accredited course. Issue it with Final Qualification = No."
            )
        units = self.enrolment_id.unit_enrolment_ids
        if len(units._competent()) < max(len(units), course.packaging_count):
            return self.env._(
                "%s is not fully completed. Issue the statement with Final "
                "Qualification = No.",
                course.display_name,
            )
        return None

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

        Another run may have been faster, or the final one that a transcript goes with
        could not be made.

        :return: {credential id: [sentence]}
        """
        late = {}
        for credential in self:
            obstacle = credential._find_state(documents[credential.id])
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

    def _cancel(self, reason):
        """Cancel `self` for `reason`; they stay on the register.

        Clears an enrolment's parchment only while it is this credential's.

        :raise UserError: without a reason, or when one of `self` is not issued
        """
        self._check_is_admin()
        self._check_ticked()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a cancellation needs a reason."))
        self.check_access("read")
        self.env["lrm.register.head"]._take_turn()
        self.invalidate_recordset(["state"])
        self._check_issued()
        # Issued credentials are writable by nobody: that is the rule.
        with_seal(self).sudo().write(
            {
                "state": "cancelled",
                "cancelled_at": fields.Datetime.now(),
                "cancelled_by_id": self.env.uid,
                "status_reason": reason.strip(),
            }
        )
        for credential in self:
            if credential.enrolment_id.parchment_number == credential.number:
                credential.enrolment_id._clear_parchment()
        self._log_events("cancelled")

    def _check_issued(self):
        """Raise a UserError naming those of `self` that are not Issued."""
        if wrong := self.filtered(lambda credential: credential.state != "issued"):
            raise UserError(
                self.env._(
                    "%(credential)s of %(learner)s is not issued: only issued "
                    "credentials can be cancelled. Delete a request instead.",
                    credential=wrong[0].display_name,
                    learner=wrong[0].partner_id.name,
                )
            )

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
