"""Where the names of things are written: beside their boxes, within the picture, none over another.

A tag stands on its box, or else just inside or below it, to the left or to the right, or at the
next free height in the box. Where there is no room, the surer thing has it, and the other has none.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

from serve.render.text import Font, cut, one_line

Color = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, the last two outside."""

_MIN_TEXT, _MAX_TEXT, _SHARE = 11, 36, 26  # pixels, and of the picture's shorter side
_WIDEST = 0.4  # of the picture's width, where its box is narrower
_LARGEST = 0.125  # of the picture's height; a larger tag would hide what it names
_INKS = ((255, 255, 255), (20, 20, 20))
_BRIGHT = 150  # luma, from which ink is dark


@dataclass(frozen=True)
class Thing:
    """What is to be named."""

    name: str
    box: Box
    color: Color
    score: str = ""
    """What stands behind the name."""


@dataclass(frozen=True)
class Tag:
    """A name with its place."""

    text: str
    box: Box
    color: Color


def placed(things: Sequence[Thing], size: tuple[int, int]) -> list[Tag]:
    """Find a place for every name, the first ones first.

    Args:
        things: boxes lie within the picture.
        size: (height, width) of the picture.
    """
    height, width = size
    font, tag_height, margin = _font(size)
    tags: list[Tag] = []
    if tag_height > _LARGEST * height:
        return tags
    for thing in things:
        room = max(thing.box[2] - thing.box[0], round(_WIDEST * width))
        text = _text(thing, font, min(room, width) - 2 * margin)
        tag_width = round(font.getlength(text)) + 2 * margin
        for x, top in _places(thing.box, tag_width, tag_height):
            left = max(0, min(x, width - tag_width))
            box = (left, top, left + tag_width, top + tag_height)
            is_within = top >= 0 and box[2] <= width and box[3] <= height
            if is_within and not any(_overlap(box, tag.box) for tag in tags):
                tags.append(Tag(text, box, thing.color))
                break
    return tags


def _text(thing: Thing, font: Font, width: int) -> str:
    """Name and score; of a long name its beginning, and no part of a score."""
    score = f" {thing.score}" if thing.score else ""
    taken = math.ceil(font.getlength(score))
    if taken > width / 2:
        return cut(font, one_line(thing.name), width)
    return cut(font, one_line(thing.name), width - taken) + score


def write(tags: Sequence[Tag], draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    """Draw the tags on a picture of (height, width)."""
    font, _, margin = _font(size)
    for tag in tags:
        left, top, right, bottom = tag.box
        draw.rectangle((left, top, right - 1, bottom - 1), tag.color)
        middle = (left + margin, (top + bottom) / 2)
        draw.text(middle, tag.text, _ink(tag.color), font, anchor="lm")


def _font(size: tuple[int, int]) -> tuple[Font, int, int]:
    """The font, a tag's height, and the room on either side of its text."""
    text = min(max(min(size) // _SHARE, _MIN_TEXT), _MAX_TEXT)
    return ImageFont.load_default(text), round(1.4 * text), round(0.35 * text)


def _places(box: Box, width: int, height: int) -> Iterator[tuple[int, int]]:
    """Left and top of a tag, the best first."""
    left, top, right, bottom = box
    for y in (top - height, top, bottom, bottom - height, *range(top + height, bottom, height)):
        yield left, y
        yield right - width, y


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ink(color: Color) -> Color:
    red, green, blue = color
    return _INKS[0.299 * red + 0.587 * green + 0.114 * blue > _BRIGHT]
