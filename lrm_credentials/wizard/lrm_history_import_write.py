from datetime import datetime, time

import pytz

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import split_every

from ..models.lrm_credential_document import DOCUMENT_VERSION

BATCH = 500  # documents that are in memory at a time


class LrmHistoryImport(models.TransientModel):
    """Writing what has been checked, in one transaction."""

    _inherit = "lrm.history.import"

    def _carry_out(self, plan):
        """Create what `plan` says; return the credentials."""
        self._create_missing(plan)
        credentials = self.env["lrm.credential"]
        for batch in split_every(BATCH, plan.rows):
            credentials += credentials._create_imported(
                [self._credential_values(plan, row) for _place, row in batch],
                [
                    plan.archive.read(plan.files[place])
                    if place in plan.files
                    else None
                    for place, _row in batch
                ],
            )
        pairs = list(zip(credentials, plan.rows, strict=True))
        credentials._award_imported(
            {
                credential.id: row["parchment_date"] or self._issued_on(row)
                for credential, (_place, row) in pairs
            }
        )
        credentials._log_imported(
            {
                credential.id: self.env._(
                    "Imported from %(file)s, row %(row)s.",
                    file=self.workbook_filename or self.env._("a workbook"),
                    row=place,
                )
                for credential, (place, _row) in pairs
            }
        )
        return credentials

    # ------------------------------------------------------------ what they rest on

    def _create_missing(self, plan):
        """Create the learners, courses, offers and enrolments that are not here."""
        self._add_missing(
            "res.partner", plan.new_learners, self._learner_values, plan.learners
        )
        self._add_missing("lrm.course", plan.new_courses, self._course_values, plan.courses)
        self._add_missing(
            "lrm.course.offer",
            plan.new_offers,
            lambda code, row: self._offer_values(plan, code, row),
            plan.offers,
        )
        self._add_missing(
            "lrm.course.enrolment",
            plan.new_enrolments,
            lambda key, row: self._enrolment_values(plan, key, row),
            plan.enrolments,
        )

    def _add_missing(self, model, missing, values_of, known):
        """Create records of `model` for `missing` {key: row}; add them to `known`."""
        records = self.env[model].create(
            [values_of(key, row) for key, row in missing.items()]
        )
        known |= dict(zip(missing, records, strict=True))

    def _learner_values(self, number, row):
        return {
            "is_lrm_client": True,
            "lrm_learner_number": number,
            "lrm_first_name": row["first_name"],
            "lrm_family_name": row["family_name"],
        }

    def _course_values(self, code, row):
        return {
            "code": code,
            "name": row["course_name"],
            "kind": self._course_kind(row),
        }

    def _offer_values(self, plan, code, row):
        return {
            "code": code,
            "course_id": plan.courses[row["course_code"]].id,
            "company_id": self.company_id.id,
        }

    def _enrolment_values(self, plan, key, row):
        learner_number, offer_code = key
        return {
            "partner_id": plan.learners[learner_number].id,
            "offer_id": plan.offers[offer_code].id,
            "state": "completed" if row["date_completed"] else "enrolled",
            "date_start": row["date_start"],
            "date_end": row["date_end"],
            "date_completed": row["date_completed"],
            # Which units they were is on the documents; results are not known.
            "unit_enrolment_ids": [Command.clear()],
        }

    # ------------------------------------------------------------ credentials

    def _credential_values(self, plan, row):
        enrolment = plan.enrolments[row["learner_number"], row["offer_code"]]
        officer = plan.officers.get((row["officer"] or "").casefold())
        cancelled_on = row["cancelled_on"]
        return {
            "number": row["number"],
            "enrolment_id": enrolment.id,
            "template_id": plan.templates[row["template"].casefold()].id,
            "credential_date": row["credential_date"],
            "issuing_officer_id": officer and officer.id,
            "state": "cancelled" if cancelled_on else "issued",
            "status_reason": row["cancel_reason"] or row["remarks"],
            "issued_at": self._midday(self._issued_on(row)),
            "cancelled_at": cancelled_on and self._midday(cancelled_on),
            "expiry_date": row["expiry_date"],
            "is_final": bool(row["is_final"]),
            "document_data": self._document_data(plan, enrolment, row),
        }

    def _issued_on(self, row):
        return row["issued_on"] or row["credential_date"]

    def _midday(self, date):
        """Return noon of `date` where the user is: the same day almost everywhere."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        moment = zone.localize(datetime.combine(date, time(12)))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    def _document_data(self, plan, enrolment, row):
        """Return what the credential says as far as the row does.

        The shape is that of `lrm.credential._document()`.
        """
        template = plan.templates[row["template"].casefold()]
        company = self.company_id
        return {
            "version": DOCUMENT_VERSION,
            "number": row["number"],
            "title": template.title,
            "type": template.credential_type,
            "credential_date": _iso(row["credential_date"]),
            "language": template._language(enrolment.partner_id),
            "is_sample": False,
            "is_imported": True,
            "template": {"name": template.name, "version": ""},
            "learner": self._document_learner(enrolment.partner_id, row),
            "course": self._document_course(enrolment, row),
            "units": _units(row["units"]),
            "issuer": {
                "name": company._lrm_issuer_name(),
                "trading_name": company.lrm_trading_name or "",
                "rto_code": (company.lrm_profile == "au_vet" and company.lrm_rto_code)
                or "",
                "profile": company.lrm_profile,
                "accent_color": company.lrm_accent_color,
                "artwork": {},
            },
            "officer": {
                "name": row["officer"] or "",
                "title": row["officer_title"] or "",
                "signature": False,
            },
            "replaces": False,
            "verification_url": False,
            "reissue_date": False,
            "expiry_date": _iso(row["expiry_date"]),
            "is_refresh_date": False,
        }

    def _document_learner(self, learner, row):
        return {
            "name": row["learner_name"] or learner._lrm_printed_name(),
            "first_name": row["first_name"] or learner.lrm_first_name or "",
            "family_name": row["family_name"] or learner.lrm_family_name or "",
            "number": row["learner_number"],
        }

    def _document_course(self, enrolment, row):
        course = enrolment.course_id
        return {
            "code": course.code,
            "name": row["course_name"] or course.name,
            "kind": course.kind,
            "stream": "",
            "industry_descriptor": "",
            "is_apprenticeship": False,
            "offer_code": enrolment.offer_id.code,
            "offer_name": enrolment.offer_id.name or "",
            "date_start": _iso(row["date_start"]),
            "date_end": _iso(row["date_end"]),
            "date_completed": _iso(row["date_completed"]),
        }


def _iso(date):
    return fields.Date.to_string(date) or False


def _units(text):
    """Return the units that a cell lists: code and title, semicolons between them."""
    units = [part.strip() for part in (text or "").split(";")]
    return [_unit(*unit.partition(" ")) for unit in units if unit]


def _unit(code, _space, name):
    return {
        "code": code,
        "name": name.strip(),
        "outcome": "",
        "outcome_name": "",
        "is_competent": True,
        "date": False,
        "language": "",
    }
