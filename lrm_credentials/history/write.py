"""Carrying out a plan, in the caller's transaction.

Rights are those of the user; what is sealed is written by the credential itself.
"""

from datetime import datetime, time

import pytz

from odoo import fields
from odoo.fields import Command
from odoo.tools import split_every

from ..models.lrm_credential_document import DOCUMENT_VERSION
from .rules_records import course_kind, enrolment_key

BATCH = 500  # documents that are in memory at a time


def carry_out(plan, source):
    """Create what `plan` says; return the credentials, in the order of its rows.

    :param source: what the workbook is called (str), for the chatter
    """
    _create_missing(plan)
    credentials = plan.env["lrm.credential"]
    for batch in split_every(BATCH, plan.rows):
        credentials += credentials._create_imported(
            [_credential_values(plan, row) for _place, row in batch],
            [
                plan.archive.content(plan.files[place]) if place in plan.files else None
                for place, _row in batch
            ],
        )
    pairs = list(zip(credentials, plan.rows, strict=True))
    credentials._award_imported(
        {
            credential.id: row["parchment_date"] or _issued_on(row)
            for credential, (_place, row) in pairs
        }
    )
    credentials._log_imported(
        {
            credential.id: plan.env._(
                "Imported from %(file)s, row %(row)s.", file=source, row=place
            )
            for credential, (place, _row) in pairs
        }
    )
    return credentials


def _create_missing(plan):
    """Create the learners, courses, offers and enrolments that are not here."""
    for model, missing, values_of, known in (
        ("res.partner", plan.new_learners, _learner_values, plan.known.learners),
        ("lrm.course", plan.new_courses, _course_values, plan.known.courses),
        ("lrm.course.offer", plan.new_offers, _offer_values, plan.known.offers),
        (
            "lrm.course.enrolment",
            plan.new_enrolments,
            _enrolment_values,
            plan.known.enrolments,
        ),
    ):
        # As Odoo's own import creates them: many contacts at a time.
        records = plan.env[model]._load_records_create(
            [values_of(plan, row) for row in missing.values()]
        )
        known |= dict(zip(missing, records, strict=True))


def _learner_values(_plan, row):
    return {
        "is_lrm_client": True,
        "lrm_learner_number": row["learner_number"],
        "lrm_first_name": row["first_name"],
        "lrm_family_name": row["family_name"],
    }


def _course_values(plan, row):
    return {
        "code": row["course_code"],
        "name": row["course_name"],
        "kind": course_kind(plan.env, row),
    }


def _offer_values(plan, row):
    return {
        "code": row["offer_code"],
        "course_id": plan.known.courses[row["course_code"]].id,
        "company_id": plan.company.id,
    }


def _enrolment_values(plan, row):
    return {
        "partner_id": plan.known.learners[row["learner_number"]].id,
        "offer_id": plan.known.offers[row["offer_code"]].id,
        "state": "completed" if row["date_completed"] else "enrolled",
        "date_start": row["date_start"],
        "date_end": row["date_end"],
        "date_completed": row["date_completed"],
        # Which units they were is on the documents; results are not known.
        "unit_enrolment_ids": [Command.clear()],
    }


def _credential_values(plan, row):
    officer = plan.known.officers.get((row["officer"] or "").casefold())
    cancelled_on = row["cancelled_on"]
    enrolment = plan.known.enrolments[enrolment_key(row)]
    return {
        "number": row["number"],
        "enrolment_id": enrolment.id,
        "template_id": plan.template(row).id,
        "credential_date": row["credential_date"],
        "issuing_officer_id": officer and officer.id,
        "state": "cancelled" if cancelled_on else "issued",
        "status_reason": row["cancel_reason"] or row["remarks"],
        "issued_at": _midday(plan.env, _issued_on(row)),
        "cancelled_at": cancelled_on and _midday(plan.env, cancelled_on),
        "expiry_date": row["expiry_date"],
        "is_final": bool(row["is_final"]),
        "document_data": _document_data(plan, enrolment, row),
    }


def _issued_on(row):
    return row["issued_on"] or row["credential_date"]


def _midday(env, date):
    """Return noon of `date` where the user is: the same day almost everywhere."""
    zone = pytz.timezone(env.user.tz or "UTC")
    moment = zone.localize(datetime.combine(date, time(12)))
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def _document_data(plan, enrolment, row):
    """Return what the credential says, as far as the row does.

    The shape is that of `lrm.credential._document()`.
    """
    template, learner = plan.template(row), enrolment.partner_id
    return {
        "version": DOCUMENT_VERSION,
        "number": row["number"],
        "title": template.title,
        "type": template.credential_type,
        "credential_date": _iso(row["credential_date"]),
        "language": template._language(learner),
        "is_sample": False,
        "is_imported": True,
        "template": {"name": template.name, "version": ""},
        "learner": {
            "name": row["learner_name"] or learner._lrm_printed_name(),
            "first_name": row["first_name"] or learner.lrm_first_name or "",
            "family_name": row["family_name"] or learner.lrm_family_name or "",
            "number": row["learner_number"],
        },
        "course": _document_course(enrolment, row),
        "units": _units(row["units"]),
        "issuer": _document_issuer(plan.company),
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


def _document_course(enrolment, row):
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


def _document_issuer(company):
    is_rto = company.lrm_profile == "au_vet"
    return {
        "name": company._lrm_issuer_name(),
        "trading_name": company.lrm_trading_name or "",
        "rto_code": (is_rto and company.lrm_rto_code) or "",
        "profile": company.lrm_profile,
        "accent_color": company.lrm_accent_color,
        "artwork": {},
    }


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


def _iso(date):
    return fields.Date.to_string(date) or False
