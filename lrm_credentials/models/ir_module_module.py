from odoo import models
from odoo.exceptions import UserError


class IrModuleModule(models.Model):
    """Keep the register: it must outlive the wish to uninstall (design rule 10)."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        if "lrm_credentials" in (self | self.downstream_dependencies()).mapped("name"):
            self._check_lrm_uninstall()
        return super().button_uninstall()

    def module_uninstall(self):
        # Buttons never come here without the above; a remote call can.
        if "lrm_credentials" in self.mapped("name"):
            self._check_lrm_uninstall()
        return super().module_uninstall()

    def _check_lrm_uninstall(self):
        """Raise a UserError while there are issued credentials to be kept.

        Registers and documents are kept 30 years (Compliance Standards 2025, s10).
        """
        # Whoever uninstalls need not be in LRM; only the number is told.
        kept = (
            self.env["lrm.credential"]
            .sudo()
            .search_count([("state", "!=", "requested"), ("is_test", "=", False)])
        )
        if kept:
            raise UserError(
                self.env._(
                    "LRM Credentials cannot be uninstalled: %s issued credentials and "
                    "their documents would be lost, and they must be kept.",
                    kept,
                )
            )
