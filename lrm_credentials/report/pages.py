"""What goes on which page of a document, and how large: plain functions for layouts."""

from math import ceil

# Pixels of a page, six to a millimetre.
PAGES = {
    "a4_portrait": (1260, 1782),
    "a4_landscape": (1782, 1257),
    "letter_portrait": (1296, 1676),
    "letter_landscape": (1676, 1293),
}
# Of the units table: what stands beside it, in pixels; and in ems of its letters, which
# the two families of fonts have in different widths, a letter and the columns.
MARGINS = 264
LETTER = {"classic": 0.42, "modern": 0.54}
COLUMNS = {
    "classic": {"code": 7.6, "outcome": 11.4, "date": 7.8},
    "modern": {"code": 8.4, "outcome": 13.8, "date": 9.6},
}
LINE = 1.25  # of a row, in ems; around the lines of a row there are
ROW_SPACE = 15  # pixels
CELL_SPACE = 12
MORE = 0.7  # of a row's height: each further line
PARAGRAPH = 29  # pixels: the letters of free paragraphs
LINE_LETTERS = 52  # of a title, on A4 portrait with code and date


def scale(text, limit):
    """Return how large `text` may be, in steps from 1 down, to fit `limit` letters."""
    steps = (1, 0.9, 0.8, 0.7, 0.6, 0.5)
    return next((step for step in steps if len(text) * step <= limit), 0.5)


def is_crowded(document):
    """Tell whether a certificate says so much that its parts must stand closer."""
    course, paragraphs = document["course"], document["layout"]["paragraphs"]
    return bool(
        len(document["learner"]["name"]) > 44
        or len(course["name"]) > 72
        or (course["stream"] and course["industry_descriptor"])
        or document["languages"]
        or paragraphs["opening"]
        or paragraphs["closing"]
    )


def unit_pages(document, first, following, foot, size=29):
    """Return the units of `document` page by page, for the paper of its layout.

    :param document: dict, as `lrm.credential._document()` returned
    :param first: how many rows fit on the first page, on A4 portrait and without free
        paragraphs; for `following` and `foot` see `paginate`
    :param size: of the table's letters, in pixels
    """
    layout = document["layout"]
    letter = LETTER[layout["font"]]
    columns = COLUMNS[layout["font"]]
    row = size * LINE + ROW_SPACE
    higher = (layout["height"] - PAGES["a4_portrait"][1]) // row
    width = layout["width"] - MARGINS
    opening, closing, note = (
        sum(
            1 + len(line) * PARAGRAPH * letter // width
            for line in layout["paragraphs"][name].splitlines()
        )
        for name in ("opening", "closing", "note")
    )
    title = width - size * sum(columns.get(name, 0) for name in layout["columns"])
    title -= CELL_SPACE
    return paginate(
        document["units"],
        first + higher - opening,
        following + higher,
        foot + closing + note,
        letters=int(title / (size * letter)),
        outcome_letters="outcome" in layout["columns"]
        and int((columns["outcome"] - CELL_SPACE / size) / letter),
        more=size * LINE / row,
    )


def paginate(
    units,
    first,
    following,
    foot,
    letters=LINE_LETTERS,
    outcome_letters=0,
    more=MORE,
):
    """Return `units` as a list of pages, at least one.

    :param first: how many rows of one line fit on the first page
    :param following: how many fit on each page after it
    :param foot: how many fewer fit on the last page, which is signed
    :param letters: of a unit's title in one line of the units table
    :param outcome_letters: the same of its outcome, 0 when that is not printed
    :param more: how much of a row's height each further line adds
    """

    def height(unit):
        title = ceil(len(unit["name"]) / letters)
        outcome = outcome_letters and ceil(len(unit["outcome_name"]) / outcome_letters)
        return 1 + more * (max(1, title, outcome) - 1)

    pages, room = [[]], first
    for unit in units:
        if height(unit) > room and pages[-1]:
            pages.append([])
            room = following
        pages[-1].append(unit)
        room -= height(unit)
    # The last rows move on, to leave room for the foot.
    while room < foot and pages[-1]:
        capacity = (following if pages[1:] else first) - foot
        kept = 0
        while kept < len(pages[-1]) - 1 and capacity >= height(pages[-1][kept]):
            capacity -= height(pages[-1][kept])
            kept += 1
        # Where it has room beside no row at all, it gets a page of its own.
        pages[-1:] = [pages[-1][: kept or None], pages[-1][kept:] if kept else []]
        room = following - sum(map(height, pages[-1]))
    return pages
