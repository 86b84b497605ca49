"""Lines of text that fit, from strings that may hold anything."""

import math
from bisect import bisect_right

from anyascii import anyascii
from PIL import ImageFont

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def one_line(text: str) -> str:
    r"""As Pillow's own font can draw it: without breaks, in the letters of ASCII.

    It has no others; where they would be boxes, they are written as they sound.

    >>> one_line("a\n b"), one_line("Straße")
    ('a b', 'Strasse')
    """
    return " ".join(anyascii(text.encode("utf-8", "replace").decode()).split())


def cut(font: Font, text: str, width: int) -> str:
    """As much of one line as `width` pixels hold, with an ellipsis where it is cut."""
    if font.getlength(text) <= width:
        return text
    lengths = range(1, len(text))
    kept = bisect_right(
        lengths, width, key=lambda length: math.ceil(font.getlength(text[:length] + "…"))
    )
    return text[:kept].rstrip() + "…"
