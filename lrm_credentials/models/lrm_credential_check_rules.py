from odoo import fields, models

from ..report.letters import unprintable, widest_word
from .lrm_credential_render import _scale

# How the layouts print the learner's name: size in pixels, letters before it shrinks.
NAME_PRINT = {"certificate": (100, 22), "statement": (76, 38)}
LINE_WIDTH = 1040  # pixels, from where the name begins to the frame
NAME_LETTERS = 100  # four lines at the smallest size; a fifth one reaches the foot
TITLE_LETTERS = 200
ATTESTS = ("certificate", "statement")


class LrmCredential(models.Model):
    """The checks themselves: `_find_<code>` returns what is wrong, or None."""

    _inherit = "lrm.credential"

    # ------------------------------------------------------------ the document

    def _find_state(self, document):
        if self.state != "requested":
            states = dict(self._fields["state"]._description_selection(self.env))
            return self.env._("It is %s already.", states[self.state].lower())
        return None

    def _find_issuer_incomplete(self, document):
        if missing := self.company_id._lrm_missing_identity():
            return self.env._(
                "%(company)s has no %(fields)s: an LRM admin enters it in LRM > "
                "Configuration > Settings.",
                company=self.company_id.name,
                fields=", ".join(missing),
            )
        return None

    def _find_template_broken(self, document):
        return self._facts().once(self.template_id._layout_problem)

    def _find_name_missing(self, document):
        if not document["learner"]["name"]:
            return self.env._("The learner has no name to print.")
        return None

    def _find_unprintable(self, document):
        """A name with no glyph would be a row of boxes (design section 4)."""
        texts = self._printed_texts(document)
        if unprintable("".join(texts)):
            for text in texts:
                if letters := unprintable(text):
                    return self.env._(
                        "No font on this server has these characters of “%(text)s”: "
                        "%(letters)s",
                        text=text,
                        letters=" ".join(letters),
                    )
        return None

    def _printed_texts(self, document):
        """Return the names and titles in `document`, those that are not empty."""
        texts = [document["title"]]
        for part in ("learner", "course", "issuer", "officer"):
            texts += [
                document[part].get(key)
                for key in ("name", "title", "trading_name", "stream")
            ]
        texts.append(document["course"].get("industry_descriptor"))
        texts += [unit["name"] for unit in document["units"]]
        return list(filter(None, texts))

    def _find_too_long(self, document):
        """Layouts shrink to half the size, then wrap; one word cannot wrap.

        Tried with the layouts of this addon. With others, switch it off.
        """
        name, course = document["learner"]["name"], document["course"]["name"]
        if len(name) > NAME_LETTERS:
            return self.env._(
                "The name is too long for the page: %(have)s letters, %(most)s fit. "
                "Enter a shorter Name on Credentials.",
                have=len(name),
                most=NAME_LETTERS,
            )
        if document["type"] in NAME_PRINT:
            size, letters = NAME_PRINT[document["type"]]
            if widest_word(name) * size * _scale(name, letters) > LINE_WIDTH:
                return self.env._(
                    "A word of the name is too long for the page. Enter another Name "
                    "on Credentials, for example not in capital letters."
                )
        if len(course) > TITLE_LETTERS:
            return self.env._(
                "The title of the course is too long for the page: %(have)s letters, "
                "%(most)s fit.",
                have=len(course),
                most=TITLE_LETTERS,
            )
        return None

    def _find_usi_printed(self, document):
        """Compliance Standards 2025, s12. What layouts add is seen when printing."""
        usi = self.partner_id.sudo().lrm_usi  # the requester is told; nothing disclosed
        if usi and usi in str(document):
            return self.env._("The document would print the learner's USI.")
        return None

    def _find_changed_since_preview(self, document):
        previewed = self._facts().previews.get(self.id)
        lines = self.env["lrm.credential.run.line"]
        if previewed and previewed != lines._digest(document):
            return self.env._("It says something else than in its last preview.")
        return None

    # ------------------------------------------------------------ the signatory

    def _find_officer_missing(self, document):
        """An AQF document names its authorised signatory (s11)."""
        if self._is_aqf(document) and not self.issuing_officer_id:
            return self.env._("There is no issuing officer: choose who signs.")
        return None

    def _find_officer_gone(self, document):
        if self.issuing_officer_id and not self.issuing_officer_id.active:
            return self.env._(
                "%s is no longer an issuing officer: choose another one.",
                self.issuing_officer_id.name,
            )
        return None

    def _find_signature_missing(self, document):
        """It may be signed by hand: the image is optional (ASQA, testamurs)."""
        officer = document["officer"]
        if (
            officer["name"]
            and not officer["signature"]
            and self._facts().once(self.template_id._prints_signature)
        ):
            return self.env._(
                "%s has no signature image: the document has to be signed by hand.",
                officer["name"],
            )
        return None

    # ------------------------------------------------------------ entitlement

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
                "Nothing competent to print: none of the %s units has an outcome that "
                "counts as competent.",
                len(units),
            )
        if self.template_id.units_printed == "all" and not units:
            return self.env._("Nothing to print: the enrolment has no units.")
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
        """Only a qualification or an accredited course leads to a certificate."""
        if (
            self.company_id.lrm_profile == "au_vet"
            and document["type"] == "certificate"
            and self.course_id.kind not in ("qualification", "accredited")
        ):
            return self.env._(
                "%s is not a qualification: request a statement of attainment instead "
                "of a certificate.",
                self.course_id.display_name,
            )
        return None

    def _find_not_completed(self, document):
        """A certificate attests the whole course (Compliance Standards 2025, s9)."""
        if document["type"] == "certificate" and self.enrolment_id.state != "completed":
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

        As in Wisenet, which refuses it for qualification enrolments.
        """
        if document["type"] != "certificate":
            return None
        active = self.enrolment_id.credential_ids.filtered(
            lambda other: other.state == "issued"
            and other.template_id.credential_type == "certificate"
            and other not in (self._origin, self.replaces_id)
            and not other._issued_replacement()
        )
        if active:
            return self.env._(
                "The enrolment has a certificate already, %s: replace that one, or "
                "cancel it.",
                active[0].number,
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

    # ------------------------------------------------------------ the learner

    def _needs_usi(self):
        """Tell whether the learner needs a USI, and is not exempt.

        A short course is not nationally recognised: it needs none.
        """
        learner = self.partner_id.sudo()  # the requester is told; nothing is disclosed
        return (
            self.company_id.lrm_profile == "au_vet"
            and self.course_id.kind != "short"
            and not learner.lrm_usi_exemption
        )

    def _demands_usi(self, document):
        """Tell whether this document must not be issued without a USI.

        Student Identifiers Act 2014; Compliance Standards 2025, s12: a qualification
        or a statement. Its record of results goes with the certificate.
        """
        if document["type"] == "transcript":
            is_demanded = bool(self._beside("certificate", ("requested", "issued")))
        else:
            is_demanded = document["type"] in ATTESTS
        return is_demanded and self._needs_usi()

    def _find_usi_missing(self, document):
        if not self.partner_id.sudo().lrm_usi and self._demands_usi(document):
            return self.env._("The learner has no USI and no recorded exemption.")
        return None

    def _find_usi_unverified(self, document):
        learner = self.partner_id.sudo()
        if (
            learner.lrm_usi
            and learner.lrm_usi_status != "verified"
            and self._demands_usi(document)
        ):
            return self.env._("The learner's USI is not verified.")
        return None

    def _find_usi_interim(self, document):
        """An interim record of results is no certification: s12 does not bar it."""
        if (
            document["type"] == "transcript"
            and self.partner_id.sudo().lrm_usi_status != "verified"
            and self._needs_usi()
            and not self._demands_usi(document)
        ):
            return self.env._(
                "The learner has no verified USI: no certificate can follow yet."
            )
        return None

    def _find_name_differs(self, document):
        learner = self.partner_id.sudo()
        verified, printed = learner.lrm_usi_verified_name, document["learner"]["name"]
        if (
            self.company_id.lrm_profile == "au_vet"
            and verified
            and verified.split() != printed.split()
        ):
            return self.env._(
                "The name differs from the one that the USI was verified with: %s.",
                verified,
            )
        return None

    def _find_deceased(self, document):
        if self.partner_id.lrm_deceased:
            return self.env._("The learner is deceased.")
        return None

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
