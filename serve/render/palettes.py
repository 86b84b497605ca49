"""Palettes: (256, 3) uint8 RGB, one colour a class id; read-only.

`gray` gives every id its own gray, so a reader that expands an indexed PNG to gray or to colour
still finds the ids. `voc` is Pascal VOC's: the bits of the id, taken by threes, spread over the
channels from the highest bit down (VOC development kit, VOClabelcolormap).
"""

import numpy as np
from numpy.typing import NDArray


def _gray() -> NDArray[np.uint8]:
    return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def _voc() -> NDArray[np.uint8]:
    ids = np.arange(256)[:, None]
    channels = np.arange(3)
    palette = np.zeros((256, 3), np.int64)
    for level in range(8):
        palette |= ((ids >> (3 * level + channels)) & 1) << (7 - level)
    return palette.astype(np.uint8)


def _frozen(palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    palette.flags.writeable = False
    return palette


PALETTES = {"gray": _frozen(_gray()), "voc": _frozen(_voc())}
