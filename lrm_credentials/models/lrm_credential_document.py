import psycopg2

from odoo import api, fields, models

from ..report.wkhtmltopdf import RenderError

DOCUMENT_VERSION = 2  # 2: `officers` and `layout`


class LrmCredential(models.Model):
    """What a credential says: one plain dictionary."""

    _inherit = "lrm.credential"

    def _documents(self):
        """Return what `self` say, and which of them cannot even say it.

        :return: ({credential id: what `_document()` returned},
            {credential id: RenderError} of those for which it failed)
        """
        documents, errors = {}, {}
        # An extension may run a failing query, which must not end the transaction.
        with self.env.cr.savepoint() as savepoint:
            for credential in self:
                try:
                    documents[credential.id] = credential._document()
                except Exception as error:  # an extension may fail in any way
                    if isinstance(error, psycopg2.Error):
                        savepoint.rollback()  # it would empty a wizard being filled in
                    errors[credential.id] = RenderError(
                        self.env._("The document could not be put together: %s", error)
                    )
        return documents, errors

    def _document(self):
        """Return everything that this credential prints, as plain data.

        This is the one source of the layouts, the stored copy, the ledger's digest, the
        mail merge and the verification page. Strings, booleans, ISO dates, and lists
        and dicts of them; images by SHA-256. Never the USI, nor the date of birth
        (Student Identifiers Act 2014; Compliance Standards 2025, s12).
        """
        self.ensure_one()
        language = self.template_id._language(self.partner_id)
        self = self.with_context(lang=language)  # not that of whoever clicks
        template = self.template_id
        document = self._document_text(template, language)
        return document | {"layout": template._layout(document)}

    def _document_text(self, template, language):
        """Return all of a document but its form."""
        return {
            "version": DOCUMENT_VERSION,
            "number": self.number,
            "title": template.title,
            "type": template.credential_type,
            "credential_date": self._iso(self.credential_date),
            "language": language,
            "is_sample": self.is_test,
            "template": {"name": template.name, "version": template.version},
            "learner": self._document_learner(),
            "course": self._document_course(),
            "units": [self._document_unit(unit) for unit in self._printed_units()],
            "languages": self._document_languages(),
            "issuer": self._document_issuer(),
            "officer": self._document_officer(self.issuing_officer_id),
            "officers": [
                self._document_officer(officer) for officer in self._signatories()
            ],
            "replaces": self.replaces_id.number or False,
            "verification_url": self._printed_verification_url(),
            "reissue_date": self._iso(self.reissue_date),
        }

    def _document_learner(self):
        learner = self.partner_id
        return {
            "name": learner._lrm_printed_name(),
            "first_name": learner.lrm_first_name or "",
            "family_name": learner.lrm_family_name or "",
            "number": learner.lrm_learner_number or "",
        }

    def _document_course(self):
        enrolment, course = self.enrolment_id, self.course_id
        return {
            "code": course.code,
            "name": course.name,
            "kind": course.kind,
            "stream": course.stream or "",
            "industry_descriptor": course.industry_descriptor or "",
            "is_apprenticeship": enrolment.is_apprenticeship,
            "offer_code": self.offer_id.code,
            "offer_name": self.offer_id.name or "",
            "date_start": self._iso(enrolment.date_start),
            "date_end": self._iso(enrolment.date_end),
            "date_completed": self._iso(enrolment.date_completed),
        }

    def _printed_units(self):
        """Return the unit enrolments that the template prints, by unit code."""
        self.ensure_one()
        units = self.enrolment_id.unit_enrolment_ids
        printed = self.template_id.units_printed
        if printed == "none":
            return units.browse()
        if self.template_id.leaves_out_transfers:
            units = units.filtered(lambda unit: not unit.outcome_id.is_credit_transfer)
        return units._competent() if printed == "competent" else units

    def _document_languages(self):
        """Return which units were not delivered in English: AQF 2.1.4 has it stated.

        A document that names no units speaks of all competent ones.
        """
        units = (
            self._printed_units() or self.enrolment_id.unit_enrolment_ids._competent()
        )
        return [
            {"language": language, "units": named.mapped("unit_id.code")}
            for language, named in units.grouped("language").items()
            if language
        ]

    def _document_unit(self, unit):
        return {
            "code": unit.unit_id.code,
            "name": unit.unit_id.name,
            "outcome": unit.outcome_id.code or "",
            "outcome_name": unit.outcome_id.name or "",
            "is_competent": unit.outcome_id.is_competent,
            "date": self._iso(unit.date_end),
            "language": unit.language or "",
        }

    def _document_issuer(self):
        company = self.company_id
        return {
            "name": company._lrm_issuer_name(),
            "trading_name": company.lrm_trading_name or "",
            "rto_code": company.lrm_profile == "au_vet" and company.lrm_rto_code or "",
            "profile": company.lrm_profile,
            "accent_color": company.lrm_accent_color,
            "artwork": company.lrm_artwork_digests or {},
        }

    def _signatories(self):
        """Return the officers who sign `self`, the issuing officer first."""
        # A shared template may name somebody of another company, who is not to be seen.
        second_sudo = self.template_id.sudo().second_officer_id
        own_sudo = second_sudo.filtered(lambda o: o.company_id in self.company_id)
        return self.issuing_officer_id | own_sudo.sudo(False)

    def _document_officer(self, officer):
        return {
            "name": officer.name or "",
            "title": officer.title or "",
            "signature": officer.signature_digest or False,
        }

    @api.model
    def _iso(self, date):
        return fields.Date.to_string(date) or False

    @api.model
    def _document_content(self, document):
        """Return what `document` says about the learner, without its form."""
        return [document[key] for key in ("learner", "course", "units")]
