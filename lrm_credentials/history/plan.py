"""From two files to a plan: which rows are good, and what they need that is new."""

from collections import defaultdict

from .known import look_up
from .rules import row_problems
from .rules_records import enrolment_key
from .sheet import HEADINGS, REQUIRED, Unread

# What decides whether two rows are about the same.
IDENTITIES = ("number", "file", "final")


class Plan:
    """Good rows, and what they need that is not here. Nothing is written for it."""

    def __init__(self, company, known, rows, archive, create_missing):
        self.company, self.env = company, company.env
        self.known = known
        self.rows = rows  # [(place in the sheet, values)]
        self.archive = archive
        self.create_missing = create_missing
        self.files = {}  # {place: name in the archive}
        # What has to be created: {what the rows call it: values of a row}
        self.new_learners, self.new_courses = {}, {}
        self.new_offers, self.new_enrolments = {}, {}
        # {what must be there once: places}
        self.places = {identity: defaultdict(list) for identity in IDENTITIES}
        for place, row in rows:
            if name := archive.find(row["number"], row["file"]):
                self.files[place] = name
            for identity, value in self._identities(place, row):
                self.places[identity][value].append(place)

    def _identities(self, place, row):
        """Yield (identity, value) of what no other row may be about."""
        if row["number"]:
            yield "number", row["number"]
        if place in self.files:
            yield "file", self.files[place]
        if row["is_final"] and not row["cancelled_on"]:
            yield "final", enrolment_key(row)

    def template(self, row):
        """Return the template that a row names, None if there is none."""
        return self.known.templates.get((row["template"] or "").casefold())

    def others(self, identity, value, place):
        """Return the places of the other rows with this value, as text; "" for none."""
        places = self.places[identity][value]
        return ", ".join(str(other) for other in places if other != place)


def make_plan(company, rows, archive, create_missing):
    """Return (plan of the good rows, problems of the others).

    A row may describe what others need, such as a new course. When it turns out bad,
    those are looked at again without it.

    :param rows: what `read_rows` returned
    :param archive: an `Archive`
    :param create_missing: whether learners, courses and so on may be created
    :return: problems are a list of (place, heading, sentence), by place
    """
    problems = [
        (place, HEADINGS[key], sentence)
        for place, row in rows
        for key, sentence in _cell_problems(company.env, row)
    ]
    known = look_up(company, rows)
    good = [(place, _readable(row)) for place, row in rows]
    while True:
        plan = Plan(company, known, good, archive, create_missing)
        problems += [
            (place, HEADINGS[key], sentence)
            for place, row in good
            for key, sentence in row_problems(plan, place, row)
        ]
        bad = {place for place, _heading, _sentence in problems}
        good = [(place, row) for place, row in good if place not in bad]
        if len(good) == len(plan.rows):
            return plan, sorted(problems, key=lambda problem: problem[0])


def _readable(row):
    """Return `row` with nothing in place of what cannot be used."""
    return {
        key: None if isinstance(value, Unread) else value for key, value in row.items()
    }


def _cell_problems(env, row):
    """Yield (key, sentence) for each cell that is needed but empty, or is unusable."""
    for key, value in row.items():
        if isinstance(value, Unread):
            yield key, _unread_problem(env, value)
        elif key in REQUIRED and not value:
            yield key, env._("This is empty. Every row needs it.")


def _unread_problem(env, value):
    if value.why == "date":
        return env._(
            "“%s” is not a date. Enter one such as 31/12/2014 or 2014-12-31.",
            value.text,
        )
    if value.why == "yes":
        return env._("“%s” is neither Yes nor No. Enter one of them.", value.text)
    if value.why == "formula":
        return env._("“%s” is a formula. Enter what it results in.", value.text)
    return env._("“%s” comes from a broken formula. Enter the value.", value.text)
