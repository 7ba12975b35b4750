from odoo import api, fields, models

from ..report.workbook import CATALOGUE


class LrmCredentialTemplateColumn(models.Model):
    """One column of the mail merge workbook of a credential template."""

    _name = "lrm.credential.template.column"
    _description = "Mail Merge Column"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        comodel_name="lrm.credential.template",
        required=True,
        ondelete="cascade",
        index=True,
    )
    sequence = fields.Integer(default=10)
    source = fields.Selection(
        selection=[
            (source, f"{heading} ({example})")
            for source, (heading, example) in CATALOGUE.items()
        ],
        string="Content",
        required=True,
        help="What the column shows, with an example.",
    )
    heading = fields.Char(
        compute="_compute_heading",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="The name of the merge field in the word processor.",
    )

    _heading_uniq = models.UniqueIndex(
        "(template_id, LOWER(heading))", "Two columns cannot have the same heading."
    )

    @api.depends("source")
    def _compute_heading(self):
        for column in self:
            column.heading = column.heading or CATALOGUE.get(column.source, [""])[0]
