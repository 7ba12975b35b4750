"""HTML of credentials: many self-contained pages as one document, plain functions."""

import re

PAGE = re.compile(r"(?s)^(?P<head>.*?<body[^>]*>)(?P<body>.*)</body>.*$")
# An attribute or a style that has something fetched, unless it carries it itself.
OUTSIDE = re.compile(
    r"""(?ix)
    <[^>]*\s(?:src|srcset|data|poster|background)\s*=\s*["']?(?!data:)([^"'\s>]+)
    | <link\s[^>]*href\s*=\s*["']?([^"'\s>]+)
    | url\(\s*["']?(?!data:|\#)([^"')]+)
    """
)
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
