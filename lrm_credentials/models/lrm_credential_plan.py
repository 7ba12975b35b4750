from typing import NamedTuple

from odoo import fields, models

# Which of several credentials of one enrolment is the final one.
FINAL_ORDER = ["certificate", "statement", "letter", "card", "other", "transcript"]


class Plan(NamedTuple):
    """Which credentials can be issued, decided before anything is made."""

    passed: models.Model
    finals: models.Model  # those of them that become final qualifications
    refusals: dict  # {credential id: [sentences]} of the others
    warnings: dict  # {credential id: [sentences]} of what should be looked at before
    remarks: dict  # {sentence: None} of the same, about no learner: told once for all
    overridden: dict  # {credential id: (reason, [codes])}, issued against checks
    overridable: set  # ids of the refused ones that a reason would let pass


class LrmCredential(models.Model):
    """Which credentials can be issued, decided before anything is made."""

    _inherit = "lrm.credential"

    def _plan(
        self,
        documents,
        is_final,
        issued_date,
        awarded=None,
        reasons=None,
        is_preview=False,
    ):
        """Decide which of `self` can be issued, before anything is made.

        The replacement of a final qualification is final whatever the answer was.

        :param documents: {credential id: what `_document()` returned}
        :param is_final: the answer to "Is this the Final Qualification?"
        :param reasons: {credential id: why an LRM admin issues it against a check}
        :param is_preview: whether no more than a preview is asked for
        :return: the `Plan`; see `_plan_final`
        """
        findings = self._findings(documents, is_preview=is_preview)
        overridable = self._overridable(findings)
        overridden = {
            key: (reason, overridable[key])
            for key, reason in (reasons or {}).items()
            if key in overridable
        }
        refusals = {
            key: sentences
            for key, sentences in self._sentences(findings, "refuse").items()
            if key not in overridden
        }
        passed = self.filtered(lambda credential: credential.id not in refusals)
        candidates = passed.filtered(lambda c: is_final or c.replaces_id.is_final)
        finals, not_final = candidates._plan_final(issued_date, awarded)
        return Plan(
            passed.filtered(lambda c: c.id not in not_final),
            finals,
            refusals | {key: [sentence] for key, sentence in not_final.items()},
            self._sentences(findings, "warn"),
            self._remarks(findings),
            {key: value for key, value in overridden.items() if key not in not_final},
            overridable.keys() - overridden.keys(),
        )

    def _plan_final(self, issued_date=False, awarded=None):
        """Decide which of `self` become final qualifications (design rule 4).

        At most one per enrolment. A transcript issued together with it rides along and
        sets nothing. Whatever else cannot be final is refused by itself.

        :param issued_date: date for the enrolments, False for each credential's own
        :param awarded: enrolments whose final qualification the same run has issued
        :return: (recordset of the final ones, {credential id: sentence} of the refused)
        """
        finals, refusals = self.browse(), {}
        for enrolment, credentials in self.grouped("enrolment_id").items():
            able = credentials.filtered(lambda c: not c._final_obstacle(issued_date))
            final = able.sorted(lambda c: FINAL_ORDER.index(c.credential_type))[:1]
            finals |= final
            is_awarded = final or (awarded and enrolment in awarded)
            for credential in credentials - final:
                if is_awarded and credential.credential_type == "transcript":
                    continue
                obstacle = credential._final_obstacle(issued_date)
                refusals[credential.id] = obstacle or self.env._(
                    "%s is the final qualification of this enrolment: only one can be.",
                    final.display_name,
                )
        return finals, refusals

    def _companions_of(self, finals):
        """Return those of `self` whose enrolment has one of `finals`."""
        return self.filtered(lambda c: c.enrolment_id in finals.enrolment_id)

    def _final_obstacle(self, issued_date):
        """Return why this credential cannot be the final qualification, or None."""
        self.ensure_one()
        completed = self.enrolment_id.date_completed
        if issued_date and completed and issued_date < completed:
            return self.env._(
                "The Issued Date is before completion on %s.",
                fields.Date.to_string(completed),
            )
        course, parchment = self.course_id, self.enrolment_id.parchment_number
        if parchment and parchment != self.replaces_id.number:
            return self.env._(
                "The enrolment has parchment %s already. Replace that credential "
                "instead.",
                parchment,
            )
        if (
            self.company_id.lrm_profile == "generic"
            or self.credential_type == "certificate"
        ):
            return None
        if self.credential_type != "statement":
            return self.env._(
                "%s cannot be a final qualification. Issue it with Final "
                "Qualification = No, or together with the certificate.",
                self.template_id.name,
            )
        if course.kind not in ("skill_set", "accredited"):
            return self.env._(
                "A statement of attainment can be final only for a skill set or an "
                "accredited course. Issue it with Final Qualification = No."
            )
        units = self.enrolment_id.unit_enrolment_ids
        if len(units._competent()) < max(len(units), course.packaging_count):
            return self.env._(
                "%s is not fully completed. Issue the statement with Final "
                "Qualification = No.",
                course.display_name,
            )
        return None
