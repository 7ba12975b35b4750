"""HTML of credentials: many self-contained pages as one document, plain functions."""

import re

from odoo.tools.arabic_reshaper import HARAKAT_RE, reshape

PAGE = re.compile(r"(?s)^(?P<head>.*?<body[^>]*>)(?P<body>.*)</body>.*$")
# An attribute or a style that has something fetched, unless it carries it itself.
OUTSIDE = re.compile(
    r"""(?ix)
    <[^>]*\s(?:src|srcset|data|poster|background)\s*=\s*["']?(?!data:)([^"'\s>]+)
    | <link\s[^>]*href\s*=\s*["']?([^"'\s>]+)
    | url\(\s*["']?(?!data:|\#)([^"')]+)
    """
)
ARABIC_WORD = re.compile("[\u0610-\u06ff]+")
# Each document starts on a page of its own, with an invisible link that names it.
DOCUMENT = (
    '<div style="position: relative; page-break-before: {break_before}">'
    '<a href="{marker}" style="position: absolute; left: 0; top: 0; width: 4px;'
    ' height: 4px; display: block"></a>{body}</div>'
)


def split_page(html):
    """Return (head, body) of a whole HTML document (str).

    :raise ValueError: when there is no body
    """
    if not (match := PAGE.match(html)):
        raise ValueError("The layout has no <body>")
    return match["head"], match["body"]


def find_outside(html):
    """Return the first address that `html` (str) would have fetched, or None."""
    match = OUTSIDE.search(html)
    return match and next(filter(None, match.groups()))


def shape_arabic(html):
    """Return `html` (str) with the letters of Arabic words in their joined forms.

    They look as before. But Qt writes the letters that it joins itself into the PDF
    without saying which they are: nobody could search them or have them read aloud.
    Words with vowel marks, which shaping would drop, are left to Qt.
    """
    return ARABIC_WORD.sub(
        lambda word: word[0] if HARAKAT_RE.search(word[0]) else reshape(word[0]), html
    )


def join_pages(head, bodies, markers):
    """Return one HTML document of `bodies`, which share `head`.

    :param markers: list of URLs, one for each body, to find its first page by
    """
    documents = (
        DOCUMENT.format(
            body=body, break_before="always" if index else "auto", marker=marker
        )
        for index, (body, marker) in enumerate(zip(bodies, markers, strict=True))
    )
    return f"{head}{''.join(documents)}</body></html>"
