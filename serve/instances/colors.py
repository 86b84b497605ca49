"""Colours of things: a class has one in every photo, its things have lighter and darker ones.

So hue tells classes apart here, and not lightness as in serve/render/palettes.py.
"""

import colorsys
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from serve.render.palettes import Palette

_DARKEST, _LIGHTEST = 0.25, 0.8
_GOLDEN_RATIO = 0.618034
_HUES, _STEP = 11, 4
_FIRST_HUE, _LIGHTNESS = 0.09, 0.5
_SATURATIONS = (0.9, 0.55, 0.75)


def thing_palette() -> Palette:
    """(256, 3): eleven classes in a row have eleven hues: data sets list what goes together.

    The next eleven have theirs between those, in another saturation.
    """
    palette = np.empty((256, 3), np.uint8)
    for class_id in range(256):
        turn, place = divmod(class_id, _HUES)
        hue = _FIRST_HUE + (place * _STEP + turn * _GOLDEN_RATIO % 1) / _HUES
        palette[class_id] = _bytes(hue % 1, _LIGHTNESS, _SATURATIONS[turn % len(_SATURATIONS)])
    palette.flags.writeable = False
    return palette


def colors_of(classes: NDArray[np.int64], palette: Palette) -> Palette:
    """The colour of each thing.

    Args:
        classes: (N,) ids; the first of a class has the class's own colour.
        palette: (256, 3), by class id; begins anew beyond its end.

    Returns:
        (N, 3) uint8: of a class's hue, each in a lightness of its own.
    """
    seen: Counter[int] = Counter()
    colors = np.empty((len(classes), 3), np.uint8)
    for place, class_id in enumerate(classes.tolist()):
        colors[place] = _lit(palette[class_id % len(palette)], seen[class_id])
        seen[class_id] += 1
    return colors


def _lit(color: NDArray[np.uint8], nth: int) -> NDArray[np.uint8]:
    """A colour in its nth lightness; steps of the golden ratio keep all that came far apart."""
    if nth == 0:
        return color
    hue, lightness, saturation = colorsys.rgb_to_hls(*(color / 255).tolist())
    span = _LIGHTEST - _DARKEST
    moved = _DARKEST + (lightness - _DARKEST + nth * _GOLDEN_RATIO * span) % span
    return _bytes(hue, moved, saturation)


def _bytes(hue: float, lightness: float, saturation: float) -> NDArray[np.uint8]:
    channels = colorsys.hls_to_rgb(hue, lightness, saturation)
    return np.array([round(255 * channel) for channel in channels], np.uint8)
