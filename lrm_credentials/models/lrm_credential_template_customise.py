from lxml import etree

from odoo import models
from odoo.exceptions import AccessError

# Of no addon: what is keyed under an addon's name goes when that is uninstalled.
OWN_PREFIX = "lrm_custom"


class LrmCredentialTemplate(models.Model):
    """A layout of one's own: a copy that no update changes."""

    _inherit = "lrm.credential.template"

    def action_customise(self):
        """Make a draft with a layout of its own, and open it.

        The copy has everything that the layout calls, so that neither an update nor an
        uninstallation of other addons changes it.

        :raise AccessError: for anyone but an LRM admin
        """
        self.ensure_one()
        self.env["lrm.credential"]._check_is_admin()
        self.check_access("write")
        own = self.copy({"name": self.env._("%s (customised)", self.name)})
        own.report_id = own._copy_layout()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": own.id,
            "view_mode": "form",
        }

    def action_edit_layout(self):
        """Open the layout's parts in the editor of the ERP, its beginning first.

        :raise AccessError: without Odoo's right to change the system's views
        """
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "A layout is program code, and can read whatever the system knows: "
                    "only people with the right Administration: Settings may change "
                    "it. Ask one of them, or change what the page Design offers."
                )
            )
        views = self.env["ir.ui.view"].search(
            [("key", "in", list(self._layout_closure()))], order="id desc"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Layout of %s", self.name),
            "res_model": "ir.ui.view",
            "view_mode": "list,form",
            "domain": [("id", "in", views.ids)],
        }

    def _copy_layout(self):
        """Return a report of its own for one template, with all parts of its layout."""
        self.ensure_one()
        # Views and reports are configuration: only system users may write them. What
        # is written is a copy of what is there, and no word of the caller's.
        report_sudo = self.report_id.sudo()
        keys = {
            key: f"{OWN_PREFIX}_{self.id}.{key.rpartition('.')[2]}"
            for key in self._layout_closure()
        }
        for key, own_key in keys.items():
            self._copy_part(key, own_key, keys)
        own_name = keys[report_sudo.report_name]
        own_sudo = report_sudo.copy(
            {"name": self.name, "report_name": own_name, "report_file": own_name}
        )
        return own_sudo.sudo(False)

    def _copy_part(self, key, own_key, keys):
        """Copy the view `key`, with what other addons changed in it, and its languages.

        :param keys: {key: key of its copy} of all parts, for the calls between them
        """
        view_sudo = self.env["ir.ui.view"].sudo()._get_template_view(key)
        copy_sudo = self.env["ir.ui.view"].sudo().browse()
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for language in ["en_US", *(code for code in installed if code != "en_US")]:
            arch = view_sudo.with_context(lang=language)._get_combined_arch()
            for call in arch.xpath("//*[@t-call]"):
                call.set("t-call", keys.get(call.get("t-call"), call.get("t-call")))
            arch.set("t-name", own_key)
            content = etree.tostring(arch, encoding="unicode", pretty_print=True)
            if copy_sudo:
                copy_sudo.with_context(lang=language).arch_db = content
            else:
                copy_sudo = copy_sudo.with_context(lang=language).create(
                    {
                        "name": own_key,
                        "key": own_key,
                        "type": "qweb",
                        "arch": content,
                    }
                )
