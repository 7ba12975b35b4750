import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import format_datetime

from ..seal import with_seal, without_hostile_context

FAILED = ("bounce", "exception")


class LrmCredential(models.Model):
    """E-mailing issued credentials to their learners.

    The mail carries a copy of the stored file, never the sealed attachment itself.
    Odoo's own mail queue sends it, and the chatter shows what became of it.
    """

    _inherit = "lrm.credential"

    emailed_at = fields.Datetime(
        string="E-mailed",
        readonly=True,
        copy=False,
        help="When it was last handed to the mail queue for the learner.",
    )
    is_email_failed = fields.Boolean(
        string="E-mail Failed",
        compute="_compute_is_email_failed",
        search="_search_is_email_failed",
        help="The mail server refused the e-mail or it bounced.",
    )

    email_details = fields.Html(
        compute="_compute_email_details",
        sanitize=False,
        help="For e-mail templates: the validity and the verification link, if any.",
    )

    issuer_name = fields.Char(
        string="Issuer",
        compute="_compute_issuer_name",
        help="For e-mail templates: the name that learners know the company by.",
    )

    @api.depends("company_id")
    def _compute_issuer_name(self):
        for credential in self:
            company_sudo = credential.company_id.sudo()  # as documents show it
            credential.issuer_name = (
                company_sudo.lrm_trading_name or company_sudo._lrm_issuer_name()
            )

    @api.depends("expiry_note", "verification_url")
    @api.depends_context("lang")
    def _compute_email_details(self):
        for credential in self:
            credential.email_details = self.env["ir.qweb"]._render(
                "lrm_credentials.email_details", {"credential": credential}
            )

    def _compute_is_email_failed(self):
        failed = self._failed_emails([("res_id", "in", self.ids)])
        for credential in self:
            credential.is_email_failed = credential.id in failed

    def _search_is_email_failed(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("id", "in", list(self._failed_emails([])))]

    @api.model
    def _failed_emails(self, domain):
        """Return the ids of the credentials whose e-mail has failed.

        :param domain: narrows which messages are looked at
        """
        # Who may see the credential may know this much of its mail.
        messages_sudo = self.env["mail.message"].sudo()
        failed = Domain(
            [
                ("model", "=", self._name),
                ("message_type", "=", "email_outgoing"),
                ("notification_ids.notification_status", "in", FAILED),
            ]
        )
        messages = messages_sudo.search_fetch(Domain(domain) & failed, ["res_id"])
        return set(messages.mapped("res_id"))

    def action_send_email(self):
        """Open the wizard that e-mails the selected credentials.

        :raise AccessError: for whoever may not request credentials
        """
        self._check_may_send()
        self._check_ticked()
        self.check_access("read")
        return self.env["lrm.credential.send"]._action_open(self)

    def _check_may_send(self):
        """Raise an AccessError for anyone but LRM users and admins."""
        if not self.env.user.has_group("lrm_credentials.group_lrm_user"):
            raise AccessError(self.env._("Only LRM users e-mail credentials."))

    @api.model
    def _email_template(self):
        """Return the mail template that credentials are sent with.

        :raise UserError: when somebody has deleted it
        """
        template = self.env.ref(
            "lrm_credentials.mail_template_credential", raise_if_not_found=False
        )
        if not template:
            raise UserError(
                self.env._(
                    "The e-mail template of LRM was deleted: choose another one in "
                    "Send by E-mail."
                )
            )
        return template

    @api.model
    def _carries_document(self, template):
        """Tell whether mails made from `template` carry the document."""
        reminder = self.env.ref(
            "lrm_credentials.mail_template_expiry", raise_if_not_found=False
        )
        return template.model == self._name and template != reminder

    def _send_emails(self, template=None, send_again=False):
        """Put an e-mail with its document in the queue for each of `self` that may be.

        Calling it again sends nothing twice, but what had failed.

        :param template: mail template, the one of LRM by default
        :param send_again: send also what has been sent
        :return: {credential id: sentence} of those that were left out
        :raise AccessError: for whoever may not request credentials
        """
        self = without_hostile_context(self)
        self._check_may_send()
        self.check_access("read")
        left_out = self._email_obstacles(send_again)
        ready = self.filtered(lambda credential: credential.id not in left_out)
        if ready:
            ready._forget_failed_emails()
            ready._queue_emails(template or self._email_template(), "email_outgoing")
            # Issued credentials are writable by nobody. Of two who send at a time, the
            # second one's transaction is repeated, and finds this.
            with_seal(ready).sudo().write({"emailed_at": fields.Datetime.now()})
        return left_out

    def _email_obstacles(self, send_again=False):
        """Return {credential id: sentence} of those of `self` that are not e-mailed."""
        kept = set(self._document_files().mapped("res_id"))
        obstacles = {}
        for credential in self:
            obstacle = credential._document_obstacle(kept)
            obstacle = obstacle or credential._recipient_obstacle()
            if not (obstacle or send_again) and credential._is_emailed():
                obstacle = self.env._(
                    "It was e-mailed on %s already.",
                    format_datetime(self.env, credential.emailed_at),
                )
            if obstacle:
                obstacles[credential.id] = obstacle
        return obstacles

    def _is_emailed(self):
        return self.emailed_at and not self.is_email_failed

    def _document_obstacle(self, kept):
        """Return why this credential's document is not sent to anyone, or None.

        :param kept: ids of the credentials whose document is stored
        """
        self.ensure_one()
        if self.state == "requested":
            return self.env._("It has not been issued.")
        if self.state == "cancelled":
            return self.env._("It was cancelled.")
        if self.is_test:
            return self.env._("It is a sample.")
        if self.id not in kept:
            return self.env._("Its document is no longer kept.")
        return None

    def _recipient_obstacle(self):
        """Return why this credential's learner gets no e-mail, or None."""
        self.ensure_one()
        learner = self.partner_id
        if learner.lrm_deceased:
            return self.env._("The learner has died.")
        if not learner.active:
            return self.env._("The learner is archived.")
        if not learner.email:
            return self.env._("The learner has no e-mail address.")
        if not learner.email_normalized:
            return self.env._("The learner's e-mail address is not valid.")
        return None

    def _queue_emails(self, template, message_type):
        """Make an e-mail to each learner, in their language, and wake the mail queue.

        :param template: mail template on credentials
        :param message_type: "email_outgoing" or "auto_comment", as the chatter shows it
        """
        mails_sudo = template.with_context(lrm_email_batch=True).send_mail_batch(
            self.ids,
            email_values={
                "author_id": self.env.user.partner_id.id,
                "message_type": message_type,
                "is_notification": True,  # the message stays when the mail has gone
                "auto_delete": True,
            },
        )
        # What makes the chatter show whether it was delivered. Odoo's own records.
        self.env["mail.notification"].sudo().create(
            [
                values | {"res_partner_id": partner.id}
                for mail, values in zip(
                    mails_sudo, mails_sudo._get_notification_values(), strict=True
                )
                for partner in mail.recipient_ids
            ]
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _forget_failed_emails(self):
        """Cancel the failures of `self`: another e-mail takes their place."""
        self.env["mail.notification"].sudo().search(  # Odoo's own records
            [
                ("mail_message_id.model", "=", self._name),
                ("mail_message_id.res_id", "in", self.ids),
                ("mail_message_id.message_type", "=", "email_outgoing"),
                ("notification_status", "in", FAILED),
            ]
        ).write({"notification_status": "canceled"})

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Return what those who are no template editors may put in templates."""
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.company_id.email_formatted",
            "object.company_id.name",
            "object.issuer_name",
            "object.course_id.display_name",
            "object.credential_date",
            "object.email_details",
            "object.expiry_note",
            "object.number",
            "object.offer_id.name",
            "object.partner_id.id",
            "object.partner_id.lang",
            "object.template_id.name",
            "object.verification_url",
        )

    def _process_attachments_for_template_post(self, mail_template):
        """Attach to mails a copy of each stored document; Odoo calls this.

        Reminders carry none. A batch makes its copies at once; for the composer Odoo
        makes them, so that nothing is left of mails that are not sent.
        """
        attachments = super()._process_attachments_for_template_post(mail_template)
        if not self._carries_document(mail_template):
            return attachments
        self.check_access("read")
        files = self._document_files()
        names = {credential.id: credential.document_filename for credential in self}
        if not self.env.context.get("lrm_email_batch"):
            return attachments | {
                file.res_id: {
                    "attachments": [(names[file.res_id], base64.b64encode(file.raw))]
                }
                for file in files
            }
        # As the rest of the mail: its author may have no right to add files.
        copies = files.create(
            [
                {
                    "name": names[file.res_id],
                    "raw": file.raw,
                    "mimetype": file.mimetype,
                    "res_model": self._name,
                    "res_id": file.res_id,
                }
                for file in files
            ]
        )
        return attachments | {
            copy.res_id: {"attachment_ids": copy.ids} for copy in copies
        }
