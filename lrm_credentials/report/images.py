"""Images on documents: checked by their content, named by their SHA-256."""

import base64
import hashlib

SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def image_type(content):
    """Return the MIME type of `content` (bytes), None unless it is PNG or JPEG.

    SVG is left out on purpose: it can refer to other files and to the network.
    """
    return next(
        (mime for magic, mime in SIGNATURES.items() if content.startswith(magic)), None
    )


def digest(value):
    """Return the hexadecimal SHA-256 of a base64 field value, False when empty."""
    return hashlib.sha256(base64.b64decode(value)).hexdigest() if value else False


def data_uri(value):
    """Return a `data:` URI of a base64 field value, None when it is no image."""
    content = base64.b64decode(value or b"")
    mime = image_type(content)
    return mime and f"data:{mime};base64,{base64.b64encode(content).decode()}"
