from odoo import api, models

from .register_content import RegisterContent
from .register_paper import (
    COLUMN_WIDTHS,
    FIRST_LINES,
    SCOPE_WIDTHS,
    cells,
    first_lines,
    headings,
    paginate,
    scope_cells,
    scope_headings,
)


class LrmRegisterPrint(models.AbstractModel):
    """What the printed register shows."""

    _name = "report.lrm_credentials.register"
    _description = "Printed Credential Register"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["lrm.register.report"].browse(docids)
        docs._check_printable()
        return {"docs": docs, "prints": [self._print_values(doc) for doc in docs]}

    @api.model
    def _print_values(self, wizard):
        """Return what the template shows of the report that `wizard` describes."""
        content = RegisterContent(wizard)
        totals, facts = content.totals(), content.facts()[2:]  # the title says them
        rows = content.credentials()._register_rows()
        groups = [
            (
                total["name"],
                [
                    cells(self.env, wizard.report, next(rows))
                    for _ in range(total["total"])
                ],
                total,
            )
            for total in totals[:-1]
        ]
        return {
            "title": content.title(),
            "issuer": content.issuers(),
            "color": wizard._companies()[:1].lrm_accent_color,
            "facts": facts,
            "total": totals[-1],
            "tables": [
                {
                    "title": "",
                    "headings": headings(self.env, wizard.report),
                    "widths": COLUMN_WIDTHS,
                    "pages": paginate(groups, first_lines(facts)),
                },
                *self._scope_table(content.scope()),
            ],
        }

    @api.model
    def _scope_table(self, scope):
        """Return the table of courses on scope: a list of one dict, or of none."""
        if scope is None:
            return []
        rows = [scope_cells(self.env, course) for course in scope]
        return [
            {
                "title": self.env._("Courses on Scope"),
                "headings": scope_headings(self.env),
                "widths": SCOPE_WIDTHS,
                "pages": paginate([("", rows, None)], FIRST_LINES, SCOPE_WIDTHS),
            }
        ]
