import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..seal import check_sealed, has_seal, without_hostile_context

CREDENTIAL_STATE = [
    ("requested", "Requested"),
    ("issued", "Issued"),
    ("cancelled", "Cancelled"),
]
# What the person who requests a credential decides, and may change until it is issued.
REQUEST_FIELDS = {
    "template_id",
    "credential_date",
    "issuing_officer_id",
    "request_reason",
    "reissue_date",
}
# Only this addon's own code writes these: see seal.py. What follows from the enrolment
# is among them, because the ORM lets anyone write a stored related field.
SEALED_FIELDS = {
    "partner_id",
    "offer_id",
    "course_id",
    "company_id",
    "is_test",
    "number",
    "state",
    "token",
    "requested_by_id",
    "issued_at",
    "issued_by_id",
    "cancelled_at",
    "cancelled_by_id",
    "status_reason",
    "refusal",
    "document",
    "document_data",
    "document_sha256",
    "document_salt",
    "is_final",
    "replaces_id",
    "replaced_by_ids",
    "cancel_replaced",
    "emailed_at",
    "expiry_date",
    "expiry_reminded_on",
    "erased_at",
    "erased_by_id",
    "erased_reason",
    "override_reason",
    "overridden_checks",
    "is_imported",
}


class LrmCredential(models.Model):
    _name = "lrm.credential"
    _description = "Credential"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "partner_id.name", "template_id.name"]
    _check_company_auto = True

    # What it is about
    number = fields.Char(
        string="Credential Number",
        size=25,
        readonly=True,
        copy=False,
        index="trigram",
    )
    enrolment_id = fields.Many2one(
        comodel_name="lrm.course.enrolment",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    partner_id = fields.Many2one(
        related="enrolment_id.partner_id", string="Learner", store=True, index=True
    )
    offer_id = fields.Many2one(related="enrolment_id.offer_id", store=True, index=True)
    course_id = fields.Many2one(
        related="enrolment_id.course_id", store=True, index=True
    )
    company_id = fields.Many2one(
        related="enrolment_id.company_id", store=True, index=True, ondelete="restrict"
    )
    is_test = fields.Boolean(related="offer_id.is_test", store=True)

    # What was requested
    template_id = fields.Many2one(
        comodel_name="lrm.credential.template",
        string="Credential",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        domain="[('profile', 'in', [profile, False])]",
    )
    profile = fields.Selection(related="company_id.lrm_profile")
    credential_type = fields.Selection(related="template_id.credential_type")
    credential_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="The date printed on the document.",
    )
    issuing_officer_id = fields.Many2one(
        comodel_name="lrm.issuing.officer",
        compute="_compute_issuing_officer_id",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="restrict",
        check_company=True,
    )
    request_reason = fields.Char(help="Why it is requested, for the office only.")
    requested_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )

    # What became of it
    state = fields.Selection(
        selection=CREDENTIAL_STATE,
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default="requested",
        index=True,
    )
    status_reason = fields.Char(readonly=True, copy=False)
    refusal = fields.Text(
        string="Last Refusal",
        groups="lrm_credentials.group_lrm_user",
        readonly=True,
        copy=False,
        help="Why it was left out when it was last to be issued.",
    )
    issued_at = fields.Datetime(readonly=True, copy=False)
    issued_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="restrict"
    )
    cancelled_at = fields.Datetime(readonly=True, copy=False)
    cancelled_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="restrict"
    )
    is_final = fields.Boolean(string="Final Qualification", readonly=True, copy=False)
    replaces_id = fields.Many2one(
        comodel_name="lrm.credential",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    replaced_by_ids = fields.One2many(
        comodel_name="lrm.credential", inverse_name="replaces_id"
    )

    # What was printed
    document = fields.Binary(attachment=True, readonly=True, copy=False)
    document_filename = fields.Char(compute="_compute_document_filename")
    # Large: not read together with the other fields.
    document_data = fields.Json(readonly=True, copy=False, prefetch=False)
    document_sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_urlsafe(24),
        help="192 random bits that stand for this credential in its verification link.",
    )
    records_differ = fields.Boolean(
        compute="_compute_records_differ",
        help="The learner's records have changed since this document was printed.",
    )

    # Not `required`: the form would ask the user for it, and it is given on saving.
    _number_given = models.Constraint(
        "CHECK(number IS NOT NULL)", "A credential needs a number."
    )
    _number_uniq = models.Constraint(
        "UNIQUE(number)", "This credential number has already been given."
    )
    _token_uniq = models.Constraint(
        "UNIQUE(token)", "This verification token has already been given."
    )
    _issued_complete = models.Constraint(
        "CHECK(state = 'requested' OR (issued_at IS NOT NULL"
        " AND (document_sha256 IS NOT NULL OR is_imported IS TRUE)"
        " AND (document_data IS NOT NULL OR erased_at IS NOT NULL)))",
        "An issued credential keeps its document.",
    )
    _cancelled_complete = models.Constraint(
        "CHECK((state = 'cancelled') = (cancelled_at IS NOT NULL))",
        "A cancelled credential says when it was cancelled.",
    )
    # What the register counts, groups and searches numbers by: a row itself is wide, as
    # it keeps its document's data, and reading them all takes several times as long.
    _register_idx = models.Index(
        "(company_id, state, id DESC) INCLUDE"
        " (number, course_id, offer_id, template_id, credential_date, is_test)"
    )

    @api.depends("enrolment_id")
    def _compute_issuing_officer_id(self):
        for credential in self:
            credential.issuing_officer_id = (
                credential.issuing_officer_id
                or credential.company_id._lrm_proposed_officer()
            )

    @api.depends("number", "template_id", "partner_id")
    def _compute_document_filename(self):
        for credential in self:
            parts = (
                credential.number,
                credential.template_id.name,
                credential.partner_id.name,
            )
            name = " - ".join(filter(None, parts))
            safe = "".join(c if c.isalnum() or c in " -_'." else "_" for c in name)
            credential.document_filename = f"{safe[:120]}.pdf"

    @api.depends("state", "document_data")
    def _compute_records_differ(self):
        for credential in self:
            credential.records_differ = (
                credential.state == "issued"
                and credential.document_data
                and not credential.is_imported
                and credential._document_content(credential.document_data)
                != credential._document_content(credential._document())
            )

    @api.depends("number", "template_id")
    def _compute_display_name(self):
        for credential in self:
            parts = credential.number, credential.template_id.name
            credential.display_name = " ".join(filter(None, parts))

    @api.constrains("credential_date", "state")
    def _check_credential_date(self):
        for credential in self:
            if (
                credential.state == "requested"
                and credential.credential_date > self._latest_today()
            ):
                raise ValidationError(
                    self.env._(
                        "The credential date of %(learner)s cannot be in the future.",
                        learner=credential.partner_id.name,
                    )
                )

    @api.model
    def _latest_today(self):
        """Return today's date where the day comes first, at UTC+14.

        What is today for the requester must not be the future for the LRM admin.
        """
        return (fields.Datetime.now() + timedelta(hours=14)).date()

    @api.model_create_multi
    def create(self, vals_list):
        if not has_seal(self):
            self = without_hostile_context(self)
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            check_sealed(self, vals, SEALED_FIELDS)
        self._give_numbers(vals_list)
        return super().create(vals_list)

    def _give_numbers(self, vals_list):
        """Set `number` in each of `vals_list` that has none.

        Dummy offers have a number range of their own (design rule 12). One query per
        number: a sequence has no call that takes several.
        """
        enrolments = self.env["lrm.course.enrolment"].browse(
            {vals["enrolment_id"] for vals in vals_list if vals.get("enrolment_id")}
        )
        is_test = {enrolment.id: enrolment.is_test for enrolment in enrolments}
        # A sequence is configuration: users have no right on it.
        regular_sudo = self.env.ref("lrm_credentials.sequence_credential").sudo()
        sample_sudo = self.env.ref("lrm_credentials.sequence_sample").sudo()
        waiting = [vals for vals in vals_list if "number" not in vals]
        while waiting:
            for vals in waiting:
                sample = is_test.get(vals.get("enrolment_id"))
                sequence_sudo = sample_sudo if sample else regular_sudo
                vals["number"] = sequence_sudo.next_by_id()
            taken = self._taken_numbers([vals["number"] for vals in waiting])
            waiting = [vals for vals in waiting if vals["number"] in taken]

    @api.model
    def _taken_numbers(self, numbers):
        """Return which of `numbers` have been given, e.g. to imported credentials."""
        # By whichever company: a number is given once.
        taken_sudo = self.sudo().search_fetch([("number", "in", numbers)], ["number"])
        return set(taken_sudo.mapped("number"))

    def write(self, vals):
        check_sealed(self, vals, SEALED_FIELDS | {"enrolment_id"})
        if REQUEST_FIELDS & vals.keys():
            self._check_requested(self.env._("can no longer be changed"))
        return super().write(vals)

    def _check_requested(self, verdict):
        """Raise a UserError naming those of `self` that are not Requested."""
        if closed := self.filtered(lambda credential: credential.state != "requested"):
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(credential)s of %(learner)s is %(state)s: it %(verdict)s.",
                    credential=closed[0].display_name,
                    learner=closed[0].partner_id.name,
                    state=states[closed[0].state],
                    verdict=verdict,
                )
            )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Let whoever may request write notes, on issued credentials too.

        Auditors, who change nothing, need the write access that they do not have.
        """
        if message_operation == "create" and self.env.user.has_group(
            "lrm_credentials.group_lrm_user"
        ):
            return dict.fromkeys(self, "read")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def _stored_documents(self):
        """Return {credential id: bytes of its stored PDF}, in one query.

        The caller must have checked that the user may read the credentials.
        """
        return {file.res_id: file.raw for file in self._document_files()}

    def _document_files(self):
        """Return the attachments that hold the documents of `self`, in sudo."""
        return self.env["ir.attachment"]._of_fields(self, "document")
