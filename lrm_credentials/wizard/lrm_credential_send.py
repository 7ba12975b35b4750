from odoo import api, fields, models
from odoo.exceptions import UserError

from .notification import notification
from .problem_list import problem_list

ADDRESSES = 3  # are shown, and how many more there are


class LrmCredentialSend(models.TransientModel):
    _name = "lrm.credential.send"
    _description = "Send Credentials by E-mail"

    credential_ids = fields.Many2many(
        comodel_name="lrm.credential", string="Credentials", required=True
    )
    mail_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="E-mail Template",
        required=True,
        domain=[("model", "=", "lrm.credential")],
        default=lambda self: self.env.ref(
            "lrm_credentials.mail_template_credential", raise_if_not_found=False
        ),
    )
    send_again = fields.Boolean(help="Send also what has been e-mailed already.")
    sendable_count = fields.Integer(
        string="E-mails", compute="_compute_problems", help="How many will be sent."
    )
    recipients = fields.Char(string="To", compute="_compute_problems")
    problems = fields.Html(
        string="What Will Be Left Out", compute="_compute_problems", sanitize=False
    )

    @api.depends("credential_ids", "send_again")
    def _compute_problems(self):
        for wizard in self:
            credentials = wizard.credential_ids._origin
            obstacles = credentials._email_obstacles(wizard.send_again)
            sendable = credentials - credentials.browse(obstacles)
            wizard.sendable_count = len(sendable)
            wizard.recipients = wizard._recipients(sendable.partner_id)
            wizard.problems = problem_list(
                self.env,
                [
                    (
                        credential.partner_id.name,
                        credential.display_name,
                        obstacles[credential.id],
                    )
                    for credential in credentials
                    if credential.id in obstacles
                ],
            )

    def _recipients(self, learners):
        """Return the first addresses of `learners`, and how many more there are."""
        addresses = [learner.email_formatted for learner in learners[:ADDRESSES]]
        if more := len(learners) - len(addresses):
            addresses.append(self.env._("and %s more", more))
        return ", ".join(addresses)

    @api.model
    def _action_open(self, credentials):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send by E-mail"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_credential_ids": credentials.ids},
        }

    def action_send(self):
        """Hand the e-mails to the mail queue and say how many there are.

        :raise UserError: when none of them can be sent
        """
        self.ensure_one()
        credentials = self.credential_ids
        if not credentials._carries_document(self.mail_template_id):
            raise UserError(
                self.env._("Choose an e-mail template that carries the document.")
            )
        left_out = credentials._send_emails(self.mail_template_id, self.send_again)
        sent = len(credentials) - len(left_out)
        if not sent:
            raise UserError(
                self.env._(
                    "Nothing to send. %(credential)s: %(why)s",
                    credential=credentials[0].display_name,
                    why=left_out[credentials[0].id],
                )
            )
        message = self.env._(
            "E-mails handed to the mail queue: %(sent)s. Left out: %(left_out)s.",
            sent=sent,
            left_out=len(left_out),
        )
        return notification(message, {"type": "ir.actions.act_window_close"})
