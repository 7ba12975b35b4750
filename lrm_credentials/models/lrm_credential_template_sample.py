from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..report.batch import print_batches
from ..report.fields import LAYOUT_FIELDS, MERGE_FIELDS, layout_code, value_at
from ..report.wkhtmltopdf import ProgramError, RenderError

SAMPLE_NUMBER = "0000000000"
# A real one looks like this: a layout that prints it is found out.
SAMPLE_USI = "SAMPLEUS23"


class LrmCredentialTemplate(models.Model):
    """What a template looks like, with a sample learner or a real enrolment.

    Nothing is written: the records are made in memory only.
    """

    _inherit = "lrm.credential.template"

    field_list = fields.Html(compute="_compute_field_list", sanitize=False)

    @api.depends_context("lang")
    def _compute_field_list(self):
        """Tell what a document says, field by field, with what to copy."""
        for template in self:
            document = template._sample_credential(
                template._sample_enrolment()
            )._document()

            def sample(path, document=document):
                """Return what stands at `path`, of several things the first."""
                value = value_at(document, path)
                return value[0] if value and isinstance(value, list) else value

            template.field_list = self.env["ir.qweb"]._render(
                "lrm_credentials.template_field_list",
                {
                    "merge_fields": [
                        (path, field.label, sample(path))
                        for path, field in MERGE_FIELDS.items()
                    ],
                    "layout_fields": [
                        (layout_code(path, field), field.label, sample(path))
                        for path, field in (MERGE_FIELDS | LAYOUT_FIELDS).items()
                    ],
                },
            )

    def action_preview(self):
        """Show what one template looks like.

        :raise AccessError: for anyone but an LRM admin
        """
        self.ensure_one()
        preview = self.env["lrm.credential.template.preview"]
        return preview.create({"template_id": self.id})._action_open()

    def _print_sample(self, enrolment=None):
        """Return (PDF bytes, [sentences about what was left out]) of one template.

        The document is watermarked, as each preview is.

        :param enrolment: whose data to print; those of a sample learner if left out
        :raise UserError: when it cannot be printed, with the reason
        """
        self.ensure_one()
        credential = self._sample_credential(enrolment or self._sample_enrolment())
        documents, errors = credential._documents()
        if not errors:
            batches, errors, warnings = credential._batches(documents, is_preview=True)
        if not errors:
            try:
                printed = print_batches(batches)
            except (ProgramError, OSError) as error:
                raise UserError(str(error)) from error
            errors = {k: v for k, v in printed.items() if isinstance(v, RenderError)}
        if errors:
            raise UserError("\n".join(map(str, errors.values())))
        return printed[credential.id], list(warnings)

    def _sample_credential(self, enrolment):
        """Return a request of one template in memory, for an enrolment."""
        credential = self.env["lrm.credential"].new(
            {
                "enrolment_id": enrolment.id,
                "template_id": self.id,
                "number": SAMPLE_NUMBER,
                "credential_date": fields.Date.context_today(self),
            }
        )
        # What follows from the enrolment is not there until a record is saved.
        for name in ("partner_id", "offer_id", "course_id", "company_id"):
            credential[name] = enrolment[name]
        return credential

    def _sample_enrolment(self):
        """Return an enrolment in memory of a learner who has completed a course."""
        today = fields.Date.context_today(self)
        company = self.company_id or self.env.company
        kind = "short" if self.credential_type in ("other", "card") else "qualification"
        if self.credential_type == "statement":
            kind = "skill_set"
        course = self.env["lrm.course"].new(
            {"code": "SAM50125", "name": self.env._("Sample Course"), "kind": kind}
        )
        offer = self.env["lrm.course.offer"].new(
            {"code": "SAMPLE", "company_id": company.id, "course_id": course.id}
        )
        learner = self.env["res.partner"].new(
            {
                "name": self.env._("Alex Sample Learner"),
                "lrm_first_name": "Alex",
                "lrm_family_name": self.env._("Sample Learner"),
                "lrm_learner_number": "L000000",
                "lrm_usi": SAMPLE_USI,
            }
        )
        outcome = self.env["lrm.outcome"].search(
            [("code_list", "=", company.lrm_outcome_list), ("is_competent", "=", True)],
            limit=1,
        )
        units = [
            {
                "unit_id": self.env["lrm.unit"].new(
                    {"code": f"SAMPLE{number}", "name": self.env._("Sample unit")}
                ),
                "outcome_id": outcome.id,
                "date_end": today,
            }
            for number in range(101, 107)
        ]
        return self.env["lrm.course.enrolment"].new(
            {
                "partner_id": learner.id,
                "offer_id": offer.id,
                "course_id": course.id,
                "company_id": company.id,
                "date_start": today,
                "date_end": today,
                "date_completed": today,
                "unit_enrolment_ids": [Command.create(unit) for unit in units],
            }
        )
