"""HTML of credentials: many self-contained pages as one document, plain functions."""

import re
from html import escape, unescape
from urllib.parse import urljoin

from odoo.tools.arabic_reshaper import HARAKAT_RE, reshape

PAGE = re.compile(r"(?s)^(?P<head>.*?<body[^>]*>)(?P<body>.*)</body>.*$")
# What follows the name in a tag. A quotation mark counts only where a value begins.
REST = r"""[^=>]*(?:=(?:\s*"[^"]*"|\s*'[^']*'|(?!\s*["']))[^=>]*)*"""
# The elements that refer to something by themselves, and those to take out.
MARKUP = re.compile(
    rf"""(?isx)
    <(?=[!abefilmostv])(?:  # for speed: most tags begin otherwise
        !--.*?(?:-->|\Z)
        | (?P<raw>script|style)\b(?P<raw_rest>{REST})>
            (?P<content>.*?) (?:</(?P=raw)\s*>|\Z)
        | (?P<name>audio|base|embed|frame|iframe|image|img|input|link|meta|object|source
            |track|video)\b (?P<rest>{REST})>
    )
    """
)
# Any element can, by a style or a background, and those of SVG by more.
BACKGROUND = re.compile(r"background\s*=")
ANY_TAG = re.compile(
    rf"""(?isx)
    <style\b{REST}>.*?(?:</style\s*>|\Z)
    | <(?P<name>[a-z][^\s/>]*)(?P<rest>{REST})>
    """
)
ATTRIBUTE = re.compile(
    r"""(?x)
    \s*(?P<name>[^\s"'>/=]+)
    (?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s>]*))?
    """
)
# Attributes with an address that is fetched, with a style sheet, with a link.
FETCHED = {"background", "lowsrc", "poster", "src", "srcdoc", "srcset"}
STYLED = {"clip-path", "cursor", "fill", "filter", "marker", "marker-end"}
STYLED |= {"marker-mid", "marker-start", "mask", "stroke", "style"}
LINKING = {"href", "xlink:href"}
WATCHED = {"data"} | FETCHED | STYLED | LINKING
CSS = re.compile(
    r"""(?isx)
    /\*.*?(?:\*/|\Z)
    | (?P<useless>@font-face\s*\{[^}]*(?:\}|\Z)|\bcursor\s*:\s*url\([^)]*\)[^;}]*)
    | @import\s*(?:url\(\s*)?
        (?P<sheet>"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^"'\s)]*)
        \s*\)?(?P<media>[^;]*)(?:;|\Z)
    | url\(\s*(?P<url>"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^"')][^)]*|)\s*(?:\)|\Z)
    | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'
    """
)
STYLE_END = re.compile("(?i)</(?=style)")
SHORT = 1000  # letters of a `data:` URI that stays where it is
SHOWN = 100  # letters of an address that messages show
ESCAPED_IN_CSS = str.maketrans(
    {'"': "%22", "\\": "%5C", "<": "%3C", "\n": None, "\r": None, "\t": None}
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


def embed(html, resolve, images):
    """Return (html, dropped): `html` (str) that carries itself what it refers to.

    Takes a whole document or a part of one. Hyperlinks stay. Comments, scripts, web
    fonts and whatever else a PDF has no use for go without a word.

    :param resolve: function that takes an address (str) and returns a `data:` URI for
        an image, the text of a style sheet, or None when it cannot be had
    :param images: {`data:` URI: number} of the images that were moved out of the HTML;
        it grows. `image_rules` makes the style sheet that brings them back.
    :return: the HTML, and the addresses that were left out of it (list of str)
    """
    embedder = _Embedder(resolve, images)
    return embedder.embed(html), list(embedder.dropped)


def find_outside(html):
    """Return the first thing in `html` (str) that `embed` would take out, or None."""
    embedder = _Embedder(lambda address: None, {})
    embedder.embed(html)
    return next(iter(embedder.dropped | embedder.useless), None)


def image_rules(images):
    """Return the style sheet (str) that draws each of `images` where it was.

    :param images: {`data:` URI: number}, as `embed` fills it
    """
    return "\n".join(
        f'img[data-image="{number}"]{{content:{_css_url(uri)}}}'
        for uri, number in images.items()
    )


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


class _Embedder:
    """Goes through HTML and the style sheets in it, and embeds what they refer to."""

    def __init__(self, resolve, images):
        """Take the arguments of `embed`."""
        self.resolve = resolve
        self.images = images
        self.dropped = {}  # addresses, in order; the values mean nothing
        self.useless = {}  # what else was taken out, likewise
        self.sheets = []  # addresses of the style sheets that it is inside of

    def embed(self, html):
        """Return `html` (str) with everything embedded."""
        html = MARKUP.sub(self._markup, html)
        lower = html.lower()
        if "url(" in lower or "<svg" in lower or BACKGROUND.search(lower):
            html = ANY_TAG.sub(self._tag, html)
        return html

    def _markup(self, match):
        """Return what becomes of a comment, script, style sheet or one of the tags."""
        if raw := match["raw"]:
            if raw.lower() == "script":
                return self._useless("<script>")
            return _style(match["raw_rest"], self._css(match["content"]))
        name = (match["name"] or "").lower()
        if name == "img":
            return self._image_tag(match)
        if name == "link":
            return self._link_tag(match)
        if name == "base" or (name == "meta" and _is_refresh(match)):
            return self._useless(match[0])
        return name and self._tag(match)

    def _image_tag(self, match):
        """Return an image that is drawn by its number, nothing when it is not there."""
        address = _attributes(match).get("src", "").strip()
        if not address:
            return self._tag(match)
        uri = self._image(address)
        if not uri:
            return ""
        if uri == address and len(uri) <= SHORT:
            return self._tag(match)
        number = self.images.setdefault(uri, len(self.images))
        tag = self._tag(match, without=("src", "data-image"))
        return f'{tag[:4]} data-image="{number}"{tag[4:]}'

    def _link_tag(self, match):
        """Return the style sheet that is linked to; other links are of no use."""
        attributes = _attributes(match)
        kinds = attributes.get("rel", "").lower().split()
        address = attributes.get("href", "").strip()
        if "stylesheet" not in kinds or "alternate" in kinds or not address:
            return self._useless(match[0])
        css = self._sheet(address)
        media = escape(attributes.get("media", "")) or "all"
        return css and _style(f' media="{media}"', css)

    def _tag(self, match, without=()):
        """Return a tag less the attributes that would have something fetched.

        :param without: names of more attributes to leave out
        """
        if not (element := match["name"]):  # a style sheet, embedded before
            return match[0]

        def replace(attribute):
            name = attribute["name"].lower()
            if name in without:
                return ""
            if name not in WATCHED:
                return attribute[0]
            return self._attribute(element.lower(), name, attribute)

        return f"<{element}{ATTRIBUTE.sub(replace, match['rest'])}>"

    def _attribute(self, element, name, attribute):
        """Return what becomes of an attribute of a tag, both in lower case."""
        value = _value(attribute)
        if name in STYLED:
            if "url(" not in value.lower():
                return attribute[0]
            return f' {name}="{escape(self._css(value))}"'
        if not _is_fetched(element, name, value.strip().lower()):
            return attribute[0]
        return self._drop(value.strip())

    def _css(self, css):
        """Return a style sheet (str) with everything embedded.

        Less web fonts and mouse pointers. Fonts are those of the system and the addon:
        one of the builds would draw the letters of others as shapes, lost for search.
        """
        return CSS.sub(self._css_part, css)

    def _css_part(self, match):
        """Return what becomes of a comment, rule, address or text in CSS."""
        if match["useless"]:
            return self._useless(match[0])
        if match["sheet"] is not None:
            css = self._sheet(match["sheet"].strip("\"' \n"))
            media = match["media"].strip()
            return f"@media {media}{{{css}}}" if media else css
        if match["url"] is None:
            return "" if match[0].startswith("/*") else match[0]
        address = match["url"].strip("\"' \n")
        if not address or address.startswith("#"):
            return match[0]
        uri = self._image(address)
        return _css_url(uri) if uri else "none"

    def _sheet(self, address):
        """Return the embedded style sheet (str) at `address`, "" when there is none."""
        address = self._absolute(address)
        if address in self.sheets:  # it imports itself
            return ""
        css = self.resolve(address)
        if css is None or css.startswith("data:"):
            return self._drop(address)
        self.sheets.append(address)
        css = self._css(css)
        self.sheets.pop()
        return css

    def _image(self, address):
        """Return the `data:` URI of the image at `address`, None when there is none."""
        if address[:5].lower() == "data:":
            return address
        uri = self.resolve(self._absolute(address))
        if uri and uri.startswith("data:"):
            return uri
        self._drop(address)
        return None

    def _absolute(self, address):
        """Return `address` as seen from the root, or from the style sheet around it."""
        if address.startswith("/"):
            return address
        return urljoin(self.sheets[-1] if self.sheets else "/", address)

    def _drop(self, address):
        """Note that what is at `address` was left out, and return nothing.

        Without a word when a style sheet of this server refers to a file it lacks:
        Odoo's own do, for web pages, and no layout can help it.
        """
        if self.sheets and re.match("/(?!/)", self._absolute(address)):
            return self._useless(address)
        self.dropped[address[:SHOWN]] = None
        return ""

    def _useless(self, markup):
        """Note that `markup` was taken out because no PDF needs it; return nothing."""
        self.useless[markup[:SHOWN]] = None
        return ""


def _attributes(match):
    """Return {name in lower case: value} of the tag that MARKUP matched."""
    attributes = {}
    for attribute in ATTRIBUTE.finditer(match["rest"]):
        attributes.setdefault(attribute["name"].lower(), _value(attribute))
    return attributes


def _value(attribute):
    """Return the value (str) that ATTRIBUTE matched, as it is meant."""
    value = attribute["value"] or ""
    if value[:1] in ('"', "'"):
        value = value[1:-1]
    return unescape(value) if "&" in value else value


def _is_refresh(match):
    """Return whether a meta tag goes to another page."""
    return _attributes(match).get("http-equiv", "").strip().lower() == "refresh"


def _is_fetched(element, name, value):
    """Return whether an attribute has something fetched; all in lower case."""
    if not value or value.startswith("data:" if element == "img" else "data:image/"):
        return name == "srcset" and bool(value)
    if name == "data":
        return element == "object"
    if name in LINKING:
        return element not in ("a", "area") and not value.startswith("#")
    return True


def _style(attributes, css):
    """Return a style element; `attributes` as in its tag. `css` cannot end it."""
    css = STYLE_END.sub(r"<\\/", css)
    return f"<style{attributes}>{css}</style>"


def _css_url(uri):
    """Return a `data:` URI as CSS wants it."""
    return f'url("{uri.translate(ESCAPED_IN_CSS)}")'
