"""Things → a picture: their pixels in their colours, their edges, boxes and names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from serve.instances.tags import Box, Thing, placed, write
from serve.render.layer import Layer
from serve.render.legend import as_color
from serve.render.outline import boundary
from serve.render.palettes import Palette

_THINNEST, _SHARE = 1, 250  # pixels of a line, and of the picture's shorter side


@dataclass(frozen=True)
class Look:
    """How things are drawn."""

    alpha: float
    outline: int | None
    """Pixels of their edges; None for as many as suit the picture."""


def line_width(size: tuple[int, int]) -> int:
    """Pixels of a line that suits a picture of (height, width)."""
    return max(_THINNEST, round(min(size) / _SHARE))


def layer_of(ids: NDArray[np.uint8], colors: Palette, look: Look) -> Layer:
    """Things in their colours, their edges in full.

    Args:
        ids: (H, W) numbers of things, 0 for none.
        colors: (N, 3), of thing 1, 2, ...
        look: as asked for.
    """
    palette = np.zeros((256, 3), np.uint8)
    palette[1 : len(colors) + 1] = colors
    opacity = np.full(256, np.uint8(255 * look.alpha))
    opacity[0] = 0
    covered = opacity[ids]
    width = line_width((ids.shape[0], ids.shape[1])) if look.outline is None else look.outline
    if width:
        covered[boundary(ids, width) & (ids > 0)] = 255
    return Layer(palette[ids], covered)


def with_labels(
    picture: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    names: Sequence[tuple[str, str]],
    colors: Palette,
) -> NDArray[np.uint8]:
    """The picture with boxes and names on it.

    Args:
        picture: (H, W, 3) or (H, W, 4); not changed.
        boxes: (N, 4), the surest first.
        names: what to write, N: a name and its score, which may be empty.
        colors: (N, 3).

    Returns:
        An array of the picture's shape; what is drawn is opaque.
    """
    size = (picture.shape[0], picture.shape[1])
    canvas = Image.fromarray(picture).copy()
    draw = ImageDraw.Draw(canvas)
    things = [
        Thing(name, whole_box(box, size), as_color(color), score)
        for (name, score), box, color in zip(names, boxes, colors, strict=True)
    ]
    for thing in reversed(things):  # the surest over the others
        left, top, right, bottom = thing.box
        corners = (left, top, right - 1, bottom - 1)
        draw.rectangle(corners, outline=thing.color, width=line_width(size))
    write(placed(things, size), draw, size)
    return np.asarray(canvas)


def whole_box(box: NDArray[np.float32], size: tuple[int, int]) -> Box:
    """A box in whole pixels, one at least, within a picture of (height, width)."""
    x1, y1, x2, y2 = (round(side) for side in box.tolist())
    left, top = min(x1, size[1] - 1), min(y1, size[0] - 1)
    return left, top, max(x2, left + 1), max(y2, top + 1)
