from odoo import api, fields, models
from odoo.fields import Domain


class LrmCredential(models.Model):
    """Whether a request could be issued now, on each row of the register."""

    _inherit = "lrm.credential"

    problems = fields.Char(
        string="What Prevents Issue",
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        help="What would refuse this request if it were issued now.",
    )

    warnings = fields.Char(
        string="To Be Considered",
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        help="What does not prevent issue, but should be looked at before.",
    )

    readiness = fields.Selection(
        selection=[("ready", "Ready"), ("blocked", "Blocked")],
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        search="_search_readiness",
        help="Whether this request would be issued now. Only requests are looked at.",
    )

    @api.depends("template_id", "credential_date", "enrolment_id", "state")
    def _compute_problems(self):
        open_requests = self.filtered(
            lambda credential: credential.state == "requested"
            and credential.template_id
            and credential.enrolment_id
            and credential.credential_date
        )
        refusals, warnings = open_requests._problems()
        for credential in self:
            credential.problems = "\n".join(refusals.get(credential.id, []))
            credential.warnings = "\n".join(warnings.get(credential.id, []))
            credential.readiness = credential in open_requests and (
                "blocked" if credential.problems else "ready"
            )

    def _search_readiness(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["readiness"], "read")
        requests = self.search([("state", "=", "requested")])
        blocked = [key for key in requests._problems()[0] if key]
        domain = Domain.OR(
            Domain("id", "in" if wanted == "blocked" else "not in", blocked)
            for wanted in value
            if wanted
        ) & Domain("state", "=", "requested")
        if False in value:
            domain |= Domain("state", "!=", "requested")
        return domain

    def _problems(self):
        """Return what refuses `self`, open requests, and what warns about them.

        Other requests for the same enrolment count as asked for together.

        :return: two dicts {credential id: [sentences]}
        """
        documents, errors = self._documents()
        findings = self.browse(documents)._findings(
            documents,
            together=self.enrolment_id.credential_ids.filtered(
                lambda credential: credential.state == "requested"
            ),
        )
        refusals = self._sentences(findings, "refuse")
        refusals |= {key: [str(error)] for key, error in errors.items()}
        return refusals, self._sentences(findings, "warn")
