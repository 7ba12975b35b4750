"""Images on documents: checked by their content, named by their SHA-256."""

import base64
import hashlib
import io

from PIL import Image

SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}

LARGEST = 5_000_000  # bytes: every document carries its images
PIXELS = 50_000_000  # more than A4 at 600 dots per inch


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


def is_drawable(content):
    """Return whether `content` (bytes) is a whole image, not too large to be drawn."""
    if not image_type(content):
        return False
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > PIXELS:
                return False
            image.verify()
        with Image.open(io.BytesIO(content)) as image:  # it is of no use any more
            image.load()
    except Exception:  # the library fails on broken files in many ways
        return False
    return True
