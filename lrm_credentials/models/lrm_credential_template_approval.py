from odoo import api, fields, models
from odoo.exceptions import UserError


class LrmCredentialTemplate(models.Model):
    """Draft or approved: drafts can be previewed, only what is approved is issued.

    What is approved is a version. So whatever changes what would be printed, a setting,
    the layout, a part of it, or an update of another addon, makes a draft of it again.
    """

    _inherit = "lrm.credential.template"

    state = fields.Selection(
        selection=[("draft", "Draft"), ("approved", "Approved")],
        string="Status",
        compute="_compute_state",
        help="Drafts can be requested and previewed. Only approved templates are "
        "issued. Any change of settings or layout makes a draft again.",
    )
    version_ids = fields.One2many(
        comodel_name="lrm.credential.template.version",
        inverse_name="template_id",
        string="Approved Versions",
        readonly=True,
        copy=False,
    )

    @api.depends("version", "version_ids.version", "version_ids.withdrawn_at")
    def _compute_state(self):
        for template in self:
            last = template.version_ids.sorted("id")[-1:]
            is_approved = (
                last and not last.withdrawn_at and last.version == template.version
            )
            template.state = "approved" if is_approved else "draft"

    def action_approve(self):
        """Let credentials of these templates be issued.

        :raise AccessError: for anyone but an LRM admin
        :raise UserError: when one of them cannot be printed, or would fetch something
        """
        self.env["lrm.credential"]._check_is_admin()
        self.check_access("write")
        drafts = self.filtered(lambda template: template.state == "draft")
        for template in drafts:
            template._check_printable()
        drafts._approve()

    def action_withdraw(self):
        """Put these templates back to draft: nothing of them is issued any more.

        :raise AccessError: for anyone but an LRM admin
        """
        self.env["lrm.credential"]._check_is_admin()
        self.check_access("write")
        approved = self.filtered(lambda template: template.state == "approved")
        for template in approved:
            # Approvals are a record of what happened: no user has a right to write.
            template.version_ids.sorted("id")[-1:].sudo().write(
                {"withdrawn_at": fields.Datetime.now()}
            )

    def _approve(self):
        # Approvals are a record of what happened: no user has a right to write.
        self.env["lrm.credential.template.version"].sudo().create(
            [
                {"template_id": template.id, "version": template.version}
                for template in self
            ]
        )

    @api.model
    def _approve_shipped(self):
        """Approve the templates that come with the addon and never were before."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "lrm_credentials"), ("model", "=", self._name)]
        )
        shipped = self.browse(data.mapped("res_id")).exists()
        shipped.filtered(lambda template: not template.version_ids)._approve()

    def _check_printable(self):
        """Raise a UserError that says why one template cannot be printed as it is."""
        self.ensure_one()
        sources = self._layout_closure().values()
        problem = self._layout_problem() or next(
            filter(None, map(self._source_problem, sources)), None
        )
        if not problem:
            try:
                _content, warnings = self._print_sample()
                problem = "\n".join(warnings)
            except UserError as error:
                problem = str(error)
        if problem:
            raise UserError(
                self.env._(
                    "%(template)s cannot be approved. %(problem)s",
                    template=self.name,
                    problem=problem,
                )
            )
