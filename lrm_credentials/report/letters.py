"""What the fonts can print: plain functions, no ORM.

The fonts are those that wkhtmltopdf finds, the addon's own and the system's.
"""

import re
import subprocess
import tempfile
import unicodedata
from functools import cache, lru_cache

from PIL import ImageFont

from .wkhtmltopdf import FONTS, font_environment

DISPLAY_FONT = FONTS / "CormorantGaramond_600SemiBold.ttf"
# Control and format characters, and white space: nothing is drawn for them.
INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")
TIMEOUT = 30


def unprintable(text):
    """Return the characters of `text` that no font has, in order, each once.

    Empty when the fonts cannot be asked: fontconfig's `fc-list` is not everywhere.
    """
    letters = dict.fromkeys(unicodedata.normalize("NFC", text))
    if letters.keys() <= _KNOWN:
        return ""
    missing = [letter for letter in letters if not _has_glyph(letter)]
    _KNOWN.update(letters.keys() - set(missing))
    return "".join(missing)


def widest_word(text):
    """Return how wide the widest word of `text` is, in ems of the display font.

    Lines break at spaces and after hyphens. 0 when the font cannot be measured.
    """
    return max(map(_width, re.split(r"\s+|(?<=-)", text)), default=0)


_KNOWN = set()  # characters that can be printed; grows


def _has_glyph(letter):
    point = ord(letter)
    if unicodedata.category(letter) in INVISIBLE:
        return True
    ranges = _ranges()
    return not ranges or any(first <= point <= last for first, last in ranges)


@cache
def _ranges():
    """Return the code points of all fonts, as (first, last); asks once per process."""
    with tempfile.TemporaryDirectory(prefix="lrm.") as folder:
        try:
            output = subprocess.run(
                ["fc-list", "--format", "%{charset}\n"],
                capture_output=True,
                check=True,
                encoding="ascii",
                env=font_environment(folder),
                stdin=subprocess.DEVNULL,
                timeout=TIMEOUT,
            ).stdout
        except (OSError, subprocess.SubprocessError, ValueError):
            return ()
    ranges = set()
    for part in set(output.split()):
        first, _dash, last = part.partition("-")
        ranges.add((int(first, 16), int(last or first, 16)))
    return tuple(sorted(ranges))


@lru_cache(maxsize=10_000)
def _width(word):
    font = _display_font()
    return font.getlength(word) / font.size if font else 0


@cache
def _display_font():
    try:
        return ImageFont.truetype(str(DISPLAY_FONT), 100)
    except (ImportError, OSError):  # Pillow without FreeType
        return None
