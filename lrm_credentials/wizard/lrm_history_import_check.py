from dataclasses import dataclass, field

from odoo import fields, models

from ..history import HEADINGS, REQUIRED, Archive, HistoryError

NUMBER_LENGTH = 25
# Which date must not be before which other one, in the same row.
ORDERED_DATES = (
    ("date_start", "date_end"),
    ("issued_on", "cancelled_on"),
    ("credential_date", "cancelled_on"),
    ("credential_date", "expiry_date"),
)
PAST_DATES = ("credential_date", "issued_on", "parchment_date", "cancelled_on")


@dataclass
class Plan:
    """What a workbook and an archive amount to; nothing is written for it."""

    rows: list  # (place in the sheet, values)
    archive: Archive
    problems: list = field(default_factory=list)  # (place, heading, sentence)
    files: dict = field(default_factory=dict)  # {place: name in the archive}
    # What is there already, by what the rows call it
    templates: dict = field(default_factory=dict)
    learners: dict = field(default_factory=dict)
    courses: dict = field(default_factory=dict)
    offers: dict = field(default_factory=dict)
    enrolments: dict = field(default_factory=dict)  # by (learner number, offer code)
    officers: dict = field(default_factory=dict)
    taken: set = field(default_factory=set)  # credential numbers
    # What has to be created: {what the rows call it: values of the first row}
    new_learners: dict = field(default_factory=dict)
    new_courses: dict = field(default_factory=dict)
    new_offers: dict = field(default_factory=dict)
    new_enrolments: dict = field(default_factory=dict)
    # What the rows before this one say
    numbers: dict = field(default_factory=dict)  # {number: place}
    finals: dict = field(default_factory=dict)  # {enrolment key: place}
    owners: dict = field(default_factory=dict)  # {file name: place}


class LrmHistoryImport(models.TransientModel):
    """Finding what the rows mean, and all that is wrong with them."""

    _inherit = "lrm.history.import"

    def _plan(self, rows, archive):
        """Return the `Plan` of these rows and files, with all their problems."""
        plan = Plan(self._usable(rows), archive)
        self._find_records(plan)
        for place, row in rows:
            for key, sentence in self._row_problems(plan, place, row):
                plan.problems.append((place, HEADINGS[key], sentence))
        if not rows:
            plan.problems.append(
                (1, "", self.env._("The first sheet of the workbook has no rows."))
            )
        return plan

    def _usable(self, rows):
        """Return `rows` with nothing in place of what cannot be read."""
        return [
            (
                place,
                {k: None if isinstance(v, ValueError) else v for k, v in row.items()},
            )
            for place, row in rows
        ]

    def _find_records(self, plan):
        """Look up all that the rows name, with one query for each model."""
        values = {
            key: {row[key] for _place, row in plan.rows if row[key]}
            for key in ("learner_number", "course_code", "offer_code", "number")
        }
        company = self.company_id
        shared = [False, company.id]
        credentials = self.env["lrm.credential"]
        plan.taken = credentials._taken_numbers(list(values["number"]))
        plan.templates = {
            template.name.casefold(): template
            for template in self._all(
                "lrm.credential.template", [("company_id", "in", shared)]
            )
        }
        plan.officers = {
            officer.name.casefold(): officer
            for officer in self._all(
                "lrm.issuing.officer", [("company_id", "=", company.id)]
            )
        }
        # Whoever has the number, in whichever company: it is given once.
        learners_sudo = self._all(
            "res.partner",
            [("lrm_learner_number", "in", list(values["learner_number"]))],
            sudo=True,
        )
        plan.learners = {
            learner.lrm_learner_number: learner.sudo(False) for learner in learners_sudo
        }
        courses = self._all(
            "lrm.course",
            [
                ("code", "in", list(values["course_code"])),
                ("company_id", "in", shared),
            ],
        )
        plan.courses = {  # the company's own before a shared one
            course.code: course for course in courses.sorted("company_id")
        }
        plan.offers = {
            offer.code: offer
            for offer in self._all(
                "lrm.course.offer",
                [
                    ("code", "in", list(values["offer_code"])),
                    ("company_id", "=", company.id),
                ],
            )
        }
        enrolments = self._all(
            "lrm.course.enrolment",
            [("offer_id", "in", [offer.id for offer in plan.offers.values()])],
        )
        plan.enrolments = {
            (e.partner_id.sudo().lrm_learner_number, e.offer_id.code): e
            for e in enrolments
        }

    def _all(self, model, domain, sudo=False):
        """Search archived records too: history is about what has ended."""
        records = self.env[model].with_context(active_test=False)
        return records.sudo(sudo).search(domain).with_context(active_test=True)

    # ------------------------------------------------------------ one row

    def _row_problems(self, plan, place, raw):
        """Yield (key of the column, sentence) for all that is wrong with a row.

        :param raw: as read, with `ValueError` for what cannot be understood
        """
        unread = {key for key, value in raw.items() if isinstance(value, ValueError)}
        for key in sorted(unread):
            yield key, self._unread_problem(key, str(raw[key]))
        row = {key: None if key in unread else value for key, value in raw.items()}
        for key in REQUIRED:
            if not row[key] and key not in unread:
                yield key, self.env._("This is empty. Every row needs it.")
        yield from self._number_problems(plan, place, row)
        yield from self._date_problems(row)
        yield from self._template_problems(plan, row)
        yield from self._learner_problems(plan, row)
        yield from self._course_problems(plan, row)
        yield from self._offer_problems(plan, row)
        yield from self._enrolment_problems(plan, row)
        yield from self._final_problems(plan, place, row)
        yield from self._file_problems(plan, place, row)

    def _unread_problem(self, key, text):
        if key == "is_final":
            return self.env._("“%s” is neither Yes nor No. Enter one of them.", text)
        return self.env._(
            "“%s” is not a date. Enter one such as 31/12/2014 or 2014-12-31.", text
        )

    def _number_problems(self, plan, place, row):
        number = row["number"]
        if not number:
            return
        if len(number) > NUMBER_LENGTH:
            yield (
                "number",
                self.env._(
                    "A number has up to %s characters. Shorten it.", NUMBER_LENGTH
                ),
            )
        if number in plan.taken:
            yield (
                "number",
                self.env._("%s is on the register already. Remove the row.", number),
            )
        if plan.numbers.setdefault(number, place) != place:
            yield (
                "number",
                self.env._(
                    "%(number)s is in row %(row)s too. Remove one of them.",
                    number=number,
                    row=plan.numbers[number],
                ),
            )

    def _date_problems(self, row):
        today = fields.Date.context_today(self)
        for key in PAST_DATES:
            if row[key] and row[key] > today:
                yield key, self.env._("This is in the future. Correct the date.")
        for first, second in ORDERED_DATES:
            if row[first] and row[second] and row[first] > row[second]:
                yield (
                    second,
                    self.env._(
                        "This is before “%s”. Correct one of them.", HEADINGS[first]
                    ),
                )
        if bool(row["cancelled_on"]) != bool(row["cancel_reason"]):
            yield (
                "cancel_reason" if row["cancelled_on"] else "cancelled_on",
                self.env._(
                    "A cancelled credential needs the date and the reason. Fill in "
                    "both, or neither."
                ),
            )

    def _template_problems(self, plan, row):
        name = row["template"]
        if name and name.casefold() not in plan.templates:
            names = ", ".join(sorted(t.name for t in plan.templates.values()))
            yield (
                "template",
                self.env._(
                    "There is no credential template “%(name)s”. Use one of these, or "
                    "create it in Configuration: %(names)s.",
                    name=name,
                    names=names,
                ),
            )

    def _learner_problems(self, plan, row):
        number = row["learner_number"]
        if not number:
            return
        if learner := plan.learners.get(number):
            # Whose number it is is nobody's business in another company.
            if learner.sudo().company_id not in (
                self.company_id.browse(),
                self.company_id,
            ):
                yield (
                    "learner_number",
                    self.env._(
                        "Learner %s belongs to another company. Use another number.",
                        number,
                    ),
                )
            elif not self._is_name_of(learner, row):
                yield (
                    "learner_number",
                    self.env._(
                        "Learner %(number)s is %(name)s here. Correct the number, or "
                        "leave First and Family Name empty if the name has changed.",
                        number=number,
                        name=learner.name,
                    ),
                )
            return
        if not self.create_missing:
            yield (
                "learner_number",
                self.env._(
                    "There is no learner %s. Correct the number, add the client, or "
                    "tick Create Missing.",
                    number,
                ),
            )
            return
        if not row["family_name"]:
            yield (
                "family_name",
                self.env._(
                    "Learner %s is not here yet. Enter the name, so that the learner "
                    "can be created.",
                    number,
                ),
            )
            return
        first = plan.new_learners.setdefault(number, row)
        if any(first[key] != row[key] for key in ("first_name", "family_name")):
            yield (
                "learner_number",
                self.env._(
                    "Another row gives learner %(number)s the name %(name)s. Correct "
                    "the number or the name.",
                    number=number,
                    name=" ".join(
                        filter(None, (first["first_name"], first["family_name"]))
                    ),
                ),
            )

    def _is_name_of(self, learner, row):
        """Tell whether the names that a row gives, if any, are those of `learner`."""
        return all(
            not row[key]
            or row[key].casefold() == " ".join((learner[name] or "").split()).casefold()
            for key, name in (
                ("first_name", "lrm_first_name"),
                ("family_name", "lrm_family_name"),
            )
        )

    def _course_problems(self, plan, row):
        code = row["course_code"]
        if not code or code in plan.courses:
            return
        if not self.create_missing:
            yield (
                "course_code",
                self.env._(
                    "There is no course %s. Correct the code, add the course in "
                    "Configuration, or tick Create Missing.",
                    code,
                ),
            )
            return
        if code in plan.new_courses:
            return  # the first row that names it describes it
        if not row["course_name"]:
            yield (
                "course_name",
                self.env._(
                    "Course %s is not here yet. Enter its title, so that it can be "
                    "created.",
                    code,
                ),
            )
        elif not self._course_kind(row):
            yield (
                "course_kind",
                self.env._(
                    "Course %(code)s is not here yet. Enter its kind, so that it can "
                    "be created: %(kinds)s.",
                    code=code,
                    kinds=", ".join(self._course_kinds().values()),
                ),
            )
        else:
            plan.new_courses[code] = row

    def _course_kinds(self):
        kinds = self.env["lrm.course"]._fields["kind"]
        return dict(kinds._description_selection(self.env))

    def _course_kind(self, row):
        """Return the kind of course that a row names, by label or value, or None."""
        named = (row["course_kind"] or "").casefold()
        kinds = self._course_kinds().items()
        return next((k for k, label in kinds if named in (k, label.casefold())), None)

    def _offer_problems(self, plan, row):
        code, course = row["offer_code"], row["course_code"]
        if not code or not course:
            return
        if offer := plan.offers.get(code):
            if offer.is_test:
                yield (
                    "offer_code",
                    self.env._("%s is a dummy offer. Use one that is real.", code),
                )
            planned = offer.course_id.code
        elif self.create_missing:
            planned = plan.new_offers.setdefault(code, row)["course_code"]
        else:
            yield (
                "offer_code",
                self.env._(
                    "There is no course offer %s. Correct the code, add the offer, or "
                    "tick Create Missing.",
                    code,
                ),
            )
            return
        if planned != course:
            yield (
                "offer_code",
                self.env._(
                    "Course offer %(offer)s is one of %(course)s. Correct the offer or "
                    "the course.",
                    offer=code,
                    course=planned,
                ),
            )

    def _enrolment_problems(self, plan, row):
        key = row["learner_number"], row["offer_code"]
        if not all(key) or key in plan.enrolments:
            return
        if self.create_missing:
            known = plan.new_enrolments.setdefault(key, dict(row))
            for name in ("date_start", "date_end", "date_completed"):
                known[name] = known[name] or row[name]
            if row["is_final"]:
                known["date_completed"] = (
                    known["date_completed"] or row["credential_date"]
                )
        elif key[0] in plan.learners and key[1] in plan.offers:
            yield (
                "offer_code",
                self.env._(
                    "Learner %(learner)s is not enrolled in %(offer)s. Enrol the "
                    "learner, or tick Create Missing.",
                    learner=key[0],
                    offer=key[1],
                ),
            )

    def _final_problems(self, plan, place, row):
        if row["parchment_date"] and not row["is_final"]:
            yield (
                "parchment_date",
                self.env._(
                    "Only a final qualification has this date. Enter Yes in Final "
                    "Qualification, or leave it empty."
                ),
            )
        if not row["is_final"] or row["cancelled_on"]:
            return
        key = row["learner_number"], row["offer_code"]
        enrolment = plan.enrolments.get(key)
        if enrolment and enrolment.parchment_number:
            yield (
                "is_final",
                self.env._(
                    "The enrolment has parchment %s already. Enter No, or cancel that "
                    "credential first.",
                    enrolment.parchment_number,
                ),
            )
        if plan.finals.setdefault(key, place) != place:
            yield (
                "is_final",
                self.env._(
                    "Row %s is the final qualification of this enrolment: only one can "
                    "be.",
                    plan.finals[key],
                ),
            )

    def _file_problems(self, plan, place, row):
        name = row["number"] and plan.archive.find(row["number"], row["file"])
        if not name:
            if row["file"]:
                yield (
                    "file",
                    self.env._(
                        "There is no file %s in the ZIP. Correct the name, or add the "
                        "file.",
                        row["file"],
                    ),
                )
            return
        if plan.owners.setdefault(name, place) != place:
            yield (
                "file",
                self.env._(
                    "Row %(row)s has the file %(file)s too. Every credential has its "
                    "own.",
                    row=plan.owners[name],
                    file=name,
                ),
            )
        plan.files[place] = name
        try:
            plan.archive.read(name)
        except HistoryError as error:
            yield "file", f"{name}: {self._file_problem(error)}"
