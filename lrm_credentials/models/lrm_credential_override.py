from odoo import api, fields, models

from ..seal import with_seal


class LrmCredential(models.Model):
    """Issuing against a check, for a reason that an LRM admin has typed (rule 7)."""

    _inherit = "lrm.credential"

    override_reason = fields.Char(
        readonly=True,
        copy=False,
        help="Why an LRM admin issued this although a check refused it.",
    )
    overridden_checks = fields.Char(
        readonly=True,
        copy=False,
        help="The codes of the checks that refused it, separated by commas.",
    )
    overridden_check_names = fields.Char(
        string="Issued Against", compute="_compute_overridden_check_names"
    )

    @api.depends("overridden_checks")
    def _compute_overridden_check_names(self):
        names = {check.code: check.name for check in self._pre_issue_checks()}
        for credential in self:
            credential.overridden_check_names = ", ".join(
                names.get(code, code) for code in credential._overridden_codes()
            )

    def _overridden_codes(self):
        """Return the codes of the checks that this credential was issued against."""
        return list(filter(None, (self.overridden_checks or "").split(",")))

    def _overridable(self, findings):
        """Return {credential id: [codes]} of those that a reason would let pass.

        They are refused, and only by checks that an LRM admin may override.

        :param findings: what `_findings` returned
        """
        refusing = {
            key: [finding for finding in found if finding.severity == "refuse"]
            for key, found in findings.items()
        }
        return {
            key: [finding.code for finding in found]
            for key, found in refusing.items()
            if found and all(finding.is_overridable for finding in found)
        }

    def _set_overridden(self, overridden):
        """Keep on `self`, which are being issued, why they are, against which checks.

        :param overridden: {credential id: (reason, [codes])}
        """
        bodies = {}
        for credential in with_seal(self).sudo():  # no longer writable by rule
            if credential.id not in overridden:
                continue
            reason, codes = overridden[credential.id]
            credential.write(
                {"override_reason": reason, "overridden_checks": ",".join(codes)}
            )
            bodies[credential.id] = credential._override_sentence()
        if bodies:
            self.browse(bodies)._message_log_batch(bodies=bodies)

    def _override_sentence(self):
        """Return against which checks this credential was issued, and why, or None."""
        return self.overridden_checks and self.env._(
            "Issued against: %(checks)s. Reason: %(reason)s",
            checks=self.overridden_check_names,
            reason=self.override_reason,
        )

    def _ledger_events(self, event):
        events = super()._ledger_events(event)
        if event != "issued":
            return events
        return [
            entry
            for _event, credential in events
            for entry in (
                [("issued", credential), ("override", credential)]
                if credential.overridden_checks
                else [("issued", credential)]
            )
        ]

    def _ledger_payload(self, event):
        """The codes of the checks; the reason is free text and may name people."""
        payload = super()._ledger_payload(event)
        if event == "override":
            payload["overridden_checks"] = self._overridden_codes()
        return payload
