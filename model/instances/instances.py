"""What an instance network makes of one photo."""

from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Instances:
    """Things found in a photo, the surest first; N of them, 0 where there is nothing."""

    boxes: NDArray[np.float32]
    """(N, 4) x1, y1, x2, y2 in pixels of the photo, within it: 0..width, 0..height."""
    classes: NDArray[np.int64]
    """(N,) class ids from 0, in the order of the network's classes, background not counted."""
    scores: NDArray[np.float32]
    """(N,) 0..1, falling."""
    masks: NDArray[np.float32]
    """(N, m, m) 0..1: that a point belongs to the thing; m is 28, or 14."""
    mask_boxes: NDArray[np.float32]
    """(N, 4) where each mask lies: its box, before it was cut at the photo's edges."""

    @property
    def nbytes(self) -> int:
        """What keeping it costs."""
        return sum(part.nbytes for part in self._parts().values())

    def at(self, places: NDArray[Any] | slice) -> "Instances":
        """Some of them: by index, or where `places` (N,) is true."""
        return Instances(**{name: part[places] for name, part in self._parts().items()})

    def _parts(self) -> dict[str, NDArray[Any]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


class InstanceEngine(Protocol):
    """Runs one network. Called from one thread at a time."""

    @property
    def name(self) -> str:
        """As SEG_ENGINE spells it."""

    @property
    def precision(self) -> str:
        """As SEG_PRECISION spells it."""

    @property
    def classes(self) -> int:
        """How many kinds of things the network tells apart, background not counted."""

    def predict(self, image: NDArray[np.uint8]) -> Instances:
        """Run the network on an (H, W, 3) RGB photo."""


def none_found(side: int = 28) -> Instances:
    """A photo in which there is nothing."""
    return Instances(
        boxes=np.empty((0, 4), np.float32),
        classes=np.empty(0, np.int64),
        scores=np.empty(0, np.float32),
        masks=np.empty((0, side, side), np.float32),
        mask_boxes=np.empty((0, 4), np.float32),
    )
