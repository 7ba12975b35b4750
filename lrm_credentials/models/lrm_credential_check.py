from odoo import api, fields, models


class LrmCredential(models.Model):
    """Everything that prevents issue, found before anything is made.

    One place, one list: a check is a code in `_pre_issue_checks` and a method
    `_refuse_<code>(document)` that returns a sentence for the office, or None. Records
    are prefetched together, so that a check adds no query per credential.
    """

    _inherit = "lrm.credential"

    problems = fields.Char(
        string="What Prevents Issue",
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        help="What would refuse this request if it were issued now.",
    )

    @api.depends("template_id", "credential_date", "enrolment_id", "state")
    def _compute_problems(self):
        open_requests = self.filtered(
            lambda credential: credential.state == "requested"
            and credential.template_id
            and credential.enrolment_id
            and credential.credential_date
        )
        refusals = open_requests._refusals(
            {credential.id: credential._document() for credential in open_requests}
        )
        for credential in self:
            credential.problems = " ".join(refusals.get(credential.id, []))

    def _pre_issue_checks(self):
        """Return the codes of the checks, in the order in which people fix things."""
        return [
            "state",
            "issuer_incomplete",
            "name_missing",
            "officer_gone",
            "on_hold",
            "type_unfit",
            "nothing_to_print",
            "not_completed",
            "usi",
            "date_future",
            "date_before_completion",
        ]

    def _refusals(self, documents):
        """Return {credential id: [sentences]} of those that cannot be issued.

        :param documents: {credential id: what `_document()` returned}
        """
        refusals = {}
        for credential in self:
            sentences = [
                getattr(credential, f"_refuse_{code}")(documents[credential.id])
                for code in self._pre_issue_checks()
            ]
            if found := [sentence for sentence in sentences if sentence]:
                refusals[credential.id] = found
        return refusals

    def _refuse_state(self, document):
        if self.state != "requested":
            states = dict(self._fields["state"]._description_selection(self.env))
            return self.env._("It is %s already.", states[self.state].lower())
        return None

    def _refuse_issuer_incomplete(self, document):
        if missing := self.company_id._lrm_missing_identity():
            return self.env._(
                "%(company)s has no %(fields)s: an LRM admin enters it in LRM > "
                "Configuration > Settings.",
                company=self.company_id.name,
                fields=", ".join(missing),
            )
        return None

    def _refuse_name_missing(self, document):
        if not document["learner"]["name"]:
            return self.env._("The learner has no name to print.")
        return None

    def _refuse_officer_gone(self, document):
        if self.issuing_officer_id and not self.issuing_officer_id.active:
            return self.env._(
                "%s is no longer an issuing officer: choose another one.",
                self.issuing_officer_id.name,
            )
        return None

    def _refuse_on_hold(self, document):
        if self.enrolment_id.hold:
            return self.env._(
                "The enrolment is on hold: %s.", self.enrolment_id.hold_reason
            )
        return None

    def _refuse_nothing_to_print(self, document):
        """A document of attainment without a competent unit would be blank."""
        units = self.enrolment_id.unit_enrolment_ids
        attests = (
            document["type"] in ("certificate", "statement")
            or self.template_id.units_printed == "competent"
        )
        if attests and not units._competent():
            return self.env._(
                "Nothing competent to print: none of the %s units has an outcome that "
                "counts as competent.",
                len(units),
            )
        if self.template_id.units_printed == "all" and not units:
            return self.env._("Nothing to print: the enrolment has no units.")
        return None

    def _refuse_type_unfit(self, document):
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

    def _refuse_not_completed(self, document):
        """A certificate attests the whole course (Compliance Standards 2025, s9)."""
        if document["type"] != "certificate":
            return None
        if self.enrolment_id.state != "completed":
            return self.env._("The course is not completed.")
        required = self.course_id.packaging_count
        competent = len(self.enrolment_id.unit_enrolment_ids._competent())
        if competent < required:
            return self.env._(
                "Only %(competent)s of the %(required)s required units are competent.",
                competent=competent,
                required=required,
            )
        return None

    def _refuse_usi(self, document):
        """No qualification or statement without a verified USI or an exemption.

        Student Identifiers Act 2014; Compliance Standards 2025, s12. A short course is
        not nationally recognised: it needs no USI.
        """
        learner = self.partner_id.sudo()  # the requester is told; nothing is disclosed
        if (
            self.company_id.lrm_profile != "au_vet"
            or document["type"] not in ("certificate", "statement")
            or self.course_id.kind == "short"
            or learner.lrm_usi_exemption
        ):
            return None
        if not learner.lrm_usi:
            return self.env._("The learner has no USI and no recorded exemption.")
        if learner.lrm_usi_status != "verified":
            return self.env._("The learner's USI is not verified.")
        return None

    def _refuse_date_future(self, document):
        if self.credential_date > self._latest_today():
            return self.env._("The credential date is in the future.")
        return None

    def _refuse_date_before_completion(self, document):
        """A document cannot be dated before what it attests (design rule 11)."""
        enrolment = self.enrolment_id
        if document["type"] == "certificate":
            completed = enrolment.date_completed
        elif document["type"] == "statement":
            dates = enrolment.unit_enrolment_ids._competent().mapped("date_end")
            completed = max(filter(None, dates), default=None)
        else:
            completed = None
        if completed and self.credential_date < completed:
            return self.env._(
                "The credential date is before completion on %s.",
                fields.Date.to_string(completed),
            )
        return None
