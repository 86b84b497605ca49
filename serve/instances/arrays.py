"""`image/png` and `application/x-npy`: numbers for programs.

| asked for | answer |
| --- | --- |
| `image/png` | an indexed PNG, the pixel is the thing's number: serve/instances/ids.py |
| `application/x-npy` | (N, 6) float32: x1, y1, x2, y2, score, category_id |
| `application/x-npy;array=mask` | (H, W) uint8, the PNG's pixels |

Things are numbered from 1 in the order of the boxes and of the JSON's annotations.
"""

import numpy as np
from numpy.typing import NDArray

from model.instances.instances import Instances
from serve.answers.answer import Photo, Size
from serve.encode.npy import encode_npy
from serve.encode.png import encode_mask
from serve.instances.answer import InstancesAnswer
from serve.instances.colors import colors_of
from serve.instances.ids import MAX_THINGS, ids_of
from serve.render.palettes import Palette, palette_of
from serve.stages import Stages


class IdsAnswer(InstancesAnswer):
    """`image/png`."""

    def write(self, found: Instances, photo: Photo, stages: Stages) -> bytes:
        """PNG."""
        with stages.timed("render"):
            ids = ids_of(found, self._choice, photo.size)
        with stages.timed("encode"):
            return encode_mask(ids, self._palette(found))

    def _palette(self, found: Instances) -> Palette:
        """By number; gray unless asked, as readers that expand palettes find numbers then, too."""
        name = self._asked.options.palette or "gray"
        if name != "model":
            return palette_of(name)
        palette = np.zeros((256, 3), np.uint8)
        colors = colors_of(found.classes[:MAX_THINGS], self._asked.labels.palette)
        palette[1 : len(colors) + 1] = colors
        return palette


class ArrayAnswer(InstancesAnswer):
    """`application/x-npy`."""

    def write(self, found: Instances, photo: Photo, stages: Stages) -> bytes:
        """NPY."""
        with stages.timed("render"):
            array = self._array(found, photo.size)
        with stages.timed("encode"):
            return encode_npy(array)

    def _array(self, found: Instances, size: Size) -> NDArray[np.generic]:
        if self._asked.options.array == "mask":
            return ids_of(found, self._choice, size)
        numbers = np.array(self._choice.labels.numbers, np.float32)
        return np.column_stack((found.boxes, found.scores, numbers[found.classes]))
