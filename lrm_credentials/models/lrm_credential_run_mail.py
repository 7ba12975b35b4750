import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)


class LrmCredentialRun(models.Model):
    """A run that e-mails what it has issued."""

    _inherit = "lrm.credential.run"

    with_email = fields.Boolean(string="E-mail to Learners", readonly=True)

    def _finish(self):
        result = super()._finish()
        if self.kind == "issue" and self.with_email:
            self._send_emails()
        return result

    def _send_emails(self):
        """E-mail the issued credentials; say in the run who was left out.

        What goes wrong here must not undo the issue: the register can send later.
        """
        credentials = self._done_lines().credential_id
        try:
            with self.env.cr.savepoint():
                left_out = credentials._send_emails()
                sentences = [
                    self.env._(
                        "Not e-mailed to %(learner)s: %(why)s",
                        learner=credential.partner_id.name,
                        why=left_out[credential.id],
                    )
                    for credential in credentials
                    if credential.id in left_out and not credential.emailed_at
                ]
        except Exception as error:  # a template that somebody broke, say
            _logger.info("Not e-mailed: %s", self, exc_info=True)
            sentences = [
                self.env._(
                    "Nothing was e-mailed (%s). Mend this, then send from the "
                    "Credentials Register.",
                    error,
                )
            ]
        if sentences:
            known = dict.fromkeys((self.warning or "").splitlines())
            self._log({"warning": "\n".join(known | dict.fromkeys(sentences))})
