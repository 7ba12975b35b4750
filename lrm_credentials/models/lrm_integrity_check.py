import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_datetime

from ..ledger import chain_end
from ..seal import has_seal, with_seal

MAY_CHECK = "lrm_credentials.group_lrm_auditor,lrm_credentials.group_lrm_admin"
LISTED = 1000  # problems that a check lists one by one
COPY = re.compile(r"(\d+)(\$\d+\$[0-9a-f]{64})")


class LrmIntegrityCheck(models.Model):
    """What one check of a company's sealed register found; never changed afterwards."""

    _name = "lrm.integrity.check"
    _description = "Integrity Check"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        ondelete="cascade",  # a company with a ledger cannot be deleted
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Checked By", required=True, readonly=True
    )
    date = fields.Datetime(required=True, readonly=True)

    # What was checked
    entry_count = fields.Integer(string="Entries", readonly=True)
    document_count = fields.Integer(string="Documents", readonly=True)
    head_sequence = fields.Integer(string="Last Entry", readonly=True)
    head_hash = fields.Char(string="Last Hash", readonly=True)
    head = fields.Char(
        string="End of the Ledger",
        compute="_compute_head",
        help="Keep a copy outside of this system: it proves later that nobody has "
        "rewritten the ledger up to here.",
    )

    # What was found
    state = fields.Selection(
        selection=[("passed", "Nothing is wrong"), ("failed", "Problems found")],
        string="Result",
        required=True,
        readonly=True,
    )
    problem_count = fields.Integer(string="Problems", readonly=True)
    problems = fields.Text(string="What is Wrong", readonly=True)
    earlier_copy = fields.Char(readonly=True)
    comparison = fields.Char(string="Compared with the Copy", readonly=True)

    @api.depends("head_sequence", "head_hash")
    def _compute_head(self):
        for check in self:
            check.head = chain_end(check.head_sequence, check.head_hash)

    @api.depends("company_id", "date")
    def _compute_display_name(self):
        for check in self:
            moment = check.date and format_datetime(self.env, check.date)
            check.display_name = f"{check.company_id.name}, {moment or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        if not has_seal(self):
            self._raise_sealed()
        return super().create(vals_list)

    def write(self, vals):
        self._raise_sealed()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        self._raise_sealed()

    def _raise_sealed(self):
        raise UserError(
            self.env._("A check is kept as it was: it is neither changed nor removed.")
        )

    @api.model
    def _check(self, company, earlier_copy=None):
        """Check the ledger of `company` for the user; return what was found.

        :param earlier_copy: what `head` said earlier, if somebody has kept it (str)
        :raise AccessError: unless an auditor or LRM admin of that company asks
        """
        if not self.env.user.has_groups(MAY_CHECK):
            raise AccessError(
                self.env._("Only auditors and LRM admins check the ledger.")
            )
        company.ensure_one()
        if company not in self.env.user.company_ids:
            raise AccessError(self.env._("This is the ledger of another company."))
        check_sudo = self._run(company, earlier_copy)
        return self.browse(check_sudo.id)

    @api.model
    def _run(self, company, earlier_copy=None):
        """Check the ledger of `company`; return what was found, in sudo."""
        values = self._prepare_head(company)
        problems = self.env["lrm.register.entry"]._integrity_problems(company)
        if earlier_copy:
            copied = self._parse_copy(earlier_copy)
            holds, sentence = self.env["lrm.register.entry"]._compare_copy(
                company, *copied
            )
            values |= {"earlier_copy": earlier_copy.strip(), "comparison": sentence}
            problems = problems if holds else [sentence, *problems]
        values |= {
            "state": "failed" if problems else "passed",
            "problem_count": len(problems),
            "problems": self._list_problems(problems),
        }
        return with_seal(self).sudo().create(values)  # nobody else may write checks

    def _prepare_head(self, company):
        """Return what a check of `company` says about what there is to check."""
        # A few numbers, whoever asks.
        head_sudo = self.env["lrm.register.head"].sudo()
        head = head_sudo.search([("company_id", "=", company.id)])
        entries_sudo = self.env["lrm.register.entry"].sudo()
        credentials_sudo = self.env["lrm.credential"].sudo()
        return {
            "company_id": company.id,
            "user_id": self.env.uid,
            "date": fields.Datetime.now(),
            "entry_count": entries_sudo.search_count([("company_id", "=", company.id)]),
            "document_count": credentials_sudo.search_count(
                [
                    ("company_id", "=", company.id),
                    ("state", "!=", "requested"),
                    ("is_test", "=", False),
                    ("document_sha256", "!=", False),
                    ("erased_at", "=", False),
                ]
            ),
            "head_sequence": head.sequence,
            "head_hash": head.hash,
        }

    @api.model
    def _list_problems(self, problems):
        """Return `problems` (list of sentences) as text that can still be read."""
        lines = problems[:LISTED]
        if len(problems) > LISTED:
            lines.append(self.env._("… and %s more.", len(problems) - LISTED))
        return "\n".join(lines)

    @api.model
    def _parse_copy(self, text):
        """Return (sequence, hash) of a copied end of a ledger, in whatever lines.

        :raise UserError: when `text` is something else
        """
        copy = COPY.fullmatch("".join(text.split()))
        # No entry has a number that PostgreSQL cannot hold.
        if not copy or len(copy[1]) > 9:
            raise UserError(
                self.env._(
                    "Paste the end of the ledger as it was copied or printed: a number "
                    "and a hash, for example “152 $1$0f3a…”."
                )
            )
        return int(copy[1]), copy[2]

    # ------------------------------------------------------------ every week

    @api.model
    def _check_all(self):
        """Check each company that has a ledger or should have one; tell its LRM admins.

        Called by the scheduled action.
        """
        heads = self.env["lrm.register.head"].search([(1, "=", 1)])
        issued = self.env["lrm.credential"]._read_group(
            [("state", "!=", "requested"), ("is_test", "=", False)], ["company_id"]
        )
        companies = heads.company_id.union(*(company for [company] in issued))
        for company in companies:
            check = self._run(company)
            if check.state == "failed":
                check._tell_admins()

    def _tell_admins(self):
        """Plan an activity for each LRM admin of the company who has none yet."""
        told = self.search([("company_id", "=", self.company_id.id)]).activity_ids
        admins = self.env.ref("lrm_credentials.group_lrm_admin").all_user_ids
        for admin in admins.filtered("active") - told.user_id:
            if self.company_id in admin.company_ids:
                self.activity_schedule(
                    "mail.mail_activity_data_warning",
                    user_id=admin.id,
                    summary=self.env._("The sealed register does not hold"),
                    note=self.env._(
                        "%(count)s problems. The first: %(problem)s",
                        count=self.problem_count,
                        problem=self.problems.split("\n", 1)[0],
                    ),
                )
