import hashlib
import json

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
    version = fields.Char(
        compute="_compute_version",
        help="Changes with the layout, any part of it, or these settings. "
        "Each credential keeps the version it was printed with.",
    )

    @api.depends(
        "title",
        "credential_type",
        "units_printed",
        "report_id.paperformat_id",
        "use_learner_language",
    )
    def _compute_version(self):
        # The same for everyone, whatever language they read the layout in.
        for template in self.with_context(lang=None):
            settings = [
                template.title,
                template.credential_type,
                template.units_printed,
                template.use_learner_language,
                template.report_id.paperformat_id.id,
            ]
            content = json.dumps([settings, template._layout_closure()])
            template.version = hashlib.sha256(content.encode()).hexdigest()[:12]

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

    def _layout_closure(self):
        """Return the source of the layout and of every part it calls, by key."""
        self.ensure_one()
        views_sudo = self.env["ir.ui.view"].sudo()  # only system users read views
        sources, keys = {}, [self.report_id.report_name]
        while keys:
            key = keys.pop()
            if key and key not in sources and "{" not in key:
                view = views_sudo._get_template_view(key, raise_if_not_found=False)
                arch = view._get_combined_arch() if view else etree.Element("missing")
                sources[key] = etree.tostring(arch, encoding="unicode")
                keys += arch.xpath("//@t-call")
        return sources

    def _language(self, partner):
        """Return the code of the language in which `partner`'s document is made."""
        self.ensure_one()
        installed = dict(self.env["res.lang"].get_installed())
        wanted = partner.lang if self.use_learner_language else "en_AU"
        english = next((code for code in installed if code.startswith("en")), "en_US")
        return wanted if wanted in installed else english
