from odoo import api, models
from odoo.exceptions import UserError

from ..seal import with_seal


class LrmCredential(models.Model):
    """Deleting: requests and samples only; whatever is issued stays on the register."""

    _inherit = "lrm.credential"

    # At uninstall too: `_force_unlink` in a caller's context skips the other kind.
    @api.ondelete(at_uninstall=True)
    def _unlink_except_issued(self):
        self.filtered(lambda credential: not credential.is_test)._check_requested(
            self.env._("stays on the register and can only be cancelled")
        )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_replaced(self):
        """Of samples: the newer one names the older one."""
        if newer := self.replaced_by_ids - self:
            raise UserError(
                self.env._(
                    "%(new)s replaces %(old)s: delete that one first.",
                    new=newer[0].display_name,
                    old=newer[0].replaces_id.display_name,
                )
            )

    def unlink(self):
        """Delete requests and samples, with the files of the latter."""
        self._unlink_except_issued()  # says why, before the record rules just refuse
        self.check_access("unlink")  # before anything else is written for it
        self.env["lrm.register.entry"]._append(
            "request_deleted", self.filtered(lambda credential: not credential.is_test)
        )
        # Through the ORM, so that the files of previews go too. Users only read logs.
        lines_sudo = self.env["lrm.credential.run.line"].sudo()
        lines_sudo.search([("credential_id", "in", self.ids)]).unlink()
        return super(LrmCredential, with_seal(self)).unlink()
