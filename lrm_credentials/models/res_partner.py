from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..kept import needed

LRM_USER = "lrm_credentials.group_lrm_user"
NAME_PARTS = ("lrm_first_name", "lrm_middle_name", "lrm_family_name")
# A change of any of these means that the USI has to be verified again.
USI_IDENTITY = {"name", *NAME_PARTS, "lrm_birth_date", "lrm_usi"}


def split_name(name, family_name=None):
    """Split `name` into (first, middle, family) that join to the same words.

    A known `family_name` at the end is kept whole ("van der Berg"); a single word is
    a sole name and counts as the family name.
    """
    name = " ".join((name or "").split())
    if family_name and name.endswith(f" {family_name}"):
        given, family = name[: -len(family_name)].strip(), family_name
    else:
        given, _space, family = name.rpartition(" ")
    first, _space, middle = given.partition(" ")
    return first, middle, family


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_lrm_client = fields.Boolean(
        string="LRM Client",
        help="A learner. Set when the person is added in LRM or first enrolled.",
    )
    lrm_learner_number = fields.Char(
        string="Learner Number", copy=False, index="trigram"
    )
    lrm_first_name = fields.Char(
        string="First Name",
        compute="_compute_lrm_name_parts",
        inverse="_inverse_lrm_name_parts",
        store=True,
        readonly=False,
    )
    lrm_middle_name = fields.Char(
        string="Middle Names",
        compute="_compute_lrm_name_parts",
        inverse="_inverse_lrm_name_parts",
        store=True,
        readonly=False,
    )
    lrm_family_name = fields.Char(
        string="Family (or Sole) Name",
        compute="_compute_lrm_name_parts",
        inverse="_inverse_lrm_name_parts",
        store=True,
        readonly=False,
    )
    lrm_preferred_name = fields.Char(string="Preferred Name")
    lrm_previous_name = fields.Char(string="Previous Name")
    lrm_credential_name = fields.Char(
        string="Name on Credentials",
        help="Only when documents must show another form of the name. "
        "Leave empty to print first, middle and family name.",
    )
    lrm_birth_date = fields.Date(string="Date of Birth", groups=LRM_USER)
    lrm_deceased = fields.Boolean(string="Deceased")
    lrm_usi = fields.Char(
        string="USI",
        copy=False,
        groups=LRM_USER,
        help="Unique Student Identifier. Never printed on a credential.",
    )
    lrm_usi_status = fields.Selection(
        selection=[("unverified", "Not verified"), ("verified", "Verified")],
        string="USI Status",
        default="unverified",
        copy=False,
        groups=LRM_USER,
        help="A change of name, date of birth or USI resets this to Not verified.",
    )
    lrm_usi_exemption = fields.Selection(
        selection=[
            ("individual", "Individual exemption (INDIV)"),
            ("offshore", "International offshore (INTOFF)"),
            ("short", "Short course (SHORT)"),
            ("organisation", "Exempt organisation or course"),
        ],
        string="USI Exemption",
        copy=False,
        groups=LRM_USER,
    )
    lrm_usi_verified_by_id = fields.Many2one(
        comodel_name="res.users",
        string="USI Verified By",
        copy=False,
        readonly=True,
        groups=LRM_USER,
    )
    lrm_usi_verified_on = fields.Datetime(
        string="USI Verified On", copy=False, readonly=True, groups=LRM_USER
    )
    lrm_verification_objection = fields.Boolean(
        string="Objects to Public Verification",
        groups=LRM_USER,
        help="New documents carry no QR code, and the public page knows none of this "
        "person's. It does not say why.",
    )
    lrm_enrolment_ids = fields.One2many(
        comodel_name="lrm.course.enrolment",
        inverse_name="partner_id",
        string="Enrolments",
    )
    lrm_credential_count = fields.Integer(
        string="Credentials",
        compute="_compute_lrm_credential_count",
        groups="lrm_credentials.group_lrm_user,lrm_credentials.group_lrm_auditor",
    )

    _lrm_learner_number_uniq = models.UniqueIndex(
        "(lrm_learner_number) WHERE lrm_learner_number IS NOT NULL",
        "This learner number is already taken.",
    )

    @api.depends("name", "is_lrm_client")
    def _compute_lrm_name_parts(self):
        """Keep first, middle and family name joining to exactly `name`."""
        for partner in self:
            parts = [partner[part] or "" for part in NAME_PARTS]
            name = " ".join((partner.name or "").split())
            if partner.is_lrm_client and " ".join(filter(None, parts)) != name:
                parts = split_name(name, partner.lrm_family_name)
            for field_name, part in zip(NAME_PARTS, parts, strict=True):
                partner[field_name] = part

    def _inverse_lrm_name_parts(self):
        for partner in self:
            name = self._lrm_join_name({part: partner[part] for part in NAME_PARTS})
            # A write costs three queries, even of the same name.
            if name and name != partner.name:
                partner.name = name

    @api.constrains("is_lrm_client", "is_company")
    def _check_lrm_client_is_person(self):
        for partner in self:
            if partner.is_lrm_client and partner.is_company:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a company. Only a person can be an LRM client.",
                        name=partner.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.update(self._lrm_complete_name(vals), **self._lrm_complete_usi(vals))
            self._lrm_set_verification(vals)
        partners = super().create(vals_list)
        partners._lrm_give_learner_number()
        return partners

    def write(self, vals):
        vals = vals | self._lrm_complete_name(vals) | self._lrm_complete_usi(vals)
        if USI_IDENTITY & vals.keys() and "lrm_usi_status" not in vals:
            changed = self.sudo().filtered(  # the editor may not read the USI
                lambda partner: partner.lrm_usi_status == "verified"
                and partner._lrm_changes_identity(vals)
            )
            changed.write({"lrm_usi_status": "unverified"})
        self._lrm_set_verification(vals)
        result = super().write(vals)
        if vals.get("is_lrm_client"):
            self._lrm_give_learner_number()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_enrolled(self):
        if kept := needed(self, "lrm.course.enrolment", "partner_id"):
            raise UserError(
                self.env._(
                    "%s cannot be deleted: learners with enrolments stay on record.",
                    kept.display_name,
                )
            )

    @api.model
    def _search_display_name(self, operator, value):
        """Find learners by their number too, in imports above all."""
        domain = super()._search_display_name(operator, value)
        if operator not in ("in", "=", "ilike"):
            return domain
        return Domain(domain) | Domain("lrm_learner_number", operator, value)

    @api.model
    def get_import_templates(self):
        """Offer the file for LRM clients, beside Odoo's own for contacts."""
        return [
            {
                "label": self.env._("Import Template for LRM Clients"),
                "template": "/lrm_credentials/static/xls/clients.xlsx",
            },
            *super().get_import_templates(),
        ]

    def _lrm_take_over(self, vals):
        """Write `vals` as they are: who verified a USI, and when, stays as it was."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    def _lrm_set_verification(self, vals):
        """Set in `vals` (dict) who verified the USI and when; nobody else may say."""
        vals.pop("lrm_usi_verified_by_id", None)
        vals.pop("lrm_usi_verified_on", None)
        if "lrm_usi_status" in vals:
            verified = vals["lrm_usi_status"] == "verified"
            vals["lrm_usi_verified_by_id"] = verified and self.env.uid
            vals["lrm_usi_verified_on"] = verified and fields.Datetime.now()

    def _lrm_changes_identity(self, vals):
        """Tell whether `vals` changes a value that the USI was verified with."""
        self.ensure_one()
        return any(
            self._fields[name].convert_to_cache(vals[name], self) != self[name]
            and (vals[name] or self[name])
            for name in USI_IDENTITY & vals.keys()
        )

    def _lrm_complete_name(self, vals):
        """Return what makes the name and the name parts in `vals` (dict) agree."""
        given = {part: vals[part] for part in NAME_PARTS if vals.get(part)}
        if not any(part in vals for part in NAME_PARTS):
            return {}
        if vals.get("name"):  # parts that are given are kept whole
            split = split_name(vals["name"], vals.get("lrm_family_name"))
            given = dict(zip(NAME_PARTS, split, strict=True)) | given
        elif self:
            return {}  # the other parts are on record
        name = self._lrm_join_name(given)
        return given | {"name": name} if name else {}

    def _lrm_join_name(self, vals):
        """Return the whole name made of the name parts in `vals` (dict)."""
        return " ".join(filter(None, ((vals.get(p) or "").strip() for p in NAME_PARTS)))

    def _lrm_give_learner_number(self):
        """Number the LRM clients among `self` that have no number yet."""
        clients = self.filtered(lambda p: p.is_lrm_client and not p.lrm_learner_number)
        if not clients:
            return
        # A sequence is configuration: users have no right on it.
        sequence_sudo = self.env.ref("lrm_credentials.sequence_learner").sudo()
        while clients:
            numbers = {client.id: sequence_sudo.next_by_id() for client in clients}
            taken = self._lrm_taken_numbers(list(numbers.values()))
            waiting = self.browse()
            for client in clients:
                if numbers[client.id] in taken:
                    waiting += client
                else:
                    client.lrm_learner_number = numbers[client.id]
            clients = waiting

    @api.model
    def _lrm_taken_numbers(self, numbers):
        """Return which of these learner numbers are somebody's.

        Imported learners keep theirs, which may be ahead of ours.
        """
        others_sudo = self.sudo().with_context(active_test=False)  # of any company
        taken = others_sudo.search_fetch(
            [("lrm_learner_number", "in", numbers)], ["lrm_learner_number"]
        )
        return set(taken.mapped("lrm_learner_number"))

    def _lrm_printed_name(self):
        """Return the name that documents show for this learner, maybe empty."""
        self.ensure_one()
        return " ".join((self.lrm_credential_name or self.name or "").split())

    def _lrm_postal_address(self):
        """Return the lines of this learner's address for the mail merge (dict)."""
        self.ensure_one()
        return {
            "street": self.street or "",
            "street2": self.street2 or "",
            "city": self.city or "",
            "state": self.state_id.code or "",
            "zip": self.zip or "",
            "country": self.country_id.name or "",
        }

    def action_lrm_enrol(self):
        """Open the enrolment of the selected clients in a course offer."""
        self.env["lrm.course.offer.enrol"].check_access("create")
        return self.env["lrm.course.offer.enrol"]._action_open(partners=self)

    @api.depends("lrm_enrolment_ids.credential_ids")
    def _compute_lrm_credential_count(self):
        for partner in self:
            enrolments = partner.lrm_enrolment_ids
            partner.lrm_credential_count = len(enrolments.credential_ids)

    def action_lrm_view_credentials(self):
        """Open the credentials of this client."""
        self.ensure_one()
        self.env["lrm.credential"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lrm_credentials.lrm_credential_action_of_enrolment"
        )
        return action | {
            "domain": [("partner_id", "=", self.id)],
            "context": {"create": False},
        }
