"""What goes on which page of a document, and how large: plain functions for layouts."""

from math import ceil

# Pixels of a page, six to a millimetre.
PAGES = {
    "a4_portrait": (1260, 1782),
    "a4_landscape": (1782, 1257),
    "letter_portrait": (1296, 1676),
    "letter_landscape": (1676, 1293),
}
# Of the units table, in pixels: what stands beside the titles, a line, and a letter.
MARGINS = 264
COLUMNS = {"code": 186, "outcome": 300, "date": 192}
LINE_HEIGHT = 51
LETTER = 12
LINE_LETTERS = 52  # of a title, on A4 portrait with code and date
OUTCOME_LETTERS = 26


def scale(text, limit):
    """Return how large `text` may be, in steps from 1 down, to fit `limit` letters."""
    steps = (1, 0.9, 0.8, 0.7, 0.6, 0.5)
    return next((step for step in steps if len(text) * step <= limit), 0.5)


def unit_pages(document, first, following, foot):
    """Return the units of `document` page by page, for the paper of its layout.

    :param document: dict, as `lrm.credential._document()` returned
    :param first: how many lines fit on the first page, on A4 portrait and without free
        paragraphs; for `following` and `foot` see `paginate`
    """
    layout = document["layout"]
    columns = [COLUMNS.get(name, 0) for name in layout["columns"]]
    higher = (layout["height"] - PAGES["a4_portrait"][1]) // LINE_HEIGHT
    width = layout["width"] - MARGINS
    opening, closing = (
        sum(
            1 + len(line) * LETTER // width
            for line in layout["paragraphs"][name].splitlines()
        )
        for name in ("opening", "closing")
    )
    return paginate(
        document["units"],
        first + higher - opening,
        following + higher,
        foot + closing,
        letters=(width - sum(columns)) // LETTER,
        outcome_letters=OUTCOME_LETTERS if "outcome" in layout["columns"] else 0,
    )


def paginate(units, first, following, foot, letters=LINE_LETTERS, outcome_letters=0):
    """Return `units` as a list of pages, at least one.

    :param first: how many lines fit on the first page
    :param following: how many lines fit on each page after it
    :param foot: how many fewer fit on the last page, which is signed
    :param letters: of a unit's title in one line of the units table
    :param outcome_letters: the same of its outcome, 0 when that is not printed
    """

    def lines(unit):
        title = ceil(len(unit["name"]) / letters)
        outcome = outcome_letters and ceil(len(unit["outcome_name"]) / outcome_letters)
        return max(1, title, outcome)

    pages, room = [[]], first
    for unit in units:
        height = lines(unit)
        if height > room and pages[-1]:
            pages.append([])
            room = following
        pages[-1].append(unit)
        room -= height
    if room < foot and pages[-1]:  # the last rows move on, to leave room for the foot
        capacity = (following if pages[1:] else first) - foot
        kept = 0
        while kept < len(pages[-1]) - 1 and capacity >= lines(pages[-1][kept]):
            capacity -= lines(pages[-1][kept])
            kept += 1
        pages[-1:] = [pages[-1][:kept], pages[-1][kept:]] if kept else pages[-1:]
    return pages
