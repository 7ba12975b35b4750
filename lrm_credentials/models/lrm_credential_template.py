import hashlib
import json
from functools import cache
from pathlib import Path

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from ..kept import needed
from ..report.workbook import STANDARD

STYLES = Path(__file__).parent.parent / "static" / "document"


@cache
def _style_source():
    """Return the style sheets of the layouts, as they were written."""
    return [path.read_text() for path in sorted(STYLES.glob("*.scss"))]


class LrmCredentialTemplate(models.Model):
    _name = "lrm.credential.template"
    _description = "Credential Template"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(
        required=True, translate=True, help="How staff know this credential."
    )
    title = fields.Char(
        required=True, translate=True, help="The heading printed on the document."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", help="Leave empty to share with all companies."
    )
    credential_type = fields.Selection(
        selection=[
            ("certificate", "Certificate"),
            ("statement", "Statement"),
            ("transcript", "Transcript"),
            ("letter", "Letter"),
            ("card", "Card"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="Decides the rules: only some types can be a final qualification.",
    )
    units_printed = fields.Selection(
        selection=[
            ("competent", "Competent units"),
            ("all", "All units"),
            ("none", "No units"),
        ],
        required=True,
        default="competent",
    )
    report_id = fields.Many2one(
        comodel_name="ir.actions.report",
        string="Layout",
        required=True,
        ondelete="restrict",
        domain="[('model', '=', 'lrm.credential')]",
    )
    use_learner_language = fields.Boolean(
        string="In the Learner's Language",
        help="AQF documents are in English: leave this off for them.",
    )
    validity_months = fields.Integer(
        string="Valid for (months)",
        help="Printed as Valid Until, counted from the credential date. 0: for ever.",
    )
    merge_column_ids = fields.One2many(
        comodel_name="lrm.credential.template.column",
        inverse_name="template_id",
        string="Mail Merge Columns",
        copy=True,
        help="Leave empty for the standard columns. Postal address and file name are "
        "always there.",
    )
    version = fields.Char(
        compute="_compute_version",
        help="Changes with the layout, any part of it, or these settings. "
        "Each credential keeps the version it was printed with.",
    )

    _validity_months_positive = models.Constraint(
        "CHECK(validity_months >= 0)", "A validity cannot be negative."
    )

    @api.depends(lambda self: (*self._version_fields(), "report_id.paperformat_id"))
    def _compute_version(self):
        for template in self:
            # Each once: a language that changes no word makes no new version.
            contents = {template._content(code) for code in template._languages()}
            whole = json.dumps(sorted(contents))
            template.version = hashlib.sha256(whole.encode()).hexdigest()[:12]

    def _content(self, language):
        """Return, as text, all that decides what one template prints in a language."""
        self = self.with_context(lang=language)
        layout = self._layout_closure()
        style = any('"style"' in source for source in layout.values())
        return json.dumps(
            [
                {name: self[name] for name in self._version_fields()},
                self.report_id.paperformat_id.id,
                layout,
                _style_source() if style else [],
            ],
            default=lambda records: records.ids,
        )

    @api.model
    def _version_fields(self):
        """Return the names of the settings that decide what is printed."""
        return [
            "title",
            "credential_type",
            "units_printed",
            "use_learner_language",
            "validity_months",
        ]

    @api.constrains("report_id")
    def _check_report_model(self):
        for template in self:
            if template.report_id.model != "lrm.credential":
                raise ValidationError(
                    self.env._(
                        "%(report)s does not print credentials: choose another layout.",
                        report=template.report_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if kept := needed(self, "lrm.credential", "template_id"):
            raise UserError(
                self.env._(
                    "There are credentials of %s: archive this template instead.",
                    kept.display_name,
                )
            )

    def _layout_closure(self):
        """Return the source of the layout and of every part it calls, by key."""
        self.ensure_one()
        return dict(self._layout_sources(self.report_id.report_name))

    @api.model
    @ormcache("key", "self.env.lang", cache="templates")
    def _layout_sources(self, key):
        """Return what `_layout_closure` does, as long as no view changes.

        Whoever opens the register asks whether each template is still approved.
        """
        # Only system users read views. What else a caller has put in the context must
        # not get into what all get.
        views_sudo = self.env["ir.ui.view"].sudo()
        views_sudo = views_sudo.with_context({"lang": self.env.lang})  # pylint: disable=context-overridden
        sources, keys = {}, [key]
        while keys:
            key = keys.pop()
            if key and key not in sources and "{" not in key:
                view = views_sudo._get_template_view(key, raise_if_not_found=False)
                arch = view._get_combined_arch() if view else etree.Element("missing")
                sources[key] = etree.tostring(arch, encoding="unicode")
                keys += arch.xpath("//@t-call")
        return sources

    def _merge_layout(self):
        """Return the mail merge columns of this template: {heading: source}."""
        self.ensure_one()
        chosen = {column.heading: column.source for column in self.merge_column_ids}
        return chosen or STANDARD

    def _languages(self):
        """Return the codes of the languages in which one template may be printed."""
        self.ensure_one()
        if not self.use_learner_language:
            return [self._language(self.env["res.partner"])]
        return [code for code, _name in self.env["res.lang"].get_installed()]

    def _language(self, partner):
        """Return the code of the language in which `partner`'s document is made."""
        self.ensure_one()
        installed = dict(self.env["res.lang"].get_installed())
        wanted = partner.lang if self.use_learner_language else "en_AU"
        english = next((code for code in installed if code.startswith("en")), "en_US")
        return wanted if wanted in installed else english
