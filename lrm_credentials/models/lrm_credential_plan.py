from typing import NamedTuple

from odoo import fields, models

# Which of several credentials of one enrolment is the final one.
FINAL_ORDER = ["certificate", "statement", "letter", "card", "other", "transcript"]


def _final_rank(credential):
    """Return how early `credential` is considered for the final one."""
    return FINAL_ORDER.index(credential.credential_type)


class Plan(NamedTuple):
    """Which credentials can be issued, decided before anything is made."""

    passed: models.Model
    finals: models.Model  # those of them that become final qualifications
    refusals: dict  # {credential id: [sentences]} of the others
    warnings: dict  # {credential id: [sentences]} of what should be looked at before
    remarks: dict  # {sentence: None} of the same, about no learner: told once for all
    overridden: dict  # {credential id: (reason, [codes])}, issued against checks
    overridable: dict  # {credential id: [codes]} of those that a reason would let pass


class LrmCredential(models.Model):
    """Which credentials can be issued, decided before anything is made."""

    _inherit = "lrm.credential"

    def _plan(
        self,
        documents,
        is_final,
        issued_date,
        awarded=(),
        overrides=None,
        is_preview=False,
    ):
        """Decide which of `self` can be issued, before anything is made.

        The replacement of a final qualification is final whatever the answer was. A
        reason holds only for the checks that it was typed for: what refuses besides
        these, meanwhile, nobody has considered.

        :param documents: {credential id: what `_document()` returned}
        :param is_final: the answer to "Is this the Final Qualification?"
        :param overrides: {credential id: (reason, [codes])} of what an LRM admin issues
            against these checks
        :param is_preview: whether no more than a preview is asked for
        :return: the `Plan`; see `_plan_final`
        """
        findings = self._findings(documents, is_preview=is_preview)
        overridable = self._overridable(findings)
        overridden = {
            key: (reason, overridable[key])
            for key, (reason, codes) in (overrides or {}).items()
            if key in overridable and set(overridable[key]) <= set(codes)
        }
        refusals = {
            key: sentences
            for key, sentences in self._sentences(findings, "refuse").items()
            if key not in overridden
        }
        passed = self.filtered(lambda credential: credential.id not in refusals)
        candidates = passed.filtered(lambda c: is_final or c.replaces_id.is_final)
        refused = self.filtered(lambda credential: credential.id in refusals)
        finals, not_final = candidates._plan_final(issued_date, awarded, refused)
        return Plan(
            passed.filtered(lambda c: c.id not in not_final),
            finals,
            refusals | {key: [sentence] for key, sentence in not_final.items()},
            self._sentences(findings, "warn"),
            self._remarks(findings),
            {key: value for key, value in overridden.items() if key not in not_final},
            {k: codes for k, codes in overridable.items() if k not in overridden},
        )

    def _plan_final(self, issued_date, awarded, refused):
        """Decide which of `self` become final qualifications (design rule 4).

        At most one per enrolment. A transcript issued together with it rides along and
        sets nothing. Whatever else cannot be final is refused by itself.

        :param issued_date: date for the enrolments, False for each credential's own
        :param awarded: enrolments whose final qualification the same run has issued
        :param refused: what was asked for with `self`; nothing lesser takes its place
        :return: (recordset of the final ones, {credential id: sentence} of the refused)
        """
        finals, refusals = self.browse(), {}
        refused = refused.grouped("enrolment_id")
        for enrolment, credentials in self.grouped("enrolment_id").items():
            obstacles = {c: c._final_obstacle(issued_date) for c in credentials}
            least = min(
                map(_final_rank, refused.get(enrolment, [])), default=len(FINAL_ORDER)
            )
            able = self.browse().union(
                *(
                    c
                    for c in credentials
                    if not obstacles[c] and _final_rank(c) <= least
                )
            )
            final = able.sorted(_final_rank)[:1]
            told = (
                self.env._(
                    "%s is the final qualification of this enrolment: only one can be.",
                    final.display_name,
                )
                if final
                else self.env._("The final qualification it goes with was not issued.")
            )
            finals |= final
            is_awarded = final or enrolment in awarded
            for credential in credentials - final:
                if is_awarded and credential.credential_type == "transcript":
                    continue
                refusals[credential.id] = obstacles[credential] or told
        return finals, refusals

    def _companions_of(self, finals):
        """Return those of `self` whose enrolment has one of `finals`."""
        return self.filtered(lambda c: c.enrolment_id in finals.enrolment_id)

    def _final_obstacle(self, issued_date):
        """Return why this credential cannot be the final qualification, or None."""
        self.ensure_one()
        if issued_date and issued_date > self._latest_today():
            return self.env._("The Issued Date cannot be in the future.")
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
