from odoo import fields, models

from .lrm_credential_check import ATTESTS


class LrmCredential(models.Model):
    """What speaks against issuing it for this course, now."""

    _inherit = "lrm.credential"

    def _is_aqf(self, document):
        """Tell whether it is AQF certification: a testamur or a statement (s9)."""
        return (
            self.company_id.lrm_profile == "au_vet"
            and document["type"] in ATTESTS
            and self.course_id.kind != "short"
        )

    def _competent_units(self):
        """Return the enrolment's competent units: several checks ask for them."""
        return self._facts().once(self.enrolment_id.unit_enrolment_ids._competent)

    def _find_on_hold(self, document):
        if self.enrolment_id.hold:
            return self.env._(
                "The enrolment is on hold: %s.", self.enrolment_id.hold_reason
            )
        return None

    def _find_nothing_to_print(self, document):
        """A document of attainment without a competent unit would be blank."""
        units = self.enrolment_id.unit_enrolment_ids
        attests = (
            document["type"] in ATTESTS or self.template_id.units_printed == "competent"
        )
        if attests and not self._competent_units():
            return self.env._(
                "Nothing competent to print: no unit has an outcome that counts as "
                "competent.",
            )
        if self.template_id.units_printed == "all" and not units:
            return self.env._("Nothing to print: the enrolment has no units.")
        if (
            document["type"] != "certificate"  # which says something without units
            and self.template_id.units_printed != "none"
            and not document["units"]
        ):
            return self.env._(
                "Nothing to print: all units are credit transfers, which %s leaves "
                "out.",
                self.template_id.name,
            )
        return None

    def _find_credit_transfer_only(self, document):
        """A statement is for units completed here (AQF 2.1; s9(1): assessed).

        It is no more than a warning: credit transfer counts as competent (design rule
        6), and no rule forbids to state again what another organisation has assessed.
        """
        competent = self._competent_units()
        if (
            self._is_aqf(document)
            and document["type"] == "statement"
            and competent
            and all(competent.mapped("outcome_id.is_credit_transfer"))
        ):
            return self.env._(
                "All competent units are credit transfers: another organisation has "
                "assessed them and stated so."
            )
        return None

    def _find_type_unfit(self, document):
        """Only a qualification or an accredited course leads to a certificate.

        A course that is not nationally recognised leads to no AQF document at all
        (Compliance Standards 2025, s9 and s13).
        """
        kind, kind_of_document = self.course_id.kind, document["type"]
        if self.company_id.lrm_profile != "au_vet" or kind_of_document not in ATTESTS:
            return None
        if kind == "short":
            return self.env._(
                "%s is not nationally recognised: request a certificate of attendance, "
                "a transcript or a letter instead.",
                self.course_id.display_name,
            )
        if kind_of_document == "certificate" and kind not in (
            "qualification",
            "accredited",
        ):
            return self.env._(
                "%s is not a qualification: request a statement of attainment instead "
                "of a certificate.",
                self.course_id.display_name,
            )
        return None

    def _find_not_completed(self, document):
        """A certificate attests the whole course (Compliance Standards 2025, s9).

        So does a letter, unless it opens with words of its own.
        """
        attests = document["type"] == "certificate" or (
            document["type"] == "letter"
            and not document["layout"]["paragraphs"]["opening"]
        )
        if attests and self.enrolment_id.state != "completed":
            return self.env._("The course is not completed.")
        return None

    def _find_units_short(self, document):
        """A certificate attests the whole course, as its packaging rules have it."""
        required = self.course_id.packaging_count
        if document["type"] != "certificate" or not required:
            return None
        competent = len(self._competent_units())
        if 0 < competent < required:  # none at all is another check's
            return self.env._(
                "Only %(competent)s of the %(required)s required units are competent.",
                competent=competent,
                required=required,
            )
        return None

    def _find_off_scope(self, document):
        """An RTO issues only what it has on scope (ASQA, testamurs and statements)."""
        course, date = self.course_id, self.credential_date
        if not self._is_aqf(document):
            return None
        if course.scope_from and date < course.scope_from:
            return self.env._(
                "%(course)s was not on scope before %(date)s.",
                course=course.code,
                date=fields.Date.to_string(course.scope_from),
            )
        if course.scope_to and date > course.scope_to:
            return self.env._(
                "%(course)s is not on scope after %(date)s.",
                course=course.code,
                date=fields.Date.to_string(course.scope_to),
            )
        return None

    def _find_superseded(self, document):
        course = self.course_id
        if (
            self._is_aqf(document)
            and course.superseded_on
            and self.credential_date >= course.superseded_on
        ):
            return self.env._(
                "%(course)s was superseded on %(date)s.",
                course=course.code,
                date=fields.Date.to_string(course.superseded_on),
            )
        return None

    def _find_record_missing(self, document):
        """A testamur is issued with a record of results (AQF 2.1)."""
        if not self._is_aqf(document) or document["type"] != "certificate":
            return None
        if self._beside("transcript", ("issued",)):
            return None
        return self.env._(
            "There is no record of results: none is issued, or selected with it."
        )

    def _find_duplicate(self, document):
        """One active certificate for each enrolment, unless this replaces it.

        As in Wisenet, which refuses it for qualification enrolments. Of other kinds one
        of each template, so that nobody asks twice for a whole class by mistake.
        """
        is_certificate = document["type"] == "certificate"
        together = self._facts().together.get(self.enrolment_id, self.browse())
        others = (self.enrolment_id.credential_ids | together - self).filtered(
            lambda other: (
                other.template_id == self.template_id
                or (
                    is_certificate
                    and other.template_id.credential_type == "certificate"
                )
            )
            and other not in (self._origin, self.replaces_id)
        )
        for other in others:
            if other.state == "issued" and not other._issued_replacement():
                return self.env._(
                    "The enrolment has one already, %s: replace that one, or cancel "
                    "it.",
                    other.display_name,
                )
        if waiting := (others & together).filtered(lambda c: c.state == "requested"):
            return self.env._(
                "Another one is requested for the enrolment, %s: delete one of them.",
                waiting[0].display_name,
            )
        return None

    def _find_units_undated(self, document):
        if "date" not in document["layout"]["columns"]:
            return None
        undated = [
            unit["code"]
            for unit in document["units"]
            if unit["is_competent"] and not unit["date"]
        ]
        if undated:
            return self.env._(
                "No End Date in Unit Outcomes, so nothing is printed for it: %s.",
                ", ".join(undated),
            )
        return None

    def _beside(self, credential_type, states):
        """Return the credentials of that type that go with this one.

        :param states: which of the enrolment's count, beside those asked for together
        """
        enrolment = self.enrolment_id
        together = self._facts().together.get(enrolment, self.browse())
        known = enrolment.credential_ids.filtered(lambda other: other.state in states)
        return (known | together - self).filtered(
            lambda other: other.template_id.credential_type == credential_type
            and other.state != "cancelled"
        )

    # ------------------------------------------------------------ the date

    def _find_date_future(self, document):
        if self.credential_date > self._latest_today():
            return self.env._("The credential date is in the future.")
        return None

    def _find_date_before_completion(self, document):
        """A document cannot be dated before what it attests (design rule 11)."""
        enrolment = self.enrolment_id
        if document["type"] == "certificate":
            completed = enrolment.date_completed
        elif document["type"] == "statement":
            dates = self._competent_units().mapped("date_end")
            completed = max(filter(None, dates), default=None)
        else:
            completed = None
        if completed and self.credential_date < completed:
            return self.env._(
                "The credential date is before completion on %s.",
                fields.Date.to_string(completed),
            )
        return None
