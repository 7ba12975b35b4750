import re

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Of no addon: what is keyed under an addon's name goes when that is uninstalled.
OWN_PREFIX = "lrm_custom"


class LrmCredentialTemplate(models.Model):
    """A layout of one's own: a copy that no update changes."""

    _inherit = "lrm.credential.template"

    has_own_layout = fields.Boolean(compute="_compute_has_own_layout")

    @api.depends("report_id")
    def _compute_has_own_layout(self):
        for template in self:
            name = template.report_id.sudo().report_name or ""  # configuration
            template.has_own_layout = name.startswith(OWN_PREFIX)

    def unlink(self):
        """Delete their layouts too, where no other template prints with them."""
        own = self.filtered("has_own_layout")
        reports_sudo = own.report_id.sudo()  # reports and views are configuration
        result = super().unlink()
        others_sudo = self.sudo().with_context(active_test=False)
        used = others_sudo.search([("report_id", "in", reports_sudo.ids)]).report_id
        for report_sudo in reports_sudo - used:
            prefix = report_sudo.report_name.partition(".")[0]
            report_sudo.unlink()
            self.env["ir.ui.view"].sudo().search(
                [("key", "=like", f"{prefix}.%")]
            ).unlink()
        return result

    def action_customise(self):
        """Make a draft with a layout of its own, and open it.

        The copy has everything that the layout calls, and its style sheet, so that no
        update and no uninstallation of other addons changes it.

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
        :raise UserError: when the layout is not its own, so that updates overwrite it
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
        if not self.has_own_layout:
            raise UserError(
                self.env._(
                    "This layout comes with an addon, whose next update would undo "
                    "your changes: press Customise first, and edit the copy."
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
        keys = {key: self._own_key(key) for key in self._layout_closure()}
        for key in keys:
            self._copy_part(key, keys)
        own_name = keys[report_sudo.report_name]
        own_sudo = report_sudo.copy(
            {"name": self.name, "report_name": own_name, "report_file": own_name}
        )
        return own_sudo.sudo(False)

    def _own_key(self, key):
        """Return the key of the copy of `key` that belongs to one template."""
        name = re.sub(rf"^{OWN_PREFIX}_\d+\.", "", key).replace(".", "_")
        return f"{OWN_PREFIX}_{self.id}.{name}"

    def _copy_part(self, key, keys):
        """Copy the view `key`, with what other addons changed in it, and its languages.

        :param keys: {key: key of its copy} of all parts, for the calls between them
        """
        own_key, source = keys[key], self._own_source(key, keys, "en_US")
        copy_sudo = (
            self.env["ir.ui.view"]
            .sudo()
            .with_context(lang="en_US")
            .create({"name": own_key, "key": own_key, "type": "qweb", "arch": source})
        )
        others = [code for code, _name in self.env["res.lang"].get_installed()]
        sources = {code: self._own_source(key, keys, code) for code in others}
        terms = copy_sudo._fields["arch_db"].get_translation_dictionary(source, sources)
        copy_sudo.update_field_translations(
            "arch_db",
            {
                code: {term: words[code] for term, words in terms.items()}
                for code in others
                if code != "en_US"
            },
        )

    def _own_source(self, key, keys, language):
        """Return the QWeb of a copy of `key`, in a language. `keys`: see above."""
        view_sudo = self.env["ir.ui.view"].sudo()._get_template_view(key)
        arch = view_sudo.with_context(lang=language)._get_combined_arch()
        for call in arch.xpath("//*[@t-call]"):
            call.set("t-call", keys.get(call.get("t-call"), call.get("t-call")))
        for style in arch.xpath("//*[@t-out='style']"):
            del style.attrib["t-out"]
            style.text = str(self.env["lrm.credential"]._document_style())
        arch.set("t-name", keys[key])
        return etree.tostring(arch, encoding="unicode", pretty_print=True)
