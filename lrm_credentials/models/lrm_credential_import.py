import secrets

from odoo import fields, models

from ..report.pdf import sha256
from ..seal import with_seal


class LrmCredential(models.Model):
    """Credentials that were issued elsewhere, before this system.

    They skip the checks before issue and keep their number, dates and file. One without
    a file says only what the register says.
    """

    _inherit = "lrm.credential"

    is_imported = fields.Boolean(
        string="Imported",
        readonly=True,
        copy=False,
        help="Issued elsewhere. Its number and dates are the original ones.",
    )

    def _create_imported(self, vals_list, contents):
        """Create credentials that were issued elsewhere, with their documents.

        The caller must have checked the values, and logs the event.

        :param vals_list: list of dicts with `state`, `issued_at` and `document_data`
        :param contents: list of PDF bytes or None, in the same order
        """
        self._check_is_admin()
        for vals, content in zip(vals_list, contents, strict=True):
            vals["is_imported"] = True
            vals["document_sha256"] = sha256(content) if content else False
            vals["document_salt"] = secrets.token_hex(16)
        # Issued credentials are writable by nobody: that is the rule.
        credentials_sudo = with_seal(self).sudo().create(vals_list)
        stored = {
            credential.id: content
            for credential, content in zip(credentials_sudo, contents, strict=True)
            if content
        }
        credentials_sudo.browse(stored)._store_documents(stored)
        return self.browse(credentials_sudo.ids)

    def _log_imported(self, bodies):
        """Tell the chatter and the ledger that `self` were brought in.

        :param bodies: {credential id: sentence}
        """
        self._message_log_batch(bodies=bodies)
        self.env["lrm.register.entry"]._append("imported", self)

    def _award_imported(self, dates):
        """Set the parchments of those of `self` that are final, and not cancelled.

        The register then names the final qualification of each enrolment, whether or
        not there is a document.

        :param dates: {credential id: date of the parchment}
        """
        awarded = self.filtered(lambda c: c.is_final and c.state == "issued")
        for credential_sudo in awarded.sudo():  # checked once for all by the caller
            credential_sudo.enrolment_id._set_parchment(
                credential_sudo.number, dates[credential_sudo.id]
            )
