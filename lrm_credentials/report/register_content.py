"""What the register's reports say, for paper and workbook alike."""

from odoo import fields
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..ledger import chain_end

GROUP_FIELDS = {"0323": "course_id", "0411": "offer_id", "regulator": "course_id"}


class RegisterContent:
    """What one report says; `wizard` (lrm.register.report) says which and about what.

    It reads as the user of the wizard, who sees no more than the register shows.
    """

    def __init__(self, wizard):
        self.wizard, self.env = wizard, wizard.env
        self.domain = wizard._register_domain()
        self.group = GROUP_FIELDS[wizard.report]

    def credentials(self):
        """Return the credentials of the report, group by group as in `totals`."""
        found = self.env["lrm.credential"].search(
            self.domain, order="credential_date, number, id"
        )
        places = {id_: place for place, id_ in enumerate(found.ids)}
        groups = found._read_group(self.domain, [self.group], ["id:array_agg"])
        groups.sort(key=lambda group: _rank(group[0]))
        return found.browse(
            id_ for _record, ids in groups for id_ in sorted(ids, key=places.get)
        )

    def totals(self):
        """Return the counts of each group and of all: dicts, see `TOTALS`."""
        counts = self.env["lrm.credential"]._read_group(
            self.domain, [self.group, "state", "is_final"], ["__count"]
        )
        counts.sort(key=lambda group: _rank(group[0]))
        totals, everything = {}, _no_total(self.env._("All"))
        for record, state, is_final, count in counts:
            total = totals.setdefault(record, _no_total(record.display_name))
            for tally in (total, everything):
                tally["total"] += count
                tally[state] += count
                tally["final"] += count if is_final else 0
        return [*totals.values(), everything]

    def scope(self):
        """Return the courses that may be issued in the period, None if not asked for.

        Those with no dates of scope too: whoever sends the report must see the gap. A
        course that is not recognised needs no authority.
        """
        wizard = self.wizard
        if wizard.report != "regulator":
            return None
        domain = Domain("kind", "!=", "short")
        domain &= Domain("company_id", "in", [*wizard._companies().ids, False])
        if wizard.date_to:
            domain &= Domain("scope_from", "=", False) | Domain(
                "scope_from", "<=", wizard.date_to
            )
        if wizard.date_from:
            domain &= Domain("scope_to", "=", False) | Domain(
                "scope_to", ">=", wizard.date_from
            )
        courses = self.env["lrm.course"].with_context(active_test=False).search(domain)
        kinds = dict(courses._fields["kind"]._description_selection(self.env))
        return [
            {
                "code": course.code,
                "name": course.name,
                "kind": kinds[course.kind],
                "scope_from": course.scope_from or self.env._("not recorded"),
                "scope_to": course.scope_to,
                "superseded_on": course.superseded_on,
                "superseded_by": course.superseded_by_id.code or "",
            }
            for course in courses
        ]

    def title(self):
        """Return the name of the report."""
        titles = self.wizard._fields["report"]._description_selection(self.env)
        return dict(titles)[self.wizard.report]

    def issuers(self):
        """Return whose register it is, as text."""
        return ", ".join(map(self._issuer, self.wizard._companies()))

    def facts(self):
        """Return what the report is about: list of (name, value), both text."""
        wizard, env = self.wizard, self.env
        labels = wizard.fields_get(["period_of", "state", "credential_type"])
        choices = {name: dict(label["selection"]) for name, label in labels.items()}
        printed = fields.Datetime.context_timestamp(wizard, fields.Datetime.now())
        facts = [
            (env._("Report"), self.title()),
            (env._("Issuer"), self.issuers()),
            (env._("Period"), self._period()),
            (env._("Period of"), choices["period_of"][wizard.period_of]),
            (
                env._("Status"),
                choices["state"].get(wizard.state, env._("Issued and cancelled")),
            ),
            (
                env._("Type"),
                choices["credential_type"].get(wizard.credential_type, ""),
            ),
            (env._("Courses"), ", ".join(wizard.course_ids.mapped("code"))),
            (env._("Course offers"), ", ".join(wizard.offer_ids.mapped("code"))),
            (env._("Printed on"), printed.strftime("%d/%m/%Y %H:%M %Z")),
            (env._("Printed by"), env.user.name),
            *self._ends(),
        ]
        return [fact for fact in facts if fact[1]]

    def _ends(self):
        """Return [(name, end of the ledger)], which later proves what was there."""
        companies = self.wizard._companies()
        heads_sudo = self.env["lrm.register.head"].sudo()  # it says nothing of anyone
        heads = heads_sudo.search([("company_id", "in", companies.ids)])
        label = self.env._("Ledger ends")
        return [
            (
                label if len(companies) == 1 else f"{label}, {head.company_id.name}",
                chain_end(head.sequence, head.hash),
            )
            for head in heads
        ]

    def _issuer(self, company):
        code = company.lrm_profile == "au_vet" and company.lrm_rto_code
        name = company._lrm_issuer_name()
        if not code:
            return name
        return self.env._("%(name)s (RTO %(code)s)", name=name, code=code)

    def _period(self):
        first, last = (
            paper_date(self.env, day)
            for day in (self.wizard.date_from, self.wizard.date_to)
        )
        if first and last:
            return self.env._("%(first)s to %(last)s", first=first, last=last)
        if first:
            return self.env._("from %s", first)
        return self.env._("until %s", last) if last else self.env._("all dates")


def paper_date(env, date):
    """Return `date` as reports show it, "" for none."""
    return format_date(env, date, date_format="dd/MM/yyyy") if date else ""


def _rank(record):
    """Return what groups are sorted by: names, which begin with codes."""
    return record.display_name, record.id


def _no_total(name):
    return {"name": name, "issued": 0, "cancelled": 0, "final": 0, "total": 0}
