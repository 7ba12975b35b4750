from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..seal import without_hostile_context


class LrmCredential(models.Model):
    """What the buttons do, and whom they refuse."""

    _inherit = "lrm.credential"

    def action_preview(self):
        """Make watermarked documents of the selected requests and show them.

        :return: the action that opens the run in Log History
        :raise AccessError: for anyone but an LRM admin
        :raise UserError: when nothing that could be previewed is selected
        """
        self = without_hostile_context(self)
        self._check_is_admin()
        return self.env["lrm.credential.run"]._start("preview", self)._action_open()

    def action_issue(self):
        """Open the issue wizard for the selected requests.

        :raise AccessError: for anyone but an LRM admin
        """
        self._check_is_admin()
        self._check_ticked()
        self._check_any_requested(self.env._("cannot be issued again"))
        return self.env["lrm.credential.issue"]._action_open(self)

    def action_cancel(self):
        """Open the cancel wizard for the selected issued credentials.

        :raise AccessError: for anyone but an LRM admin
        """
        self._check_is_admin()
        self._check_ticked()
        self._check_issued()
        return self.env["lrm.credential.cancel"]._action_open(self)

    def action_open_document(self):
        """Open the stored document, exactly as issued.

        :raise UserError: when the credential has none, because it has not been issued,
            or because it has been erased
        """
        self.ensure_one()
        self.check_access("read")
        if not self.document_sha256 or self.erased_at:
            self._raise_no_document()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/lrm.credential/{self.id}/document"
            f"?filename_field=document_filename",
            "target": "new",
        }

    def action_view_runs(self):
        """Open what Log History has about this credential.

        :raise AccessError: for anyone but an LRM admin
        """
        self.ensure_one()
        self._check_is_admin()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log History"),
            "res_model": "lrm.credential.run",
            "view_mode": "list,form",
            "domain": list(Domain("line_ids.credential_id", "=", self.id)),
        }

    def action_view_entries(self):
        """Open what the sealed ledger says about this credential."""
        self.ensure_one()
        self.env["lrm.register.entry"].check_access("read")
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sealed Ledger"),
            "res_model": "lrm.register.entry",
            "view_mode": "list,form",
            "domain": list(Domain("credential_id", "=", self.id)),
        }

    def _raise_no_document(self):
        """Say why there is no document to open."""
        if self.erased_at:
            raise UserError(
                self.env._(
                    "The document of %(credential)s was erased on %(date)s, after the "
                    "time for which it had to be kept. The register still lists it.",
                    credential=self.display_name,
                    date=format_date(self.env, self.erased_at),
                )
            )
        if self.document_sha256:
            raise UserError(
                self.env._(
                    "The document of %s is missing from the storage of files: it must "
                    "be restored from a backup.",
                    self.display_name,
                )
            )
        if self.is_imported:
            raise UserError(
                self.env._(
                    "%s was issued elsewhere and brought in without its document: "
                    "there is only what the register says.",
                    self.display_name,
                )
            )
        raise UserError(
            self.env._(
                "%s has not been issued: there is no document yet. Preview it from the "
                "Credentials Register.",
                self.display_name,
            )
        )

    def _action_open_register(self):
        """Return the action that opens the register with `self` selected."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_credential_action"
        )
        context = {
            "create": False,
            "lrm_selected_ids": self.ids,
            "searchpanel_default_state": "requested",
        }
        return action | {"context": context, "limit": max(80, len(self))}

    def _check_is_admin(self):
        """Raise an AccessError for anyone but an LRM admin."""
        if not self.env.user.has_group("lrm_credentials.group_lrm_admin"):
            raise AccessError(
                self.env._("Only LRM admins preview, issue and cancel credentials.")
            )

    def _check_any_requested(self, verdict):
        """Raise a UserError when none of `self` is Requested.

        Those that are not are refused line by line: one never stops the others.
        """
        if not self.filtered(lambda credential: credential.state == "requested"):
            self._check_requested(verdict)

    def _check_ticked(self):
        """Raise a UserError when `self` is empty."""
        if not self:
            raise UserError(self.env._("Tick the credentials first."))
