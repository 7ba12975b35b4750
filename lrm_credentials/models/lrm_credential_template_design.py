import base64
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date

from ..report.background import prepare
from ..report.fields import MERGE_FIELDS, merge_fields, value_at
from ..report.images import LARGEST, data_uri, digest, is_drawable
from ..report.pages import PAGES
from ..report.wkhtmltopdf import RenderError

PARAGRAPHS = "opening", "closing", "note"
PDF = b"%PDF-"


class LrmCredentialTemplate(models.Model):
    """How the documents of a template look, for those who do not write QWeb."""

    _inherit = "lrm.credential.template"

    page = fields.Selection(
        selection=[
            ("a4_portrait", "A4 portrait"),
            ("a4_landscape", "A4 landscape"),
            ("letter_portrait", "Letter portrait"),
            ("letter_landscape", "Letter landscape"),
            ("layout", "As the layout says"),
        ],
        string="Paper",
        required=True,
        default="a4_portrait",
    )
    profile = fields.Selection(
        selection=[("au_vet", "Australian VET (RTO)"), ("generic", "Generic")],
        help="Which companies are offered it. Leave empty for all.",
    )
    font = fields.Selection(
        selection=[("classic", "Classic (serif)"), ("modern", "Modern (sans serif)")],
        required=True,
        default="classic",
    )
    accent_color = fields.Char(
        string="Accent Colour", help="Leave empty for the company's."
    )
    background = fields.Binary(
        attachment=True,
        help="Your own artwork, which fills the page under the text; the layout's "
        "border is left out. A PDF of one page, which stays sharp at any size, or a "
        "PNG or JPEG: 5 MB at most. It should be as large as the paper.",
    )
    background_name = fields.Char()
    background_digest = fields.Char(compute="_compute_background_digest", store=True)
    prints_logo = fields.Boolean(string="Logo", default=True)
    prints_nrt_logo = fields.Boolean(string="NRT Logo", default=True)
    prints_aqf_logo = fields.Boolean(string="AQF Logo", default=True)
    prints_seal = fields.Boolean(string="Seal", default=True)
    prints_watermark = fields.Boolean(string="Background Watermark", default=True)
    prints_qr = fields.Boolean(
        string="QR Code", default=True, help="Leads to the verification page."
    )
    prints_outcomes = fields.Boolean(
        string="Result of Each Unit", help="What the layout prints beside each unit."
    )
    prints_unit_dates = fields.Boolean(string="Date of Each Unit", default=True)
    is_preprinted = fields.Boolean(
        string="For Pre-Printed Paper",
        help="Everything stays in its place, but border, logos, seal and background "
        "are left out: they are on the paper.",
    )
    leaves_out_transfers = fields.Boolean(
        string="Leave Out Credit Transfers",
        help="Units that another organisation has assessed are not printed.",
    )
    second_officer_id = fields.Many2one(
        comodel_name="lrm.issuing.officer",
        string="Second Signatory",
        ondelete="restrict",
        help="Signs beside the issuing officer, on credentials of the same company.",
    )
    opening = fields.Text(
        translate=True, help="Printed before the main text. May have merge fields."
    )
    closing = fields.Text(
        translate=True, help="Printed after the main text. May have merge fields."
    )
    note = fields.Text(
        string="Small Print",
        translate=True,
        help="Printed small, near the end. May have merge fields.",
    )

    @api.depends("background")
    def _compute_background_digest(self):
        for template in self.with_context(bin_size=False):
            template.background_digest = digest(template.background)

    @api.constrains("accent_color")
    def _check_accent_color(self):
        for template in self:
            color = template.accent_color
            if color and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
                raise ValidationError(
                    self.env._(
                        "The accent colour of %(template)s must be written as #rrggbb, "
                        "for example #7a1f2b.",
                        template=template.name,
                    )
                )

    @api.constrains("background")
    def _check_background(self):
        for template in self:
            if problem := template._background_problem():
                raise ValidationError(
                    self.env._(
                        "The background of %(template)s cannot be printed: %(problem)s",
                        template=template.name,
                        problem=problem,
                    )
                )

    def _background_problem(self):
        """Return what is wrong with the background of one template, or None."""
        content = self._background_content()
        if not content:
            return None
        if len(content) > LARGEST:
            return self.env._(
                "it has more than 5 MB, which each document would have to carry."
            )
        if not content.startswith(PDF):
            return not is_drawable(content) and self.env._(
                "it must be a PDF of one page, or a whole PNG or JPEG image of 50 "
                "million pixels at most."
            )
        try:
            prepare(content)
        except ValueError as error:
            return {
                "encrypted": self.env._("it is protected by a password."),
                "pages": self.env._("it must have exactly one page."),
                "outside": self.env._("it refers to another file."),
            }.get(str(error), self.env._("the file is damaged."))
        return None

    @api.constrains(*PARAGRAPHS)
    def _check_merge_fields(self):
        for template in self:
            for name in PARAGRAPHS:
                for source in merge_fields(template[name] or ""):
                    if source not in MERGE_FIELDS:
                        raise ValidationError(
                            self.env._(
                                "There is no field {%(field)s} to print in "
                                "%(paragraph)s of %(template)s. The page Fields lists "
                                "those that there are.",
                                field=source,
                                paragraph=self._fields[name]._description_string(
                                    self.env
                                ),
                                template=template.name,
                            )
                        )

    def _version_fields(self):
        return super()._version_fields() + [
            "page",
            "font",
            "accent_color",
            "background_digest",
            "prints_logo",
            "prints_nrt_logo",
            "prints_aqf_logo",
            "prints_seal",
            "prints_watermark",
            "prints_qr",
            "prints_outcomes",
            "prints_unit_dates",
            "is_preprinted",
            "leaves_out_transfers",
            "second_officer_id",
            *PARAGRAPHS,
        ]

    def _paperformat(self):
        """Return the paper that one template is printed on."""
        self.ensure_one()
        if self.page == "layout":
            return self.report_id.sudo().get_paperformat()  # paper is configuration
        return self.env.ref(f"lrm_credentials.paperformat_{self.page}").sudo()

    def _layout(self, document):
        """Return what `document` tells its layout about form: see `_document()`.

        :param document: dict, complete but for its layout
        """
        self.ensure_one()
        logos = ["logo", "nrt_logo", "aqf_logo", "seal", "watermark"]
        columns = {
            "code": True,
            "name": True,
            "outcome": self.prints_outcomes,
            "date": self.prints_unit_dates,
        }
        width, height = PAGES.get(self.page, PAGES["a4_portrait"])
        return {
            "page": self.page,
            "width": width,
            "height": height,
            "font": self.font,
            "accent_color": self.accent_color or document["issuer"]["accent_color"],
            "background": self.background_digest or False,
            "logos": [name for name in logos if self[f"prints_{name}"]],
            "with_artwork": not self.is_preprinted,
            "with_qr": self.prints_qr,
            "columns": [name for name, is_printed in columns.items() if is_printed],
            "paragraphs": {
                name: self._filled(self[name] or "", document) for name in PARAGRAPHS
            },
        }

    def _filled(self, text, document):
        """Return `text` with each merge field replaced by what `document` says.

        A plain replacement: nothing in a name or a text is ever evaluated.
        """
        values = {}
        for source in merge_fields(text):
            value = value_at(document, source)
            if value and source in MERGE_FIELDS and MERGE_FIELDS[source].is_date:
                value = format_date(self.env, value, date_format="d MMMM yyyy")
            values["{%s}" % source] = value if isinstance(value, str) else ""
        if not values:
            return text
        pattern = "|".join(map(re.escape, values))
        return re.sub(pattern, lambda match: values[match[0]], text)

    def _background_content(self):
        """Return the background of one template (bytes), empty when there is none."""
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).background or b"")

    def _background_uri(self):
        """Return {digest: data URI} of the background, if that is an image."""
        background = self.with_context(bin_size=False).background
        uri = data_uri(background)
        return {self.background_digest: uri} if uri else {}

    def _background_form(self):
        """Return the background as `report.background` draws it, if that is a PDF.

        :raise RenderError: when the file is not the one that was uploaded and approved
        """
        if digest(self.with_context(bin_size=False).background) != (
            self.background_digest
        ):
            raise RenderError(
                self.env._(
                    "The background of %s is missing, or not the one that was "
                    "uploaded. Upload it again.",
                    self.name,
                )
            )
        content = self._background_content()
        return prepare(content) if content.startswith(PDF) else None
