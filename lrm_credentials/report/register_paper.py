"""The register on paper: what stands in each cell, and which rows on which page.

A4 landscape at six pixels to a millimetre. Both builds of wkhtmltopdf agree on pages
that are cut here: only one of them repeats headings, and takes minutes for it.
"""

import unicodedata
from math import ceil

from .register_content import paper_date

# Pixels of the columns; together the width of the page without its margins.
COLUMN_WIDTHS = (150, 230, 240, 250, 135, 165, 165, 125, 190)
SCOPE_WIDTHS = (160, 650, 240, 150, 150, 150, 150)
PADDING = 12  # pixels of a cell, left and right
# Pixels of a letter, rather more than less
SPACE, SMALL, CAPITAL, SQUARE = 5, 8, 13, 19
LONGEST = 400  # letters of one text: a row must fit on a page
# Lines of 22 pixels:
PAGE_LINES = 49  # on a page, without its foot
FIRST_LINES = 6  # of the report's own heading, without the facts
FACT_LETTERS = 100  # in a line
GROUP_LINES = 3.6  # of a group's heading and the headings of its columns
TOTAL_LINES = 2
ROW_LINES = 0.5  # of the space around a row


def headings(env, report):
    """Return the headings of the columns (list of str)."""
    return [
        env._("Number, status"),
        env._("Learner"),
        env._("Credential"),
        env._("Course") if report == "0411" else env._("Course offer"),
        env._("Date"),
        env._("Issued"),
        env._("Issuing officer"),
        env._("Final, units"),
        env._("Remarks"),
    ]


def cells(env, report, row):
    """Return the cells of one row, each a list of lines (str).

    Together they say what the workbook says, less the SHA-256, what follows from the
    group, and the end of very long remarks.

    :param row: what `lrm.credential._register_rows()` yields
    """
    place = ("course_code", "course")
    if report != "0411":
        place = ("offer_code", "offer")
    title = row["title"] not in (row["credential"], row["type"]) and row["title"]
    lines = [
        [row["number"], row["state"]],
        [row["learner"], row["learner_number"]],
        [row["credential"], title, row["type"]],
        [" ".join(filter(None, (row[key] for key in place)))],
        _dates(env, row),
        [paper_date(env, row["issued_on"]), row["issued_by"]],
        [row["officer"]],
        _final(env, row),
        _remarks(env, row),
    ]
    return [[_cut(line) for line in cell if line] for cell in lines]


def _cut(text):
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _dates(env, row):
    reissued, expiry = (
        paper_date(env, row[key]) for key in ("reissue_date", "expiry_date")
    )
    return [
        paper_date(env, row["credential_date"]),
        reissued and env._("re-issued %s", reissued),
        expiry and env._("valid until %s", expiry),
    ]


def _final(env, row):
    units = row["competent"] and env._("%s units", row["competent"])
    date = row["parchment_date"]
    return [
        ", ".join(filter(None, (row["is_final"], units))),
        date and date != row["issued_on"] and env._("dated %s", paper_date(env, date)),
    ]


def _remarks(env, row):
    cancelled = row["cancelled_on"] and env._(
        "Cancelled on %(date)s by %(user)s:",
        date=paper_date(env, row["cancelled_on"]),
        user=row["cancelled_by"] or "–",
    )
    return [
        cancelled,
        row["status_reason"],
        row["replaces"] and env._("Replaces %s.", row["replaces"]),
        row["replaced_by"] and env._("Replaced by %s.", row["replaced_by"]),
        row["document"] if row["document"] != env._("Stored") else "",
    ]


def scope_headings(env):
    """Return the headings of the list of courses on scope (list of str)."""
    return [
        env._("Code"),
        env._("Title"),
        env._("Kind"),
        env._("On scope from"),
        env._("On scope to"),
        env._("Superseded on"),
        env._("Superseded by"),
    ]


def scope_cells(env, course):
    """Return the cells of one course on scope, each a list of lines (str).

    :param course: one of what `RegisterContent.scope()` returns
    """
    values = (
        value if isinstance(value, str) else paper_date(env, value)
        for value in course.values()
    )
    return [[value] for value in values]


def first_lines(facts):
    """Return how many lines the report's own heading takes.

    :param facts: list of (name, value), see `RegisterContent.facts`
    """
    return FIRST_LINES + sum(ceil(len(value) / FACT_LETTERS) for _name, value in facts)


def paginate(groups, taken, widths=COLUMN_WIDTHS):
    """Return `groups` cut into pages: lists of parts.

    A part is a dict: `heading`; `continued`, whether the group began before; `rows`;
    `total`, None unless the group ends here.

    :param groups: iterable of (heading, iterable of rows, see `cells`, total)
    :param taken: how many lines of the first page are taken
    :param widths: pixels of each column
    """
    pages, left = [[]], PAGE_LINES - taken
    for heading, rows, total in groups:
        if left < 2 * GROUP_LINES:  # a heading is never the last thing on a page
            pages.append([])
            left = PAGE_LINES
        pages[-1].append(_part(heading, False))
        left -= GROUP_LINES
        for row in rows:
            height = _height(row, widths)
            if height > left and pages[-1][-1]["rows"]:
                pages.append([_part(heading, True)])
                left = PAGE_LINES - GROUP_LINES
            pages[-1][-1]["rows"].append(row)
            left -= height
        pages[-1][-1]["total"] = total
        left -= TOTAL_LINES
    return pages


def _part(heading, continued):
    return {"heading": heading, "continued": continued, "rows": [], "total": None}


def _height(row, widths):
    """Return about how many lines the highest cell takes, with the space around."""
    lines = [
        sum(_wrapped(text, width) for text in cell)
        for cell, width in zip(row, widths, strict=True)
    ]
    return max(lines) + ROW_LINES


def _wrapped(text, width):
    """Return about how many lines `text` takes, broken as browsers do."""
    room = width - PADDING
    lines, left = 1, room
    for word in text.split():
        size = sum(map(_pixels, word))
        if size > left and left < room:
            lines, left = lines + 1, room
        while size > room:
            lines, size = lines + 1, size - room
        left -= size + SPACE
    return lines


def _pixels(letter):
    """Return about how wide a letter is."""
    if unicodedata.east_asian_width(letter) in "WF":
        return SQUARE
    return CAPITAL if letter.isupper() else SMALL
