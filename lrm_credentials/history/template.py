"""The workbook of credentials to fill in, and what its columns mean."""

from ..report.workbook import write_book
from .rules_records import course_kinds
from .sheet import COLUMNS, REQUIRED


def template_book(env):
    """Return the workbook to fill in (bytes), with a sheet that explains it."""
    headings = [(heading, max(14, len(heading) + 4)) for _, heading, *_ in COLUMNS]
    columns = [
        (env._("Column"), 26),
        (env._("Needed"), 10),
        (env._("Example"), 50),
        (env._("What it is"), 100),
    ]
    helps = _column_helps(env)
    rows = [
        [
            heading,
            env._("Yes") if key in REQUIRED else "",
            example,
            helps.get(key, ""),
        ]
        for key, heading, _kind, example in COLUMNS
    ]
    return write_book([("Credentials", headings, []), ("Help", columns, rows)])


def _column_helps(env):
    """Return what the columns mean that do not explain themselves."""
    return {
        "number": env._(
            "The original number, up to 25 characters. Format the cells as text, "
            "so that Excel keeps leading zeros."
        ),
        "template": env._("The name of a credential template in Configuration."),
        "credential_date": env._(
            "As printed. Dates: day/month/year or year-month-day."
        ),
        "issued_on": env._("Empty: the credential date."),
        "first_name": env._(
            "To be certain that it is the right learner, and to create a missing "
            "one. Leave the names empty if the learner's name has changed."
        ),
        "learner_name": env._("Empty: the learner's name."),
        "course_name": env._("Needed to create a missing course."),
        "course_kind": env._(
            "Needed to create a missing course: %s.",
            ", ".join(course_kinds(env).values()),
        ),
        "units": env._("Code and title of each, with semicolons between."),
        "is_final": env._(
            "Yes: the enrolment gets Qual Issued and this as its Parchment Number."
        ),
        "parchment_date": env._(
            "Only for a final qualification. Empty: the day of issue."
        ),
        "cancelled_on": env._("Together with the reason: it is cancelled."),
        "file": env._("Its name in the ZIP file. Empty: the file named by the number."),
    }
