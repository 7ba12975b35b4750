from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .problem_list import problem_list


class LrmCredentialIssue(models.TransientModel):
    _name = "lrm.credential.issue"
    _description = "Issue Credentials"

    credential_ids = fields.Many2many(
        comodel_name="lrm.credential", string="Credentials", required=True
    )
    # A many2many forgets the order of its records, in which they are printed.
    credential_order = fields.Json()
    credential_count = fields.Integer(compute="_compute_credential_count")
    final = fields.Selection(
        selection=[("yes", "Yes"), ("no", "No")],
        string="Is this the Final Qualification?",
        required=True,
        help="Yes also sets Qual Issued, Parchment Number and Issued Date on each "
        "enrolment.",
    )
    qual_issued_date = fields.Date(
        string="Issued Date", help="Leave empty to use the date of each credential."
    )
    status_reason = fields.Char(string="Credential Status Reason", required=True)
    with_mail_merge = fields.Boolean(
        string="Produce mail merge Excel file for batch of clients"
    )
    is_duplex = fields.Boolean(
        string="Print file for double-sided printing",
        default=lambda self: self.env.company.sudo().lrm_duplex,  # a setting of LRM
        help="Each credential starts on a fresh sheet.",
    )
    with_email = fields.Boolean(
        string="E-mail the documents to the learners",
        help="The mail queue sends them when the run is over. Whoever cannot be "
        "e-mailed is named in Log History.",
    )
    warnings = fields.Html(
        string="To Be Considered",
        compute="_compute_findings",
        store=True,
        sanitize=False,
    )
    line_ids = fields.One2many(
        comodel_name="lrm.credential.issue.line",
        inverse_name="wizard_id",
        string="Refused",
        compute="_compute_findings",
        store=True,
        readonly=False,
    )

    @api.depends("credential_ids")
    def _compute_credential_count(self):
        for wizard in self:
            wizard.credential_count = len(wizard.credential_ids)

    @api.depends("credential_ids", "final", "qual_issued_date")
    def _compute_findings(self):
        """List what will be refused; reasons that have been typed stay."""
        for wizard in self:
            plan = wizard._plan()
            wizard.warnings = wizard._problem_list(plan.warnings, plan.remarks)
            reasons = {
                line.credential_id.id: line.override_reason for line in wizard.line_ids
            }
            wizard.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "credential_id": credential.id,
                        "message": "\n".join(plan.refusals[credential.id]),
                        "checks": ",".join(plan.overridable.get(credential.id, [])),
                        "override_reason": reasons.get(credential.id),
                    }
                )
                for credential in wizard.credential_ids._origin
                if credential.id in plan.refusals
            ]

    def _plan(self):
        """Return the `Plan` of what would be issued now, without any reasons."""
        credentials = self.credential_ids._origin
        documents, errors = credentials._documents()
        plan = credentials.browse(documents)._plan(
            documents, self.final == "yes", self.qual_issued_date
        )
        broken = {key: [str(error)] for key, error in errors.items()}
        return plan._replace(refusals=plan.refusals | broken)

    def _problem_list(self, sentences, remarks=()):
        """Return {credential id: [sentences]} as a table, `remarks` above, or None."""
        problems = [
            (credential.partner_id.name, credential.display_name, sentence)
            for credential in self.credential_ids._origin
            for sentence in sentences.get(credential.id, [])
        ]
        return problem_list(self.env, problems, remarks)

    def _overrides(self):
        """Return {credential id: (why it is to be issued, [codes of the checks])}.

        A reason holds for the checks that the list named, or, of a line that was made
        without the form, for those that refuse now.
        """
        typed = self.line_ids.filtered(
            lambda line: (line.override_reason or "").strip()
        )
        named = all(typed.mapped("checks"))
        refusing = {} if named else self._plan().overridable
        return {
            line.credential_id.id: (
                line.override_reason.strip(),
                line.checks.split(",")
                if line.checks
                else refusing.get(line.credential_id.id, []),
            )
            for line in typed
        }

    @api.model
    def _action_open(self, credentials):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Issue Credentials"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_credential_ids": credentials.ids,
                "default_credential_order": credentials.ids,
                "dialog_size": "extra-large",
            },
        }

    def action_issue(self):
        """Issue the credentials in the order selected; open the run in Log History.

        :raise UserError: without a status reason
        """
        self.ensure_one()
        if not self.status_reason.strip():
            raise UserError(self.env._("Say why: issuing needs a status reason."))
        order = {key: index for index, key in enumerate(self.credential_order or [])}
        is_final = self.final == "yes"
        run = self.env["lrm.credential.run"]._start(
            "issue",
            self.credential_ids.sorted(lambda c: order.get(c.id, len(order))),
            overrides=self._overrides(),
            is_final=is_final,
            qual_issued_date=is_final and self.qual_issued_date,
            status_reason=self.status_reason.strip(),
            with_mail_merge=self.with_mail_merge,
            with_email=self.with_email,
            is_duplex=self.is_duplex,
        )
        return run._action_open()
