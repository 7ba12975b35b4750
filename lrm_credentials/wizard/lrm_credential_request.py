from odoo import api, fields, models
from odoo.exceptions import UserError

from .notification import notification
from .problem_list import problem_list


class LrmCredentialRequest(models.TransientModel):
    _name = "lrm.credential.request"
    _description = "Request Credentials"

    enrolment_ids = fields.Many2many(
        comodel_name="lrm.course.enrolment", string="Enrolments", required=True
    )
    enrolment_count = fields.Integer(compute="_compute_enrolment_count")
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_enrolment_count"
    )
    profile = fields.Selection(related="company_id.lrm_profile")
    template_ids = fields.Many2many(
        comodel_name="lrm.credential.template",
        string="Credentials",
        required=True,
        domain="[('company_id', 'in', [company_id, False]),"
        " ('profile', 'in', [profile, False])]",
        help="One or several: a certificate and its record of results go together.",
    )
    credential_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="The date printed on the documents.",
    )
    issuing_officer_id = fields.Many2one(
        comodel_name="lrm.issuing.officer",
        compute="_compute_issuing_officer_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    request_reason = fields.Char(string="Reason")
    open_register = fields.Boolean(
        string="Go to Credentials Register when complete?",
        help="Opens the register with these credentials selected.",
    )
    problems = fields.Html(
        string="What Will Prevent Issue", compute="_compute_problems", sanitize=False
    )
    warnings = fields.Html(
        string="To Be Considered", compute="_compute_problems", sanitize=False
    )

    @api.depends("enrolment_ids")
    def _compute_enrolment_count(self):
        for wizard in self:
            wizard.enrolment_count = len(wizard.enrolment_ids)
            wizard.company_id = wizard.enrolment_ids.company_id[:1]

    @api.depends("enrolment_ids")
    def _compute_issuing_officer_id(self):
        for wizard in self:
            wizard.issuing_officer_id = wizard.company_id._lrm_proposed_officer()

    @api.depends("enrolment_ids", "template_ids", "credential_date")
    def _compute_problems(self):
        for wizard in self:
            findings = wizard._find_problems() if wizard.credential_date else []
            wizard.problems = wizard._problem_list(findings, "refuse")
            wizard.warnings = wizard._problem_list(findings, "warn")

    def _problem_list(self, findings, severity):
        """Return those of `findings` that are of one severity as a table, or None."""
        problems = [
            (learner, credential, finding.sentence)
            for learner, credential, finding in findings
            if finding.severity == severity and not finding.is_told_once
        ]
        return problem_list(self.env, problems)

    @api.model
    def _action_open(self, enrolments):
        """Return the action that opens this wizard for `enrolments`."""
        enrolments.check_access("read")
        if not enrolments:
            raise UserError(self.env._("Tick the enrolments first."))
        if len(enrolments.company_id) > 1:
            raise UserError(self.env._("Tick enrolments of one company at a time."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Credential"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_enrolment_ids": enrolments.ids},
        }

    def action_request(self):
        """Request the credentials; skip and name those that are requested already.

        :return: the register with the new rows selected, or a notification
        """
        self.ensure_one()
        values, skipped = self._prepare_requests()
        credentials = self.env["lrm.credential"].create(values)
        message = self.env._("Requested credentials: %s.", len(credentials))
        if skipped:
            message += " " + self.env._("Already requested: %s.", ", ".join(skipped))
        if self.open_register and credentials:
            after = credentials._action_open_register()
        else:
            after = {"type": "ir.actions.act_window_close"}
        return notification(message, after, is_warning=bool(skipped))

    def _prepare_requests(self):
        """Return (values of the new credentials, names of those already requested)."""
        requested = set(
            self.env["lrm.credential"]._read_group(
                [
                    ("enrolment_id", "in", self.enrolment_ids.ids),
                    ("template_id", "in", self.template_ids.ids),
                    ("state", "=", "requested"),
                ],
                ["enrolment_id", "template_id"],
            )
        )
        values, skipped = [], []
        for enrolment in self.enrolment_ids:
            for template in self.template_ids:
                if (enrolment, template) in requested:
                    name = enrolment.partner_id.name
                    if len(self.template_ids) > 1:
                        name = f"{name} ({template.name})"
                    skipped.append(name)
                else:
                    values.append(self._prepare_request(enrolment, template))
        return values, skipped

    def _prepare_request(self, enrolment, template):
        return {
            "enrolment_id": enrolment.id,
            "template_id": template.id,
            "credential_date": self.credential_date,
            "issuing_officer_id": self.issuing_officer_id.id,
            "request_reason": self.request_reason,
        }

    def _find_problems(self):
        """Return [(learner, credential, Finding)] of what checks find."""
        Credential = self.env["lrm.credential"]
        # One recordset, so that all drafts fetch what they refer to together.
        drafts = Credential.concat(
            *(
                Credential.new(
                    self._prepare_request(enrolment, template) | {"state": "requested"}
                )
                for enrolment in self.enrolment_ids._origin
                for template in self.template_ids._origin
            )
        )
        findings = drafts._findings({draft.id: draft._document() for draft in drafts})
        return [
            (draft.partner_id.name, draft.template_id.name, finding)
            for draft in drafts
            for finding in findings.get(draft.id, [])
        ]
