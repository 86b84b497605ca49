"""One engine on photos: what it got right, how fast, and where engines disagree."""

import statistics
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from container.photos import AnyPhoto
from model.engines.engine import Engine
from model.metrics import confusion_of


@dataclass(frozen=True)
class Outcome:
    """What came of one engine."""

    engine: str
    precision: str
    confusion: NDArray[np.int64]
    """(C, C), rows labelled, columns predicted; summed over the photos that have labels."""
    seconds: tuple[float, ...]
    """Network and mask, a photo each; decoding is left out."""
    same: tuple[tuple[int, int], ...]
    """Of each photo: pixels with the first engine's id, and pixels."""

    @property
    def title(self) -> str:
        """Such as `openvino bf16`."""
        return f"{self.engine} {self.precision}"

    @property
    def median_s(self) -> float:
        """Seconds a photo."""
        return statistics.median(self.seconds)

    @property
    def same_ids(self) -> float:
        """Share of all pixels, ignored ones too, that have the first engine's id."""
        equal, pixels = map(sum, zip(*self.same, strict=True))
        return equal / pixels

    @property
    def same_ids_worst(self) -> float:
        """The same on the photo where it is smallest."""
        return min(equal / pixels for equal, pixels in self.same)


@dataclass
class FirstMasks:
    """The first engine's masks, for the others to be compared with.

    Kept packed: a mask is smooth, and thousands of photos would be gigabytes.
    """

    _packed: dict[AnyPhoto, bytes] = field(default_factory=dict)

    def same(self, photo: AnyPhoto, mask: NDArray[np.uint8]) -> tuple[int, int]:
        """Pixels equal to the first mask given for this photo, and pixels."""
        if photo not in self._packed:
            self._packed[photo] = zlib.compress(mask.tobytes(), 1)
        first = np.frombuffer(zlib.decompress(self._packed[photo]), np.uint8)
        return int(np.count_nonzero(first == mask.ravel())), mask.size


def outcome_of(engine: Engine, photos: Iterable[AnyPhoto], first: FirstMasks) -> Outcome:
    """Run an engine on every photo.

    Raises:
        DataError: a photo cannot be decoded, or its annotation is no longer what it was.
    """
    confusion = np.zeros((engine.classes, engine.classes), np.int64)
    seconds: list[float] = []
    same = []
    for photo in photos:
        image = photo.image()
        if not seconds:  # what an engine prepares at its first photo is no photo's time
            engine.predict(image).mask()
        start = time.perf_counter()
        mask = engine.predict(image).mask()
        seconds.append(time.perf_counter() - start)
        labels = photo.labels()
        if labels is not None:
            confusion += confusion_of(labels, mask, engine.classes)
        same.append(first.same(photo, mask))
    return Outcome(engine.name, engine.precision, confusion, tuple(seconds), tuple(same))
