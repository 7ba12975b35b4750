import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..address import is_public
from ..kept import needed
from ..report.images import data_uri, digest

# Artwork that the organisation uploads, and what each document calls it.
ARTWORK = {
    "nrt_logo": "lrm_nrt_logo",
    "aqf_logo": "lrm_aqf_logo",
    "seal": "lrm_seal",
    "watermark": "lrm_watermark",
}


class ResCompany(models.Model):
    _inherit = "res.company"

    lrm_profile = fields.Selection(
        selection=[("au_vet", "Australian VET (RTO)"), ("generic", "Generic")],
        string="Credential Profile",
        compute="_compute_lrm_profile",
        store=True,
        readonly=False,
        help="Australian VET uses USI, RTO code and AQF wording; generic hides them.",
    )
    lrm_outcome_list = fields.Selection(
        selection="_selection_lrm_outcome_list",
        string="Outcome List",
        compute="_compute_lrm_profile",
        store=True,
        readonly=False,
        help="The list of outcome codes that staff choose from.",
    )
    lrm_legal_name = fields.Char(
        string="Legal Name",
        help="Printed as the issuer. Leave empty to print the company's name.",
    )
    lrm_trading_name = fields.Char(
        string="Trading Name",
        help="Printed as the heading of each document when it differs.",
    )
    lrm_rto_code = fields.Char(
        string="RTO Code",
        help="The organisation's code on the national register, printed on documents.",
    )
    lrm_accent_color = fields.Char(
        string="Accent Colour",
        default="#7a1f2b",
        help="The one colour of the documents, as #rrggbb.",
    )
    lrm_nrt_logo = fields.Binary(
        string="NRT Logo",
        attachment=True,
        help="Nationally Recognised Training artwork, supplied by the regulator.",
    )
    lrm_aqf_logo = fields.Binary(
        string="AQF Logo",
        attachment=True,
        help="Australian Qualifications Framework artwork, for certificates only.",
    )
    lrm_seal = fields.Binary(
        string="Seal",
        attachment=True,
        help="Seal or corporate identifier, printed beside the signature.",
    )
    lrm_watermark = fields.Binary(
        string="Background Watermark",
        attachment=True,
        help="A faint image behind the text of each document.",
    )
    # A document names its images by digest. Kept here, so that making a document
    # neither reads nor hashes the images.
    lrm_artwork_digests = fields.Json(
        compute="_compute_lrm_artwork_digests", store=True
    )
    lrm_default_officer_id = fields.Many2one(
        comodel_name="lrm.issuing.officer",
        string="Default Issuing Officer",
        check_company=True,
    )
    lrm_run_limit = fields.Integer(
        string="Largest Run Made at Once",
        default=100,
        help="Larger previews and issues go on in the background: the user may leave.",
    )
    lrm_duplex = fields.Boolean(
        string="Print File for Double-Sided Printing",
        help="Each credential starts on a fresh sheet.",
    )
    lrm_retention_years = fields.Integer(
        string="Keep Credentials (years)",
        default=30,
        help="How long issued credentials are kept. Australian RTOs: 30 years "
        "(Compliance Standards 2025, s10).",
    )

    lrm_verification = fields.Boolean(
        string="Public Verification",
        default=True,
        help="Documents carry a QR code, and anybody who holds one can check it on a "
        "public page. Switched off, that page knows none of this company's.",
    )

    lrm_expiry_days = fields.Integer(
        string="Remind of Expiry (days before)",
        default=60,
        help="Learners get an e-mail and the office an activity. 0: no reminders.",
    )
    lrm_expiry_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible for Renewals",
        help="Gets the activities. Leave empty for whoever issued the credential.",
    )

    lrm_clock_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible for the 30 Days",
        help="Gets an activity for each enrolment whose credential is due within a "
        "week (Compliance Standards 2025, s9(2)). Leave empty for none.",
    )

    _lrm_retention_years_positive = models.Constraint(
        "CHECK(lrm_retention_years > 0)",
        "Credentials must be kept for at least one year.",
    )

    @api.model
    def _selection_lrm_outcome_list(self):
        return (
            self.env["lrm.outcome"]
            ._fields["code_list"]
            ._description_selection(self.env)
        )

    @api.depends("country_id", "state_id")
    def _compute_lrm_profile(self):
        """Propose from the address; never overrule what somebody has chosen."""
        for company in self:
            if not company.lrm_profile:
                is_australian = company.country_id.code == "AU"
                company.lrm_profile = "au_vet" if is_australian else "generic"
            if not company.lrm_outcome_list:
                is_wa = company.state_id.code == "WA"
                company.lrm_outcome_list = (
                    company.lrm_profile == "generic"
                    and "generic"
                    or (is_wa and "wa" or "national")
                )

    @api.depends("logo", "uses_default_logo", *ARTWORK.values())
    def _compute_lrm_artwork_digests(self):
        for company in self.with_context(bin_size=False):
            company.lrm_artwork_digests = {
                name: digest(value)
                for name, value in company._lrm_artwork().items()
                if data_uri(value)  # an SVG logo, say, is left out
            }

    @api.constrains("lrm_accent_color")
    def _check_lrm_accent_color(self):
        for company in self:
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", company.lrm_accent_color or ""):
                raise ValidationError(
                    self.env._(
                        "The accent colour must be written as #rrggbb, for example "
                        "#7a1f2b."
                    )
                )

    @api.constrains(*ARTWORK.values())
    def _check_lrm_artwork(self):
        for company in self.with_context(bin_size=False):
            for field_name in ARTWORK.values():
                value = company[field_name]
                if value and not data_uri(value):
                    raise ValidationError(
                        self.env._(
                            "%(field)s must be a PNG or JPEG image.",
                            field=self._fields[field_name]._description_string(
                                self.env
                            ),
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_register(self):
        kept = needed(self, "lrm.credential", "company_id") or needed(
            self, "lrm.register.head", "company_id"
        )
        if kept:
            raise UserError(
                self.env._(
                    "%s has a register of credentials, which must be kept: the company "
                    "cannot be deleted.",
                    kept.display_name,
                )
            )

    def _lrm_artwork(self):
        """Return {name on documents: base64 image or False} of one company."""
        self.ensure_one()
        artwork = {name: self[field_name] for name, field_name in ARTWORK.items()}
        return {"logo": not self.uses_default_logo and self.logo} | artwork

    def _lrm_artwork_uris(self):
        """Return {digest: data URI} of everything `lrm_artwork_digests` names."""
        self.ensure_one()
        artwork = self.with_context(bin_size=False)._lrm_artwork()
        return {digest(value): data_uri(value) for value in artwork.values() if value}

    def _lrm_proposed_officer(self):
        """Return the officer that a new request names, unless that person has left."""
        return self.lrm_default_officer_id.filtered("active")

    def _lrm_issuer_name(self):
        """Return the legal name that documents print."""
        self.ensure_one()
        return self.lrm_legal_name or self.name

    def _lrm_address_problem(self):
        """Return why QR codes would lead nowhere and what to do, None if they would."""
        self.ensure_one()
        address = self.get_base_url()
        if is_public(address):
            return None
        return self.env._(
            "QR codes would lead to %s, which others cannot open, or not safely. Have "
            "your Odoo administrator set the system parameter web.base.url to the "
            "https address that the public uses, or switch off Public Verification in "
            "LRM > Configuration > Settings.",
            address,
        )

    def _lrm_missing_identity(self):
        """Return the labels of what documents need and the company lacks.

        An Australian RTO prints its code on each document
        (Compliance Standards 2025, s11).
        """
        self.ensure_one()
        if self.lrm_profile == "au_vet" and not self.lrm_rto_code:
            return [self._fields["lrm_rto_code"]._description_string(self.env)]
        return []
