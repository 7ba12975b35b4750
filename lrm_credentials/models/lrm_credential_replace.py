from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..seal import with_seal


class LrmCredential(models.Model):
    """Replacing an issued credential by a new one (design rule 3)."""

    _inherit = "lrm.credential"

    cancel_replaced = fields.Boolean(
        string="Cancel the Replaced One",
        readonly=True,
        copy=False,
        help="The credential that this one replaces is cancelled when this one is "
        "issued.",
    )
    reissue_date = fields.Date(
        copy=False,
        help="Printed as “Re-issued on”, beside the date of the original award.",
    )
    is_replaced = fields.Boolean(compute="_compute_is_replaced")

    _one_replacement = models.UniqueIndex(
        "(replaces_id) WHERE replaces_id IS NOT NULL AND state != 'cancelled'",
        "This credential has a replacement already.",
    )

    @api.constrains("reissue_date", "credential_date", "replaces_id", "state")
    def _check_reissue_date(self):
        for credential in self.filtered("reissue_date"):
            if not credential.replaces_id:
                raise ValidationError(
                    self.env._(
                        "%s replaces nothing: it has no re-issue date.",
                        credential.display_name,
                    )
                )
            if credential.state == "requested" and not (
                credential.credential_date
                <= credential.reissue_date
                <= self._latest_today()
            ):
                raise ValidationError(
                    self.env._(
                        "%s: the re-issue date cannot be before the date of the award, "
                        "nor in the future.",
                        credential.display_name,
                    )
                )

    def _compute_is_replaced(self):
        for credential in self:
            credential.is_replaced = bool(credential._issued_replacement())

    def _issued_replacement(self):
        """Return the credential that has taken the place of this one, if any."""
        return self.replaced_by_ids.filtered(lambda new: new.state == "issued")

    def action_replace(self):
        """Open the wizard that requests a replacement of this credential.

        :raise AccessError: for anyone but an LRM admin
        :raise UserError: when there is nothing to replace, or it is replaced already
        """
        self.ensure_one()
        self._check_may_replace()
        return self.env["lrm.credential.replace"]._action_open(self)

    def _check_may_replace(self):
        """Raise unless an LRM admin may request a replacement of this credential."""
        self._check_is_admin()
        self.check_access("read")
        if self.state == "requested":
            raise UserError(
                self.env._(
                    "%s has not been issued: change the request instead.",
                    self.display_name,
                )
            )
        successor = self.replaced_by_ids.filtered(lambda new: new.state != "cancelled")
        if successor:
            raise UserError(
                self.env._(
                    "%(old)s has a replacement already: %(new)s.",
                    old=self.display_name,
                    new=successor[0].display_name,
                )
            )

    def _replace(self, reason, cancel_now):
        """Request a replacement of this credential; return it.

        It carries the date of the original award, and is the final qualification when
        this one is.

        :param reason: why, kept on both
        :param cancel_now: cancel this one at once, not only when the new one is issued
        """
        self._check_may_replace()
        officer = self.issuing_officer_id
        values = {
            "enrolment_id": self.enrolment_id.id,
            "template_id": self.template_id.id,
            "credential_date": self.credential_date,
            # Elsewhere the next day may have begun when it was awarded.
            "reissue_date": max(fields.Date.context_today(self), self.credential_date),
            "request_reason": reason,
            "replaces_id": self.id,
            "cancel_replaced": not cancel_now,
        }
        if officer.active:
            values["issuing_officer_id"] = officer.id
        replacement = with_seal(self.browse()).create(values)
        if cancel_now and self.state == "issued":
            self._cancel(reason)
        return self.browse(replacement.id)

    def _settle_replaced(self):
        """Say of those that `self`, just issued, replace that they are replaced.

        The parchment has moved on to the new number by now, so that cancelling the old
        credential leaves it alone.
        """
        replaced = self.replaces_id
        if not replaced:
            return
        replaced._message_log_batch(
            bodies={
                new.replaces_id.id: self.env._("Replaced by %s.", new.display_name)
                for new in self
                if new.replaces_id
            }
        )
        self.env["lrm.register.entry"]._append(
            "replaced", replaced.filtered(lambda old: not old.is_test)
        )
        for new in self.filtered("cancel_replaced"):
            if new.replaces_id.state == "issued":
                new.replaces_id._cancel(self.env._("Replaced by %s", new.number))
