"""QR codes as PNG files, plain functions."""

import base64
import struct
import zlib

from qrcode import QRCode, base, constants, util

LEVELS = {
    "L": constants.ERROR_CORRECT_L,
    "M": constants.ERROR_CORRECT_M,
    "Q": constants.ERROR_CORRECT_Q,
    "H": constants.ERROR_CORRECT_H,
}
# Readers accept every mask. To find the prettiest would take four times as long.
MASK = 2
SCALE = 6  # pixels for each module, unless a size is asked for
PRINTED_SCALE = 2
BYTE_MODE = 4
PADDING = b"\xec\x11"


def qr_png(text, level="M", border=4, size=None):
    """Return the QR code of `text` (str) as a black and white PNG file (bytes).

    :param level: how much damage it survives: L (7 %), M (15 %), Q (25 %) or H (30 %)
    :param border: white modules on each side; readers want 4
    :param size: (width, height) of the image in pixels; the code is as large as whole
        pixels for each module allow, in the middle
    :raise ValueError: when the text is too long, or the code larger than `size`
    """
    modules = qr_modules(text, level)
    outer = len(modules) + 2 * border
    width, height = size or (outer * SCALE, outer * SCALE)
    scale = min(width, height) // outer
    if not scale:
        raise ValueError(f"A QR code of {outer} modules does not fit")
    return _png(modules, scale, width, height)


def qr_uri(text):
    """Return the QR code of `text` (str) as a `data:` URI, for printing.

    Two pixels for each module: PDF readers keep edges sharp, and wkhtmltopdf takes 2 ms
    for it. With six it would take 6 ms.
    """
    modules = qr_modules(text)
    side = PRINTED_SCALE * (len(modules) + 2 * 4)
    png = _png(modules, PRINTED_SCALE, side, side)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def qr_modules(text, level="M"):
    """Return the QR code of `text` (str) as rows of booleans, True for dark.

    The `qrcode` library does it, but for gathering the data, which it does bit by bit.

    :raise ValueError: when the text is too long
    """
    content = text.encode()
    correction = LEVELS[level]
    code = QRCode(error_correction=correction, mask_pattern=MASK)
    code.version = _version(len(content), correction)
    code.data_cache = _codewords(content, code.version, correction)
    code.makeImpl(False, MASK)
    return code.modules


def _version(length, correction):
    """Return the smallest version of QR code that `length` bytes fit into."""
    for version, limit in enumerate(util.BIT_LIMIT_TABLE[correction]):
        if version and 4 + _length_bits(version) + 8 * length <= limit:
            return version
    raise ValueError("The text is too long for a QR code")


def _length_bits(version):
    """Return how many bits say how long the text is."""
    return 8 if version < 10 else 16


def _codewords(content, version, correction):
    """Return `content` (bytes) as list of int: data, padding and error correction."""
    length_bits = _length_bits(version)
    bits = BYTE_MODE << length_bits | len(content)
    bits = bits << 8 * len(content) | int.from_bytes(content, "big")
    # The mode and the end mark, four bits each, make it whole bytes again.
    data = (bits << 4).to_bytes(1 + length_bits // 8 + len(content), "big")
    blocks = base.rs_blocks(version, correction)
    room = sum(block.data_count for block in blocks)
    buffer = util.BitBuffer()
    buffer.buffer = list((data + PADDING * room)[:room])
    return util.create_bytes(buffer, blocks)


def _png(modules, scale, width, height):
    """Return a PNG file (bytes) of `modules`, `scale` pixels each, in the middle."""
    row_bytes = -(-width // 8)
    left = (width - len(modules) * scale) // 2
    top = (height - len(modules) * scale) // 2
    white, black = "1" * scale, "0" * scale
    blank = b"\0" + b"\xff" * row_bytes
    lines = [blank * top]
    for row in modules:
        dots = "".join([black if dark else white for dark in row])
        line = int(("1" * left + dots).ljust(row_bytes * 8, "1"), 2)
        lines.append((b"\0" + line.to_bytes(row_bytes, "big")) * scale)
    lines.append(blank * (height - top - len(modules) * scale))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"".join(lines), 6)),
            (b"IEND", b""),
        )
    )
