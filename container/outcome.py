"""One engine on labelled photos: what it got right, how fast, and where engines disagree."""

import statistics
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from container.pairs import Pair
from model.engines.engine import Engine
from model.metrics import confusion_of


@dataclass(frozen=True)
class Outcome:
    """What came of one engine."""

    engine: str
    precision: str
    confusion: NDArray[np.int64]
    """(C, C), rows labelled, columns predicted; summed over the photos."""
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

    _packed: dict[Pair, bytes] = field(default_factory=dict)

    def same(self, pair: Pair, mask: NDArray[np.uint8]) -> tuple[int, int]:
        """Pixels equal to the first mask given for this pair, and pixels."""
        if pair not in self._packed:
            self._packed[pair] = zlib.compress(mask.tobytes(), 1)
        first = np.frombuffer(zlib.decompress(self._packed[pair]), np.uint8)
        return int(np.count_nonzero(first == mask.ravel())), mask.size


def outcome_of(engine: Engine, pairs: Iterable[Pair], first: FirstMasks) -> Outcome:
    """Run an engine on every photo.

    Raises:
        DataError: a photo cannot be decoded.
    """
    confusion = np.zeros((engine.classes, engine.classes), np.int64)
    seconds: list[float] = []
    same = []
    for pair in pairs:
        image = pair.image()
        if not seconds:  # what an engine prepares at its first photo is no photo's time
            engine.predict(image).mask()
        start = time.perf_counter()
        mask = engine.predict(image).mask()
        seconds.append(time.perf_counter() - start)
        confusion += confusion_of(pair.labels(), mask, engine.classes)
        same.append(first.same(pair, mask))
    return Outcome(engine.name, engine.precision, confusion, tuple(seconds), tuple(same))
