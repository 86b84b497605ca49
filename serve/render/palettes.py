"""Palettes: (256, 3) uint8 RGB, one colour a class id; read-only.

- `gray` gives every id its own gray, so a reader that expands an indexed PNG to gray or to colour
  still finds the ids.
- `voc` is Pascal VOC's: the bits of the id, taken by threes, spread over the channels from the
  highest bit down (VOC development kit, VOClabelcolormap).
- `cityscapes` and `ade20k` are their data sets' own; ids beyond have `distinct`'s colours.
- `distinct` is for classes that come with no colours. Black, then seven that people with every kind
  of colour vision tell apart (Okabe and Ito, Color Universal Design, 2008), then hues a golden
  angle apart in three lightnesses.
"""

import colorsys
import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLES = Path(__file__).parent / "tables"
_OKABE_ITO = ("000000", "e69f00", "56b4e9", "009e73", "f0e442", "0072b2", "d55e00", "cc79a7")
_GOLDEN_ANGLE = 0.381966
_LIGHTNESS = (0.45, 0.65, 0.3)

Palette = NDArray[np.uint8]


def _gray() -> Palette:
    return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def _voc() -> Palette:
    ids = np.arange(256)[:, None]
    channels = np.arange(3)
    palette = np.zeros((256, 3), np.int64)
    for level in range(8):
        palette |= ((ids >> (3 * level + channels)) & 1) << (7 - level)
    return palette.astype(np.uint8)


def _distinct() -> Palette:
    palette = np.empty((256, 3), np.uint8)
    palette[: len(_OKABE_ITO)] = [list(bytes.fromhex(color)) for color in _OKABE_ITO]
    for index in range(len(_OKABE_ITO), 256):
        lightness = _LIGHTNESS[index % len(_LIGHTNESS)]
        color = colorsys.hls_to_rgb(index * _GOLDEN_ANGLE % 1, lightness, 0.75)
        palette[index] = [round(255 * channel) for channel in color]
    return palette


def _of_data_set(name: str) -> Palette:
    colors = json.loads((TABLES / "classes.json").read_text())[name]["palette"]
    return extended([(c[0], c[1], c[2]) for c in (bytes.fromhex(text[1:]) for text in colors)])


def extended(colors: list[tuple[int, int, int]]) -> Palette:
    """A palette that begins with these colours; `distinct` has the rest."""
    palette = _distinct()
    palette[: len(colors)] = colors
    palette.flags.writeable = False
    return palette


NAMES = ("gray", "voc", "cityscapes", "ade20k", "distinct")


@cache
def palette_of(name: str) -> Palette:
    """The palette of one of NAMES."""
    made = {"gray": _gray, "voc": _voc, "distinct": _distinct}
    palette = made[name]() if name in made else _of_data_set(name)
    palette.flags.writeable = False
    return palette
