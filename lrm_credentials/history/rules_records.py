"""What can be wrong with the learner, course, offer and enrolment that a row names.

Each function takes the plan and a row, and yields (key of the column, sentence). What
may be created for the row is noted in the plan, under what the rows call it; the first
row that names it describes it.
"""


def enrolment_key(row):
    """Return how a row calls its enrolment: (learner number, offer code)."""
    return row["learner_number"], row["offer_code"]


def course_kinds(env):
    """Return {kind: the user's word for it} of courses."""
    return dict(env["lrm.course"]._fields["kind"]._description_selection(env))


def course_kind(env, row):
    """Return the kind of course that a row names, by word or value, or None."""
    named = (row["course_kind"] or "").casefold()
    kinds = course_kinds(env).items()
    return next((k for k, label in kinds if named in (k, label.casefold())), None)


def template_problems(plan, row):
    if not row["template"] or plan.template(row):
        return
    names = ", ".join(sorted(t.name for t in plan.known.templates.values()))
    yield (
        "template",
        plan.env._(
            "There is no credential template “%(name)s”. Use one of these, or create "
            "it in Configuration: %(names)s.",
            name=row["template"],
            names=names,
        ),
    )


def learner_problems(plan, row):
    number, env = row["learner_number"], plan.env
    if not number:
        return
    if number in plan.known.strangers:
        # Whose number it is is nobody's business in another company.
        yield (
            "learner_number",
            env._("Learner %s belongs to another company. Use another number.", number),
        )
    elif learner := plan.known.learners.get(number):
        if not _is_name_of(learner, row):
            yield (
                "learner_number",
                env._(
                    "Learner %(number)s is %(name)s here. Correct the number, or leave "
                    "First and Family Name empty if the name has changed.",
                    number=number,
                    name=learner.name,
                ),
            )
    elif not plan.create_missing:
        yield (
            "learner_number",
            env._(
                "There is no learner %s. Correct the number, add the client, or tick "
                "Create Missing.",
                number,
            ),
        )
    elif not row["family_name"]:
        yield (
            "family_name",
            env._(
                "Learner %s is not here yet. Enter the name, so that the learner can "
                "be created.",
                number,
            ),
        )
    else:
        first = plan.new_learners.setdefault(number, row)
        if any(first[key] != row[key] for key in ("first_name", "family_name")):
            names = filter(None, (first["first_name"], first["family_name"]))
            yield (
                "learner_number",
                env._(
                    "Another row gives learner %(number)s the name %(name)s. Correct "
                    "the number or the name.",
                    number=number,
                    name=" ".join(names),
                ),
            )


def _is_name_of(learner, row):
    """Tell whether the names that a row gives, if any, are those of `learner`."""
    names = {
        "first_name": learner.lrm_first_name,
        "family_name": learner.lrm_family_name,
    }
    return all(
        not row[key] or row[key].casefold() == " ".join((name or "").split()).casefold()
        for key, name in names.items()
    )


def course_problems(plan, row):
    code, env = row["course_code"], plan.env
    if not code or code in plan.known.courses or code in plan.new_courses:
        return
    if not plan.create_missing:
        yield (
            "course_code",
            env._(
                "There is no course %s. Correct the code, add the course in "
                "Configuration, or tick Create Missing.",
                code,
            ),
        )
    elif not row["course_name"]:
        yield (
            "course_name",
            env._(
                "Course %s is not here yet. Enter its title, so that it can be "
                "created.",
                code,
            ),
        )
    elif not course_kind(env, row):
        yield (
            "course_kind",
            env._(
                "Course %(code)s is not here yet. Enter its kind, so that it can be "
                "created: %(kinds)s.",
                code=code,
                kinds=", ".join(course_kinds(env).values()),
            ),
        )
    else:
        plan.new_courses[code] = row


def offer_problems(plan, row):
    code, course, env = row["offer_code"], row["course_code"], plan.env
    if not code or not course:
        return
    offer = plan.known.offers.get(code)
    if not offer and not plan.create_missing:
        yield (
            "offer_code",
            env._(
                "There is no course offer %s. Correct the code, add the offer, or "
                "tick Create Missing.",
                code,
            ),
        )
        return
    if offer and offer.is_test:
        yield (
            "offer_code",
            env._("%s is a dummy offer. Use one that is real.", code),
        )
    planned = (
        offer.course_id.code
        if offer
        else plan.new_offers.setdefault(code, row)["course_code"]
    )
    is_course = course in plan.known.courses or course in plan.new_courses
    if is_course and planned != course:
        yield (
            "offer_code",
            env._(
                "Course offer %(offer)s is one of %(course)s. Correct the offer or the "
                "course.",
                offer=code,
                course=planned,
            ),
        )


def enrolment_problems(plan, row):
    key = learner, offer = enrolment_key(row)
    if not all(key) or key in plan.known.enrolments:
        return
    if plan.create_missing:
        known = plan.new_enrolments.setdefault(key, dict(row))
        for name in ("date_start", "date_end", "date_completed"):
            known[name] = known[name] or row[name]
        if row["is_final"]:
            known["date_completed"] = known["date_completed"] or row["credential_date"]
    elif learner in plan.known.learners and offer in plan.known.offers:
        yield (
            "offer_code",
            plan.env._(
                "Learner %(learner)s is not enrolled in %(offer)s. Enrol the learner, "
                "or tick Create Missing.",
                learner=learner,
                offer=offer,
            ),
        )
