"""The objects of PDF files, moved whole, as bytes: only their references change.

It reads what wkhtmltopdf and this module write: files with one classic cross-reference
table. Whatever else a PDF can be is refused.
"""

import hashlib
import io
import re
import secrets
from itertools import pairwise

INHERITED = b"/Resources", b"/MediaBox", b"/CropBox", b"/Rotate"
STRING = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
REFERENCE = rb"\b(?P<number>\d+)[\s\0]+0[\s\0]+R\b"
# What counts in an object, up to its stream. Strings are found only to be passed over,
# here and below. (?=…) is for speed.
SYNTAX = re.compile(
    rb"(?s)(?=[(>%%)\d])(?:%s|%s|(?P<stream>>>[\s\0]*stream\r?\n)"
    rb"|(?P<bad>[()%%]|\b\d+[\s\0]+(?:R|obj)\b))" % (STRING, REFERENCE)
)
TOKEN = re.compile(
    rb"(?s)%s|%s|(?P<open><<|\[)|(?P<close>>>|\])|<[^<>]*>|/?[^\s\0()<>\[\]{}/%%]+"
    rb"|(?P<bad>[^\s\0])" % (STRING, REFERENCE)
)
OBJECT = re.compile(rb"(?s)(\d+)\s+0\s+obj\b[\s\0]*(.*[^\s\0])[\s\0]*endobj[\s\0]*")
TABLE = re.compile(
    rb"(?s)xref\s+0 (\d+)\s+((?:\d{10} \d{5} [nf]\s\s)+)trailer(.+)startxref.+"
)
END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
ESCAPE = re.compile(rb"(?s)\\(?:([0-7]{1,3})|(.))")
TREE, CATALOG, INFORMATION = 1, 2, 3  # their object numbers in what is written
TRAILER = b"""trailer
<< /Size %d /Root 2 0 R /Info 3 0 R /ID [<%s> <%s>] >>
startxref
%d
%%%%EOF
"""


class Source:
    """A PDF that is read. `pages`: {object number: entries of that page}, in order."""

    def __init__(self, content):
        end = END.search(content, max(0, len(content) - 100))
        table = end and TABLE.fullmatch(content, int(end[1]))
        rows = table[2].split() if table else []
        if not rows or len(rows) != 3 * int(table[1]):
            raise ValueError("The PDF is damaged, or has no classic table of objects")
        self._content = content
        kinds = enumerate(zip(rows[::3], rows[2::3], strict=True))
        starts = {number: int(start) for number, (start, kind) in kinds if kind == b"n"}
        ends = dict(pairwise(sorted([*starts.values(), table.start()])))
        # {object number: (start, end)}: each ends where another one starts
        self._spans = {number: (at, ends.get(at, 0)) for number, at in starts.items()}
        self._parts = {}  # {object number: list, see `_cut`}
        self._digests = {}  # {object number: bytes}
        self._size = int(table[1])  # the number of the next object that is added
        self.pages = {}
        trailer = self.entries(table[3])
        for name in (b"/Encrypt", b"/Prev", b"/XRefStm"):
            if name in trailer:
                raise ValueError(f"The PDF has {name.decode()}, which is not supported")
        try:
            tree = self.entries(trailer[b"/Root"])[b"/Pages"]
            self._spans.pop(_number(trailer[b"/Root"]))
            self._read_pages(tree, {})
        except KeyError:
            raise ValueError("The PDF is damaged: its pages cannot be found") from None

    def _read_pages(self, reference, inherited):
        """Move what is in the page tree at `reference` from the objects to `pages`.

        So no object leads to a page any more, and through it to all the others.
        """
        page, number = {**inherited, **self.entries(reference)}, _number(reference)
        self._spans.pop(number)
        if page[b"/Type"] == b"/Pages":
            inherited = {name: page[name] for name in INHERITED if name in page}
            for kid in items(self.value(page[b"/Kids"])):
                self._read_pages(kid, inherited)
            return
        if b"/Annots" in page:
            page[b"/Annots"] = self.value(page[b"/Annots"])
        self.pages[number] = page
        # Pages and annotations are never one with others that look the same.
        for own in (number, *map(_number, items(page.get(b"/Annots", b"[]")))):
            self._digests[own] = secrets.token_bytes(16)

    def blank(self):
        """Return an empty page like the last one, {number: entries}."""
        last = list(self.pages.values())[-1]
        kept = {name: last[name] for name in INHERITED[1:] if name in last}
        return {0: {b"/Type": b"/Page", b"/Resources": b"<<>>", **kept}}

    def value(self, data):
        """Return the object (bytes) to which `data` refers, or else `data` itself."""
        number = _number(data)
        return data if number is None else self._body(number)

    def entries(self, data):
        """Return the entries of the dictionary that `data` (bytes) is or refers to."""
        pairs = items(self.value(data))
        return dict(zip(pairs[::2], pairs[1::2], strict=True))

    def parts(self, number):
        """Return the object `number` as a list, see `_cut`; None if there is none."""
        if number in self._spans and number not in self._parts:
            self._parts[number] = _cut(self._body(number))
        return self._parts.get(number)

    def numbers(self, data):
        """Return what the array that `data` is or refers to holds, list of float."""
        return [float(self.value(item)) for item in items(self.value(data))]

    def streams(self):
        """Return the entries of each stream, one dictionary each."""
        bodies = map(self._body, self._spans)
        return [self.entries(body) for body in bodies if body.endswith(b"endstream")]

    def add(self, body):
        """Add an object (bytes) that refers to no other; return its number."""
        return self._add([body])

    def adopt(self, other, reference):
        """Add what is at `reference` in another source, and all that it refers to.

        :return: its number here
        """
        numbers = {}  # {number there: number here}

        def adopt(number):
            if number not in numbers:
                parts = (other.parts(number) or [b"null"]).copy()
                numbers[number] = self._add(parts)
                parts[1::2] = map(adopt, parts[1::2])
            return numbers[number]

        return adopt(_number(reference))

    def digest(self, number):
        """Return bytes that are equal for objects equal in all that they refer to.

        :raise ValueError: when they refer to each other in a circle
        """
        if number not in self._digests:
            self._digests[number] = None
            whole = _fill(self.parts(number) or [b"null"], self.digest)
            self._digests[number] = b"@" + hashlib.sha256(whole).hexdigest().encode()
        if not self._digests[number]:
            raise ValueError("The PDF has objects that refer to each other in a circle")
        return self._digests[number]

    def _add(self, parts):
        """Add an object in parts, see `_cut`; return its number."""
        number, self._size = self._size, self._size + 1
        self._parts[number] = parts
        return number

    def _body(self, number):
        """Return what is between `obj` and `endobj` (bytes)."""
        match = OBJECT.fullmatch(self._content, *self._spans.get(number, (0, 0)))
        if not match or int(match[1]) != number:
            raise ValueError(f"The PDF is damaged: object {number} is not in its place")
        return match[2]


class Target:
    """A PDF that is written: each object once, however many pages refer to it."""

    def __init__(self):
        self._stream = io.BytesIO()
        self._stream.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._offsets = [0] * (INFORMATION + 1)  # of objects 0, 1, 2 and so on
        self._numbers = {}  # {digest: object number}
        self._pages = []  # object numbers

    def add(self, source, pages):
        """Write `pages` ({number: entries}) of `source`, and all they refer to."""
        own = {number: self._reserve() for number in pages}

        def refer(number):
            """Return the reference (bytes) here to what is `number` in `source`."""
            if number in own:
                return b"%d 0 R" % own[number]
            parts = source.parts(number)
            if not parts:  # a page of somebody else is none of its objects
                return b"null"
            digest = source.digest(number)
            if digest not in self._numbers:
                self._numbers[digest] = self._reserve()
                self._write(self._numbers[digest], _fill(parts, refer))
            return b"%d 0 R" % self._numbers[digest]

        for number, page in pages.items():
            values = {name: _fill(_cut(value), refer) for name, value in page.items()}
            values[b"/Parent"] = b"%d 0 R" % TREE
            entries = b"\n".join(b"%s %s" % entry for entry in values.items())
            self._write(own[number], b"<<\n%s\n>>" % entries)
        self._pages += own.values()

    def close(self, catalog=b"", information=b""):
        """Return the whole file (bytes), under an identifier never used before.

        So a second attempt never has the bytes of a first one whose file a full disk
        cut short: Odoo's file store names files by content and refuses the second.

        :param catalog: more entries (bytes) for the catalog
        :param information: more entries (bytes) for the document information
        """
        kids = b"\n".join(b"%d 0 R" % number for number in self._pages)
        tree = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(self._pages), kids)
        self._write(TREE, tree)
        self._write(CATALOG, b"<< /Type /Catalog /Pages %d 0 R %s >>" % (TREE, catalog))
        self._write(INFORMATION, b"<< /Producer (Odoo) %s >>" % information)
        start, size = self._stream.tell(), len(self._offsets)
        identifier = secrets.token_hex(16).encode()
        self._stream.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        self._stream.writelines(b"%010d 00000 n \n" % at for at in self._offsets[1:])
        self._stream.write(TRAILER % (size, identifier, identifier, start))
        return self._stream.getvalue()

    def _reserve(self):
        """Return the number of an object that will be written."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _write(self, number, body):
        self._offsets[number] = self._stream.tell()
        self._stream.writelines((b"%d 0 obj\n" % number, body, b"\nendobj\n"))


def _cut(body):
    """Return `body` (bytes) as a list: bytes, number of an object referred to, bytes …

    :raise ValueError: when it has what cannot be understood
    """
    parts, start = [], 0
    for token in SYNTAX.finditer(body):
        if token.lastgroup == "number":
            parts += body[start : token.start()], int(token["number"])
            start = token.end()
        elif token.lastgroup == "stream":
            break
        elif token.lastgroup == "bad":
            raise ValueError(f"The PDF has an unexpected {token[0].decode()!r}")
    return [*parts, body[start:]]


def _fill(parts, refer):
    """Return `parts`, from `_cut`, as bytes, with what `refer` returns for a number."""
    parts = parts.copy()
    parts[1::2] = map(refer, parts[1::2])
    return b"".join(parts)


def items(data):
    """Return the elements (list of bytes) of an array or dictionary, nested ones whole.

    :raise ValueError: when it does not end, or has what cannot be understood
    """
    found, depth, start = [], 0, 0
    for token in TOKEN.finditer(data):
        kind = token.lastgroup
        if kind == "bad":
            break
        depth -= kind == "close"
        if depth == 1 and kind != "close":
            start = token.start()
        if depth == 1 and kind != "open":
            found.append(data[start : token.end()])
        depth += kind == "open"
        if not depth:
            return found
    raise ValueError("The PDF is damaged: an array or a dictionary does not end")


def _number(data):
    """Return the number of the object to which `data` (bytes) refers, or None."""
    match = re.fullmatch(REFERENCE, data)
    return match and int(match["number"])


def pdf_text(text):
    """Return `text` (str) as a PDF string (bytes)."""
    data = text.encode() if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be")
    return b"<%s>" % data.hex().encode()


def unescape(data):
    """Return a PDF string (bytes) as str, right for URLs: no control characters."""
    plain = ESCAPE.sub(lambda m: m[2] or bytes([int(m[1], 8) & 255]), data[1:-1])
    return plain.decode("latin-1")
