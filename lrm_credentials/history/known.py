"""What the rows of a workbook are about, as far as it is here already."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Records by what rows call them: name in lower case, number or code."""

    templates: dict
    officers: dict
    learners: dict
    courses: dict
    offers: dict
    enrolments: dict  # by (learner number, offer code)
    strangers: set  # learner numbers of other companies
    taken: set  # credential numbers that have been given


def look_up(company, rows):
    """Return the `Known` of these rows of a company: one query for each model.

    :param rows: list of (place, values), as `read_rows` returns them
    """

    def named(key):
        return list({row[key] for _place, row in rows if isinstance(row[key], str)})

    def find(model, domain, sudo=False):
        """Search archived records too: history is about what has ended."""
        records = company.env[model].with_context(active_test=False)
        return records.sudo(sudo).search(domain).with_context(active_test=True)

    own, shared = (
        ("company_id", "=", company.id),
        ("company_id", "in", [False, company.id]),
    )
    courses = find("lrm.course", [("code", "in", named("course_code")), shared])
    offers = find("lrm.course.offer", [("code", "in", named("offer_code")), own])
    enrolments = find("lrm.course.enrolment", [("offer_id", "in", offers.ids)])
    # Whoever has the number, in whichever company: it is given once.
    learners_sudo = find(
        "res.partner",
        [("lrm_learner_number", "in", named("learner_number"))],
        sudo=True,
    )
    own_sudo = learners_sudo.filtered(
        lambda learner: learner.company_id in (company.browse(), company)
    )
    return Known(
        templates={
            template.name.casefold(): template
            for template in find("lrm.credential.template", [shared])
        },
        officers={
            officer.name.casefold(): officer
            for officer in find("lrm.issuing.officer", [own])
        },
        learners={
            learner.lrm_learner_number: learner.sudo(False) for learner in own_sudo
        },
        strangers=set((learners_sudo - own_sudo).mapped("lrm_learner_number")),
        # The company's own course before a shared one.
        courses={course.code: course for course in courses.sorted("company_id")},
        offers={offer.code: offer for offer in offers},
        enrolments={
            (e.partner_id.sudo().lrm_learner_number, e.offer_id.code): e
            for e in enrolments
        },
        taken=company.env["lrm.credential"]._taken_numbers(named("number")),
    )
