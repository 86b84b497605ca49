"""Whether there is room for one more model, and how many idle ones must go to make it.

Two bounds, judged before a model is loaded: what SEG_MODELS_MB allows of all models' weights files
together, and the memory that is really left, for which the caller asks the kernel. What a model
takes is an estimate, by the size of its weights files and by what it is for.

Measured on two cores, a process for each model, openvino, peaks above what the process held before,
mapped files included: building the engine and answering one photo of 480x480, and beside it the
child that checks and converts (not needed where the artifact has its graphs, or the cache).

    network            weights file   f32       bf16      child     256 MiB + 2.5 times the file
    fastscnn                5 MiB      97 MiB    87 MiB   224 MiB   268 MiB
    fcn resnet-50         135 MiB     389 MiB   294 MiB   452 MiB   594 MiB
    fcn resnet-101        208 MiB     538 MiB   406 MiB   528 MiB   776 MiB
    psp resnet-50         187 MiB     601 MiB   420 MiB   643 MiB   723 MiB

A Mask R-CNN brings every photo to about 800x1333, which is 640 MiB more (of weights_bytes alone the
last column would be 725, 608 and 676):

    mask_rcnn_fpn_resnet50_v1b_coco   187 MiB    1333 MiB   924 MiB   458 MiB   1365 MiB
    mask_rcnn_resnet50_v1b_coco       141 MiB     812 MiB   621 MiB   339 MiB   1248 MiB
    mask_rcnn_tensorpack              168 MiB     999 MiB   731 MiB   439 MiB   1316 MiB

What unloading gives back is 2.4 times the file of an FCN in f32 and 1.8 times in bf16. Larger
photos take more (docs/engines.md); a photo that finds no memory is refused by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from serve.errors import OutOfMemory

LOADING_BYTES = 256 << 20
LOADING_TIMES = 2.5
THINGS_BYTES = 640 << 20
KEPT_TIMES = 1.8
"""Of the weights file, what a loaded model holds at the least, so what unloading it gives back."""


@dataclass(frozen=True)
class Wanted:
    """A model that is to be loaded."""

    weights_bytes: int
    """Of its weights files."""
    finds_things: bool = False

    @property
    def needed_bytes(self) -> int:
        """What loading it and answering a photo takes, at its peak."""
        photo_bytes = THINGS_BYTES if self.finds_things else 0
        return LOADING_BYTES + int(LOADING_TIMES * self.weights_bytes) + photo_bytes


@dataclass(frozen=True)
class Bounds:
    """What all models may take together."""

    weights_bytes: int | None
    """Of their weights files; None for no such bound."""
    left_bytes: int | None
    """Of memory, as it is now; None where nobody knows."""


@dataclass(frozen=True)
class Room:
    """Judges by bounds as they are at the moment."""

    weights_bytes: int | None
    """Of all weights files; None for no such bound."""
    memory_left: Callable[[], int | None]
    """Bytes; None where nobody knows."""

    def unloading(self, idle: Sequence[int], loaded: int, wanted: Wanted) -> int:
        """How many idle models must go first; see `unloading`.

        Raises:
            OutOfMemory: there is no room if all of them go.
        """
        bounds = Bounds(self.weights_bytes, self.memory_left())
        count = unloading(idle, loaded, wanted, bounds)
        if count is None:
            raise OutOfMemory(reason=_reason(loaded, wanted, bounds))
        return count


def unloading(idle: Sequence[int], loaded: int, wanted: Wanted, bounds: Bounds) -> int | None:
    """How many of `idle` must go for a model to be loaded; None where not even all would do.

    Args:
        idle: bytes of each weights file, in the order in which they would go.
        loaded: bytes of all weights files that are loaded, the idle ones' too.
        wanted: the one to be loaded.
        bounds: what may be taken.
    """
    for count in range(len(idle) + 1):
        freed = sum(idle[:count])
        if _fits(loaded - freed + wanted.weights_bytes, bounds) and _is_left(freed, wanted, bounds):
            return count
    return None


def _fits(weights_bytes: int, bounds: Bounds) -> bool:
    return bounds.weights_bytes is None or weights_bytes <= bounds.weights_bytes


def _is_left(freed: int, wanted: Wanted, bounds: Bounds) -> bool:
    left = bounds.left_bytes
    return left is None or wanted.needed_bytes <= left + KEPT_TIMES * freed


def _reason(loaded: int, wanted: Wanted, bounds: Bounds) -> str:
    together = loaded + wanted.weights_bytes
    if bounds.weights_bytes is not None and not _fits(together, bounds):
        allowed = bounds.weights_bytes >> 20
        return f"weights would be {_mib(together)} MiB, SEG_MODELS_MB allows {allowed}"
    left = (bounds.left_bytes or 0) >> 20
    return f"loading takes about {_mib(wanted.needed_bytes)} MiB, {left} MiB are left"


def _mib(size: int) -> int:
    """Rounded up."""
    return -(-size >> 20)
