from odoo import fields, models
from odoo.exceptions import UserError

from ..seal import with_seal


class LrmCredential(models.Model):
    """Cancelling: what is issued stays on the register, and says so."""

    _inherit = "lrm.credential"

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
