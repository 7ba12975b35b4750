from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.ir_sequence import _alter_sequence

# What an LRM admin may change on the company: nothing else passes through here.
COMPANY_FIELDS = (
    "lrm_profile",
    "lrm_outcome_list",
    "lrm_legal_name",
    "lrm_trading_name",
    "lrm_rto_code",
    "lrm_accent_color",
    "lrm_nrt_logo",
    "lrm_aqf_logo",
    "lrm_seal",
    "lrm_watermark",
    "lrm_default_officer_id",
    "lrm_retention_years",
    "lrm_run_limit",
    "lrm_duplex",
    "lrm_verification",
    "lrm_expiry_days",
    "lrm_expiry_user_id",
    "lrm_clock_user_id",
)


class LrmSettings(models.TransientModel):
    """The settings of LRM, for LRM admins, who have no right on companies."""

    _name = "lrm.settings"
    _description = "LRM Settings"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    lrm_profile = fields.Selection(
        selection=lambda self: self._company_selection("lrm_profile"),
        string="Credential Profile",
        required=True,
    )
    lrm_outcome_list = fields.Selection(
        selection=lambda self: self._company_selection("lrm_outcome_list"),
        string="Outcome List",
        required=True,
    )
    lrm_legal_name = fields.Char(string="Legal Name")
    lrm_trading_name = fields.Char(string="Trading Name")
    lrm_rto_code = fields.Char(string="RTO Code")
    lrm_accent_color = fields.Char(string="Accent Colour", required=True)
    lrm_nrt_logo = fields.Binary(string="NRT Logo")
    lrm_aqf_logo = fields.Binary(string="AQF Logo")
    lrm_seal = fields.Binary(string="Seal")
    lrm_watermark = fields.Binary(string="Background Watermark")
    lrm_default_officer_id = fields.Many2one(
        comodel_name="lrm.issuing.officer",
        string="Default Issuing Officer",
        domain="[('company_id', '=', company_id)]",
    )
    lrm_retention_years = fields.Integer(string="Keep Credentials (years)")
    lrm_run_limit = fields.Integer(string="Largest Run Made at Once")
    lrm_duplex = fields.Boolean(string="Double-Sided Print File")
    lrm_verification = fields.Boolean(
        string="Public Verification",
        help="Documents carry a QR code, and anybody who holds one can check it on a "
        "public page. Switched off, that page knows none of this company's.",
    )
    address_problem = fields.Char(compute="_compute_address_problem")
    lrm_expiry_days = fields.Integer(
        string="Remind of Expiry (days before)",
        help="Learners get an e-mail and the office an activity. 0: no reminders.",
    )
    lrm_expiry_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible for Renewals",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets the activities. Leave empty for whoever issued the credential.",
    )
    lrm_clock_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible for the 30 Days",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets an activity for each enrolment whose credential is due within a "
        "week (Compliance Standards 2025, s9(2)). Leave empty for none.",
    )
    next_number = fields.Char(
        string="Next Credential Number",
        size=10,
        help="Ten digits. Can only be raised: a number is never given twice.",
    )

    @api.depends("company_id")
    def _compute_address_problem(self):
        for settings in self:
            company_sudo = settings.company_id.sudo()  # no right on companies
            settings.address_problem = company_sudo._lrm_address_problem()

    @api.model
    def _company_selection(self, name):
        return self.env["res.company"]._fields[name]._description_selection(self.env)

    @api.model
    def default_get(self, fields_list):
        """Show what the company has now."""
        self._check_is_admin()
        values = super().default_get(fields_list)
        company_sudo = self.env.company.sudo().with_context(bin_size=False)
        for name in COMPANY_FIELDS:
            field = company_sudo._fields[name]
            values[name] = field.convert_to_write(company_sudo[name], company_sudo)
        values["next_number"] = f"{self._sequence_sudo().number_next_actual:010d}"
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_is_admin()
        return super().create(vals_list)

    def action_save(self):
        """Write the settings to the company and reload the page."""
        self.ensure_one()
        self._check_is_admin()
        company = self.company_id
        if company not in self.env.companies:
            raise AccessError(self.env._("You do not work for this company."))
        values = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in COMPANY_FIELDS
        }
        # LRM admins have no right on companies; only the fields above pass.
        company.sudo().with_context(image_no_postprocess=True).write(values)
        self._save_next_number()
        return {"type": "ir.actions.client", "tag": "reload"}

    def _save_next_number(self):
        sequence_sudo = self._sequence_sudo()
        number = (self.next_number or "").strip()
        if not number.isdecimal() or len(number) > 10:
            raise UserError(
                self.env._("The next credential number must have up to ten digits.")
            )
        if int(number) < sequence_sudo.number_next_actual:
            raise UserError(
                self.env._(
                    "The next credential number cannot go back below %s: numbers are "
                    "never given twice.",
                    f"{sequence_sudo.number_next_actual:010d}",
                )
            )
        if int(number) > sequence_sudo.number_next_actual:
            # Not through `number_next`, which holds no ten digits; and nobody has
            # to wait for it: the sequence itself is what gives the numbers.
            _alter_sequence(
                self.env.cr,
                f"ir_sequence_{sequence_sudo.id:03d}",
                number_next=int(number),
            )

    def _sequence_sudo(self):
        """Return the sequence of credential numbers; users have no right on it."""
        return self.env.ref("lrm_credentials.sequence_credential").sudo()

    def _check_is_admin(self):
        if not self.env.user.has_group("lrm_credentials.group_lrm_admin"):
            raise AccessError(self.env._("Only LRM admins change the LRM settings."))
