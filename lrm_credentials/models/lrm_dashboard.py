from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

LOOKED_AT = 200  # requests, the newest ones, that are checked for the dashboard
MONTHS = 6


class LrmDashboard(models.AbstractModel):
    """What the office should know when the day begins; each number opens its list."""

    _name = "lrm.dashboard"
    _description = "LRM Dashboard"

    @api.model
    def get_content(self):
        """Return what the dashboard shows to the current user, in its companies.

        :return: dict of lists, see the methods below
        :raise AccessError: for whoever may not read the register
        """
        self.env["lrm.credential"].check_access("read")
        has_group = self.env.user.has_group
        is_user = has_group("lrm_credentials.group_lrm_user")
        is_admin = has_group("lrm_credentials.group_lrm_admin")
        return {
            "tiles": self._tiles(),
            "blocked": self._blocked() if is_user else None,
            "may_request": is_user,
            "looked_at": LOOKED_AT,
            "months": self._months(),
            "runs": self._runs() if is_admin else [],
            "steps": self._first_steps() if is_admin else [],
        }

    def _own(self):
        """Return the domain of what belongs to the companies that are switched on."""
        return Domain("company_id", "in", self.env.companies.ids)

    def _tiles(self):
        """Return [{name, count, help, tone, action}]: what is counted, and its list."""
        register = Domain("is_test", "=", False) & self._own()
        waiting = register & Domain("state", "=", "requested")
        issued = register & Domain("state", "=", "issued")
        expiring = (
            issued
            & Domain("expiry_date", ">=", "today")
            & Domain("expiry_date", "<=", "today +60d")
        )
        month = issued & Domain("issued_at", ">=", "=1d")
        tiles = [
            self._tile(
                self.env._("To Issue"),
                self.env._("Requests that wait for an LRM admin"),
                "lrm.credential",
                waiting,
            ),
            self._tile(
                self.env._("Issued This Month"),
                self.env._("Since the first, and not cancelled since"),
                "lrm.credential",
                month,
            ),
            self._tile(
                self.env._("Expiring in 60 Days"),
                self.env._("Issued credentials with a validity"),
                "lrm.credential",
                expiring,
            ),
        ]
        if "au_vet" in self.env.companies.mapped("lrm_profile"):
            tiles.insert(1, self._overdue_tile())
        return tiles

    def _overdue_tile(self):
        return self._tile(
            self.env._("Overdue"),
            self.env._("More than 30 days since the last assessment"),
            "lrm.course.enrolment",
            self._own()
            & Domain("company_id.lrm_profile", "=", "au_vet")
            & Domain("is_credential_overdue", "=", True),
            tone="danger",
        )

    def _tile(self, name, explanation, model, domain, tone="primary"):
        count = self.env[model].search_count(domain)
        return {
            "name": name,
            "help": explanation,
            "count": count,
            "tone": tone if count else "muted",
            "action": self._action(name, model, domain),
        }

    def _action(self, name, model, domain):
        """Return the action that opens what `domain` finds."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [[False, "list"], [False, "kanban"], [False, "form"]],
            "domain": list(domain),
            "context": {"create": False},
        }

    def _blocked(self):
        """Return [{name, count, action}] of what prevents issue, most frequent first.

        Only the newest requests are looked at: checking thousands takes seconds.
        """
        credentials = self.env["lrm.credential"]
        requests = credentials.search(
            Domain("state", "=", "requested")
            & Domain("is_test", "=", False)
            & self._own(),
            limit=LOOKED_AT,
        )
        documents, errors = requests._documents()
        findings = credentials.browse(documents)._findings(
            documents,
            together=requests.enrolment_id.credential_ids.filtered(
                lambda credential: credential.state == "requested"
            ),
        )
        blocked = {}
        for key, found in findings.items():
            for finding in found:
                if key in documents and finding.severity == "refuse":
                    blocked.setdefault(finding.code, []).append(key)
        blocked = {
            code: list(set(keys) & set(requests.ids)) for code, keys in blocked.items()
        }
        names = {check.code: check.name for check in credentials._pre_issue_checks()}
        rows = [(names[code], keys) for code, keys in blocked.items() if keys]
        if errors:
            rows.append((self.env._("Cannot be put together"), list(errors)))
        return [
            {
                "name": name,
                "count": len(keys),
                "action": self._action(
                    name, "lrm.credential", Domain("id", "in", keys)
                ),
            }
            for name, keys in sorted(rows, key=lambda row: -len(row[1]))
        ]

    def _months(self):
        """Return [{name, count, share in percent}] of what was issued lately."""
        groups = self.env["lrm.credential"]._read_group(
            Domain("issued_at", ">=", f"=1d -{MONTHS - 1}m")
            & Domain("state", "!=", "requested")
            & Domain("is_test", "=", False)
            & self._own(),
            ["issued_at:month"],
            ["__count"],
        )
        counts = Counter({(day.year, day.month): count for day, count in groups})
        today = fields.Date.context_today(self)
        first = today.replace(day=1)
        months = [
            fields.Date.subtract(first, months=ago) for ago in reversed(range(MONTHS))
        ]
        most = max(counts.values(), default=0)
        return [
            {
                "name": format_date(self.env, month, date_format="MMM yyyy"),
                "count": counts[month.year, month.month],
                "share": round(100 * counts[month.year, month.month] / (most or 1)),
            }
            for month in months
        ]

    def _runs(self):
        """Return [{id, name, state, summary}] of the latest runs."""
        runs = self.env["lrm.credential.run"].search(self._own(), limit=5)
        states = dict(runs._fields["state"]._description_selection(self.env))
        return [
            {
                "id": run.id,
                "name": run.display_name,
                "state": states[run.state],
                "is_stopped": run.state == "stopped",
                "summary": self.env._(
                    "%(done)s of %(count)s",
                    done=run.done_count,
                    count=run.line_count,
                ),
            }
            for run in runs
        ]

    def _first_steps(self):
        """Return [{name, is_done, action}] of what a new office does first.

        Empty when all is done. What is done is seen from the data, never ticked off.
        """
        company = self.env.company
        officers = self.env["lrm.issuing.officer"].search_count(
            [("company_id", "=", company.id)], limit=1
        )
        own = Domain("company_id", "=", company.id)
        enrolments = self.env["lrm.course.enrolment"].search_count(own, limit=1)
        runs = self.env["lrm.credential.run"].search_count(own, limit=1)
        steps = [
            (
                self.env._("Say who issues: name, RTO code, artwork"),
                not company._lrm_missing_identity() and bool(company.lrm_legal_name),
                "lrm_settings_action",
            ),
            (
                self.env._("Add who signs, with a signature"),
                bool(officers),
                "lrm_issuing_officer_action",
            ),
            (
                self.env._("Look at the templates: open one, press Preview"),
                bool(enrolments and runs),
                "lrm_credential_template_action",
            ),
            (
                self.env._("Enrol somebody in a course offer; a dummy offer will do"),
                bool(enrolments),
                "lrm_course_offer_action",
            ),
            (
                self.env._("Request a credential, then preview it in the register"),
                bool(runs),
                "lrm_credential_action",
            ),
        ]
        if all(is_done for _name, is_done, _action in steps):
            return []
        return [
            {"name": name, "is_done": is_done, "action": f"lrm_credentials.{action}"}
            for name, is_done, action in steps
        ]
