"""What can be wrong with a row of a workbook of credentials.

Each function takes the plan and a row, and yields (key of the column, sentence): what
is wrong and what to do. What a row needs is noted in the plan on the way.
"""

from odoo import fields

from .rules_records import (
    course_problems,
    enrolment_key,
    enrolment_problems,
    learner_problems,
    offer_problems,
    template_problems,
)
from .sentences import file_problem
from .sheet import HEADINGS

NUMBER_LENGTH = 25  # design rule 1
# Which date must not be before which other one, in the same row.
ORDERED_DATES = (
    ("date_start", "date_end"),
    ("date_completed", "credential_date"),
    ("issued_on", "cancelled_on"),
    ("credential_date", "cancelled_on"),
    ("credential_date", "expiry_date"),
)
PAST_DATES = ("credential_date", "issued_on", "parchment_date", "cancelled_on")
FINAL_TYPES = ("certificate", "statement")  # design rule 4, Australian VET


def row_problems(plan, place, row):
    """Yield (key of the column, sentence) for all that is wrong with a row."""
    yield from _number_problems(plan, place, row)
    yield from _date_problems(plan, row)
    yield from template_problems(plan, row)
    yield from learner_problems(plan, row)
    yield from course_problems(plan, row)
    yield from offer_problems(plan, row)
    yield from enrolment_problems(plan, row)
    yield from _final_problems(plan, place, row)
    yield from _file_problems(plan, place, row)


def _number_problems(plan, place, row):
    number, env = row["number"], plan.env
    if not number:
        return
    if len(number) > NUMBER_LENGTH:
        yield (
            "number",
            env._("A number has up to %s characters. Shorten it.", NUMBER_LENGTH),
        )
    if number in plan.known.taken:
        yield (
            "number",
            env._("%s is on the register already. Remove the row.", number),
        )
    if others := plan.others("number", number, place):
        yield (
            "number",
            env._(
                "%(number)s is in row %(rows)s too. Every credential has its own.",
                number=number,
                rows=others,
            ),
        )


def _date_problems(plan, row):
    env = plan.env
    today = fields.Date.context_today(plan.company)
    for key in PAST_DATES:
        if row[key] and row[key] > today:
            yield key, env._("This is in the future. Correct the date.")
    for first, second in ORDERED_DATES:
        if row[first] and row[second] and row[first] > row[second]:
            yield (
                second,
                env._("This is before “%s”. Correct one of them.", HEADINGS[first]),
            )
    if bool(row["cancelled_on"]) != bool(row["cancel_reason"]):
        yield (
            "cancel_reason" if row["cancelled_on"] else "cancelled_on",
            env._(
                "A cancelled credential needs the date and the reason. Fill in both, "
                "or neither."
            ),
        )


def _final_problems(plan, place, row):
    env = plan.env
    if row["parchment_date"] and not row["is_final"]:
        yield (
            "parchment_date",
            env._(
                "Only a final qualification has this date. Enter Yes in Final "
                "Qualification, or leave it empty."
            ),
        )
    if not row["is_final"]:
        return
    template = plan.template(row)
    if (
        template
        and plan.company.lrm_profile == "au_vet"
        and template.credential_type not in FINAL_TYPES
    ):
        yield (
            "is_final",
            env._(
                "%s cannot be a final qualification: only a certificate or a statement "
                "can. Enter No.",
                template.name,
            ),
        )
    if row["cancelled_on"]:
        return
    enrolment = plan.known.enrolments.get(enrolment_key(row))
    if enrolment and enrolment.parchment_number:
        yield (
            "is_final",
            env._(
                "The enrolment has parchment %s already. Enter No, or cancel that "
                "credential first.",
                enrolment.parchment_number,
            ),
        )
    if others := plan.others("final", enrolment_key(row), place):
        yield (
            "is_final",
            env._(
                "Row %s is the final qualification of this enrolment too: only one can "
                "be. Enter No in the others.",
                others,
            ),
        )


def _file_problems(plan, place, row):
    env, name = plan.env, plan.files.get(place)
    if row["file"] and not name:
        yield (
            "file",
            env._(
                "There is no file %s in the ZIP. Correct the name, or add the file.",
                row["file"],
            ),
        )
    if not name:
        return
    if others := plan.others("file", name, place):
        yield (
            "file",
            env._(
                "Row %(rows)s has the file %(file)s too. Every credential has its own.",
                rows=others,
                file=name,
            ),
        )
    if error := plan.archive.problem(name):
        yield "file", f"{name}: {file_problem(env, error)}"
