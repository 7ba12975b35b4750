from odoo import models
from odoo.exceptions import UserError

from ..seal import with_seal


class LrmCredential(models.Model):
    """Repairing a wrong answer about the final qualification (design rule 4)."""

    _inherit = "lrm.credential"

    def action_correct_final(self):
        """Open the wizard that corrects the final qualification.

        :raise AccessError: for anyone but an LRM admin
        :raise UserError: when this credential is not issued
        """
        self.ensure_one()
        self._check_is_admin()
        self._check_only_issued_is_corrected()
        return self.env["lrm.credential.final"]._action_open(self)

    def _check_only_issued_is_corrected(self):
        self.check_access("read")
        if self.state != "issued":
            raise UserError(
                self.env._(
                    "%s is not issued: only an issued credential can be corrected.",
                    self.display_name,
                )
            )

    def _correct_final(self, is_final, issued_date, reason):
        """Make this credential the final qualification, or not; the document stays.

        :param is_final: bool, what it is from now on
        :param issued_date: for the enrolment, False for the credential's own
        :param reason: why, required
        :raise UserError: when it is so already, or cannot be
        """
        self.ensure_one()
        self._check_is_admin()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a correction needs a reason."))
        self.env["lrm.register.head"]._take_turn()
        self.invalidate_recordset(["state", "is_final"])
        self._check_only_issued_is_corrected()
        if self.is_final == is_final:
            raise UserError(
                self.env._("%s: nothing to correct, it is so already.", self.number)
            )
        if is_final:
            if obstacle := self._final_obstacle(issued_date):
                raise UserError(obstacle)
            self._set_final(issued_date)
        else:
            with_seal(self).sudo().is_final = False  # no longer writable by rule
            if self.enrolment_id.parchment_number == self.number:
                self.enrolment_id._clear_parchment()
        self._message_log(
            body=self.env._(
                "Final Qualification corrected to %(answer)s: %(reason)s",
                answer=self.env._("Yes") if is_final else self.env._("No"),
                reason=reason.strip(),
            )
        )
        if not self.is_test:
            self.env["lrm.register.entry"]._append("final_corrected", self)
