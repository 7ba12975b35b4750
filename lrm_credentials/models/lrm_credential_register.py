from odoo import fields, models
from odoo.tools import split_every

BATCH = 500


class LrmCredential(models.Model):
    """What the register says about a credential: one row of reports 0323 and 0411."""

    _inherit = "lrm.credential"

    def _register_rows(self):
        """Yield what the register says of each of `self` (dict), few at a time.

        Never the USI nor the date of birth. What was printed comes from the stored
        document, not from records that have changed since; what became of it, from the
        credential.
        """
        self.check_access("read")
        for ids in split_every(BATCH, self.ids):
            batch = self.browse(ids)
            for credential in batch:
                yield (
                    credential._register_about()
                    | credential._register_issue()
                    | credential._register_afterwards()
                )
            batch.invalidate_recordset(["document_data"])  # not all of them in memory

    def _register_about(self):
        """Return which credential it is, whose, and for what."""
        document = self.document_data or {}
        learner, course = document.get("learner") or {}, document.get("course") or {}
        issuer = document.get("issuer") or {}
        template = document.get("template") or {}
        return {
            "number": self.number,
            "credential": template.get("name") or self.template_id.name,
            "title": document.get("title") or self.template_id.title,
            "type": self._label("credential_type"),
            "learner_number": learner.get("number") or "",
            "learner": learner.get("name") or self.partner_id.name,
            "course_code": course.get("code") or self.course_id.code,
            "course": course.get("name") or self.course_id.name,
            "offer_code": course.get("offer_code") or self.offer_id.code,
            "offer": course.get("offer_name") or self.offer_id.name or "",
            "unit_count": len(document.get("units") or []),
            "completed_on": fields.Date.to_date(course.get("date_completed") or None),
            "issuer": issuer.get("name") or self.company_id._lrm_issuer_name(),
            "rto_code": issuer.get("rto_code") or "",
        }

    def _register_issue(self):
        """Return when and by whom it was issued."""
        officer = (self.document_data or {}).get("officer") or {}
        enrolment = self.enrolment_id
        is_parchment = enrolment.parchment_number == self.number
        return {
            "credential_date": self.credential_date,
            "reissue_date": self.reissue_date,
            "expiry_date": self.expiry_date,
            "requested_by": self.requested_by_id.name,
            "issued_on": self._day(self.issued_at),
            "issued_by": self.issued_by_id.name or "",
            "officer": officer.get("name") or self.issuing_officer_id.name or "",
            "competent": (
                enrolment.competent_count if enrolment.unit_enrolment_ids else ""
            ),
            "is_final": self.env._("Yes") if self.is_final else self.env._("No"),
            "parchment_number": enrolment.parchment_number if is_parchment else "",
            "parchment_date": is_parchment and enrolment.qual_issued_date,
        }

    def _register_afterwards(self):
        """Return what became of it: cancelled, replaced, erased."""
        successors = self.replaced_by_ids.filtered(lambda new: new.state != "requested")
        return {
            "state": self._label("state"),
            "status_reason": self.status_reason or "",
            "cancelled_on": self._day(self.cancelled_at),
            "cancelled_by": self.cancelled_by_id.name or "",
            "replaces": self.replaces_id.number or "",
            "replaced_by": ", ".join(successors.sorted("id").mapped("number")),
            "document": self._register_document(),
            "sha256": self.document_sha256 or "",
        }

    def _register_document(self):
        """Return what there is of its document, in a few words."""
        if self.erased_at:
            return self.env._("Erased on %s", fields.Date.to_string(self.erased_at))
        if self.is_imported and not self.document_sha256:
            return self.env._("Imported without its document")
        return self.env._("Imported") if self.is_imported else self.env._("Stored")

    def _label(self, field_name):
        """Return the user's word for the value of a selection field."""
        labels = dict(self._fields[field_name]._description_selection(self.env))
        return labels.get(self[field_name], "")

    def _day(self, moment):
        """Return the user's day of a moment (UTC), False for none."""
        return moment and fields.Datetime.context_timestamp(self, moment).date()
