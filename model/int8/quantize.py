"""A body graph → its quantized one, by photos and without labels.

    equalize ─ ranges ─ quantize all ─ judge ─ enough? ─ done
                            ▲                    no
                            └─ leave out more of the convolutions that do most harm

What a convolution does to the logits alone, all others in float32, ranks it; that is reckoned only
where it is needed. At most half of them are left out; where that is not enough, as with random
weights, the best that was found is taken.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.int8.equalize import equalized, pairs_of
from model.int8.net import Convolution, Net, read_net
from model.int8.points import points_of
from model.int8.qdq import write_body
from model.int8.ranges import Range, range_of, sampled
from model.int8.report import LEAST_SAME_IDS
from model.int8.runs import Runner

_RANKED_BY = 8
"""Photos."""
_COUNTS = (0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
_SEED = 0


class Judged(Protocol):
    """What a judge says of a quantized body."""

    @property
    def same_ids(self) -> float:
        """Share of the pixels that have the class float32 gives them."""


_Judged = TypeVar("_Judged", bound=Judged)


@dataclass(frozen=True)
class Task:
    """What is to be quantized, and by what."""

    body: Path
    photos: Sequence[Callable[[], NDArray[np.uint8]]]
    """Each gives an (H, W, 3) RGB photo as the network is to see it; at least one."""
    scratch: Path
    """A folder for what is tried."""
    threads: int
    shown: Callable[[Sequence[Any], str], Iterable[Any]]
    """Shows that a sequence is gone through, and what for."""


@dataclass(frozen=True)
class Calibrated:
    """A net that is ready to be quantized."""

    net: Net
    """Equalized."""
    ranges: Mapping[str, Range]
    """By tensor, of all that can be quantized."""


@dataclass(frozen=True)
class Quantized(Generic[_Judged]):
    """The best that was found."""

    folder: Path
    """Has its body.onnx and body.bin."""
    left_out: tuple[str, ...]
    """Names of the convolutions that stay in float, the worst first."""
    convolutions: int
    """How many there are, those left out too."""
    judged: _Judged


def quantize(task: Task, judge: Callable[[Path, int], _Judged]) -> Quantized[_Judged]:
    """Quantize as much as can be.

    Args:
        task: nothing of it is changed but `scratch`.
        judge: given the folder of a body and how many convolutions it leaves out.
    """
    calibrated = calibrate(task)
    every = calibrated.net.convolutions
    order: list[Convolution] = []
    tried: list[Quantized[_Judged]] = []
    for count in (each for each in _COUNTS if each <= len(every) // 2):
        order = order or (ranked(task, calibrated) if count else [])
        left, folder = order[:count], task.scratch / f"without-{count}"
        chosen = [each for each in every if each not in left]
        write_body(calibrated.net, calibrated.ranges, chosen, folder)
        names = tuple(each.name for each in left)
        tried.append(Quantized(folder, names, len(every), judge(folder, count)))
        if tried[-1].judged.same_ids >= LEAST_SAME_IDS:
            break
        tried = [_best(tried)]
    return _best(tried)


def calibrate(task: Task) -> Calibrated:
    """Equalize, and find the ranges of all tensors that may be quantized."""
    net = read_net(task.body)
    net = equalized(net, _peaks(task, net))
    every = {point.tensor for each in net.convolutions for point in points_of(net, each)}
    tensors = sorted(every)
    runner = Runner(_float_body(task, net), tensors, threads=task.threads)
    rng = np.random.default_rng(_SEED)
    samples: dict[str, list[NDArray[np.float32]]] = {name: [] for name in tensors}
    for photo in task.shown(task.photos, "calibrating"):
        for name, tensor in runner.run(photo()).items():
            samples[name].append(sampled(tensor, rng))
    found = {
        name: range_of(np.concatenate(samples.pop(name)))
        for name in task.shown(tensors, "choosing ranges")
    }
    return Calibrated(net, found)


def ranked(task: Task, calibrated: Calibrated) -> list[Convolution]:
    """All convolutions, the one first that does most harm for the time it saves.

    Harm is the squared error of the logits when it alone is quantized; the time that goes by its
    multiplications. A stem's few count for little and spoil much, a head's many the other way.
    """
    net = calibrated.net
    images = [photo() for photo in task.photos[:_RANKED_BY]]
    exact = _logits(task, _float_body(task, net), images)
    work, harm = _multiplications(task, net, images[0]), {}
    for each in task.shown(net.convolutions, "ranking"):
        path = write_body(net, calibrated.ranges, [each], task.scratch / "alone")
        found = _logits(task, path, images)
        errors = (np.square(one - other).sum() for one, other in zip(found, exact, strict=True))
        harm[each.name] = float(sum(errors)) / work[each.name]
    return sorted(net.convolutions, key=lambda each: -harm[each.name])


def _multiplications(task: Task, net: Net, image: NDArray[np.uint8]) -> dict[str, int]:
    """By convolution's name: on one photo."""
    outputs = [each.output for each in net.convolutions]
    made = Runner(_float_body(task, net), outputs, threads=task.threads).run(image)
    return {
        each.name: int(np.prod(made[each.output].shape[2:])) * net.constants[each.weight].size
        for each in net.convolutions
    }


def _peaks(task: Task, net: Net) -> dict[str, NDArray[np.float32]]:
    """By tensor between two convolutions: (C,) the largest absolute value of each channel."""
    tensors = [pair.tensor for pair in pairs_of(net)]
    runner = Runner(task.body, tensors, threads=task.threads)
    peaks: dict[str, NDArray[np.float32]] = {}
    for photo in task.shown(task.photos, "equalizing"):
        for name, tensor in runner.run(photo()).items():
            peak = np.abs(tensor).max(axis=(0, 2, 3))
            peaks[name] = np.maximum(peaks[name], peak) if name in peaks else peak
    return peaks


def _float_body(task: Task, net: Net) -> Path:
    return write_body(net, {}, (), task.scratch / "float")


def _logits(
    task: Task, path: Path, images: Sequence[NDArray[np.uint8]]
) -> list[NDArray[np.float32]]:
    runner = Runner(path, ["logits"], threads=task.threads)
    return [runner.run(image)["logits"].copy() for image in images]


def _best(tried: Sequence[Quantized[_Judged]]) -> Quantized[_Judged]:
    """Of the earlier where two are alike; the others' files go."""
    best = max(tried, key=lambda each: each.judged.same_ids)
    for each in tried:
        if each is not best:
            shutil.rmtree(each.folder)
    return best
