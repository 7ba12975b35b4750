from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..seal import with_seal


class LrmCredential(models.Model):
    """Erasing documents that need no longer be kept; the register keeps its lines."""

    _inherit = "lrm.credential"

    erased_at = fields.Datetime(
        string="Document Erased On",
        readonly=True,
        copy=False,
        help="The document and what it said are gone. Number, dates, status and "
        "digests stay on the register.",
    )
    erased_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Document Erased By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    erased_reason = fields.Char(string="Reason for Erasing", readonly=True, copy=False)
    is_erasable = fields.Boolean(
        string="No Longer to Be Kept",
        compute="_compute_is_erasable",
        search="_search_is_erasable",
        help="The company's retention period is over, counted from the issue.",
    )

    @api.depends("state", "issued_at", "erased_at", "company_id.lrm_retention_years")
    def _compute_is_erasable(self):
        for credential in self:
            credential.is_erasable = not credential._erase_obstacle()

    def _search_is_erasable(self, operator, value):
        if operator != "in":
            return NotImplemented
        # A number of years, whoever searches.
        companies_sudo = self.env["res.company"].sudo().search(Domain.TRUE)
        is_over = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("issued_at", "<=", self._issued_before(company))
            for company in companies_sudo
        )
        return is_over & Domain(
            [
                ("state", "!=", "requested"),
                ("is_test", "=", False),
                ("erased_at", "=", False),
            ]
        )

    @api.model
    def _issued_before(self, company):
        """Return until when it must have been issued, to be no longer kept now."""
        return fields.Datetime.now() - relativedelta(years=company.lrm_retention_years)

    def _erase_obstacle(self):
        """Return why the document of one credential cannot be erased, or None."""
        self.ensure_one()
        if self.state == "requested":
            return self.env._(
                "%s has not been issued: delete the request instead.", self.display_name
            )
        if self.is_test:
            return self.env._("%s is a sample: delete it instead.", self.display_name)
        if self.erased_at:
            return self.env._(
                "The document of %(credential)s was erased on %(date)s.",
                credential=self.display_name,
                date=format_date(self.env, self.erased_at),
            )
        years = self.company_id.lrm_retention_years
        kept_until = self.issued_at + relativedelta(years=years)
        if kept_until > fields.Datetime.now():
            return self.env._(
                "%(credential)s was issued on %(issued)s and must be kept for "
                "%(years)s years: its document cannot be erased before %(date)s.",
                credential=self.display_name,
                issued=format_date(self.env, self.issued_at),
                years=years,
                date=format_date(self.env, kept_until + timedelta(days=1)),
            )
        return None

    def action_erase(self):
        """Open the wizard that erases the documents of the selected credentials.

        :raise AccessError: for anyone but an LRM admin
        :raise UserError: when one of them must still be kept
        """
        self._check_may_erase()
        return self.env["lrm.credential.erase"]._action_open(self)

    def _check_may_erase(self):
        """Raise unless an LRM admin may erase the documents of `self`."""
        self._check_is_admin()
        self._check_ticked()
        self.check_access("read")
        for credential in self:
            if obstacle := credential._erase_obstacle():
                raise UserError(obstacle)

    def _erase(self, reason):
        """Erase the documents of `self` for `reason`; the lines of the register stay.

        What is left cannot be guessed from the digests: the salt goes too.

        :raise UserError: without a reason, or when one of them must still be kept
        """
        self._check_is_admin()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: erasing a document needs a reason."))
        self.env["lrm.register.head"]._take_turn()
        self.invalidate_recordset(["state", "erased_at"])
        self._check_may_erase()
        self._delete_document_files()
        # Issued credentials are writable by nobody: that is the rule.
        with_seal(self).sudo().write(
            {
                "document_data": False,
                "document_salt": False,
                "erased_at": fields.Datetime.now(),
                "erased_by_id": self.env.uid,
                "erased_reason": reason.strip(),
            }
        )
        self._message_log_batch(
            bodies=dict.fromkeys(
                self.ids, self.env._("Document erased. %s", reason.strip())
            )
        )
        self.env["lrm.register.entry"]._append("erased", self)

    def _delete_document_files(self):
        """Delete the PDFs of `self` and every copy of them, e.g. attached to e-mails.

        Odoo removes a file from the disk, within a day, when no attachment has it.
        """
        documents_sudo = self._document_files()
        checksums = list(filter(None, documents_sudo.mapped("checksum")))
        copies_sudo = documents_sudo.search(
            [
                ("checksum", "in", checksums),
                ("mimetype", "=", "application/pdf"),
                # Without it the search leaves out what fields hold.
                "|",
                ("res_field", "=", False),
                ("res_field", "!=", False),
            ]
        )
        with_seal(documents_sudo | copies_sudo).unlink()
        self.invalidate_recordset(["document"])

    def _ledger_payload(self, event):
        """After erasing there is no digest of what the document said any more.

        The one that was sealed at issue stays in the ledger.
        """
        payload = super()._ledger_payload(event)
        payload["erased_at"] = fields.Datetime.to_string(self.erased_at)
        if self.erased_at:
            payload["document"] = False
        return payload
