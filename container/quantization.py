"""Quantizes a body and measures it beside f32 and bf16, by the engines that serve them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from container.outcome import FirstMasks, Outcome, outcome_of
from container.photos import AnyPhoto
from model.cpu import has_native_bf16, usable_cores
from model.engines.engine import LargePhotos
from model.engines.openvino import OpenVINOEngine
from model.graphs import Graphs
from model.int8.quantize import Quantized, Task, quantize
from model.int8.report import Figures, Int8, Report, write_report
from model.metrics import iou_of, mean_of, pixel_accuracy
from model.preprocess import fit
from model.tiling.surgery import write_tiling

_MOST_SIDE = 1024
"""Larger photos calibrate reduced to it: every tensor of a photo is in memory at once."""


@dataclass(frozen=True)
class Plan:
    """What is to be quantized, and by what."""

    graphs: Graphs
    calibrating: Sequence[AnyPhoto]
    judging: Sequence[AnyPhoto]
    large: LargePhotos
    """As serving has it."""
    scratch: Path
    """A folder for what is tried."""


@dataclass(frozen=True)
class Findings:
    """What came of it."""

    int8: Int8
    outcomes: tuple[Outcome, ...]
    """On the photos that judge: f32, bf16 where the cores have it, int8."""


def quantized(plan: Plan) -> Findings:
    """Quantize, judge and write the report.

    Raises:
        DataError: a photo cannot be decoded.
    """
    precisions = ("f32", "bf16") if has_native_bf16() else ("f32",)
    judge = _Judge(plan)
    floats = [judge.outcome(plan.graphs, each, f"judging {each}") for each in precisions]
    photos = [partial(_seen, plan, each) for each in plan.calibrating]
    body = plan.graphs.path("body")
    found = quantize(Task(body, photos, plan.scratch, usable_cores(), _shown), judge)
    int8 = write_report(found.folder, plan.graphs.identity, _report(plan, found, floats[0]))
    return Findings(int8, (*floats, found.judged))


@dataclass(frozen=True)
class _Judge:
    """Runs engines on the photos that judge; the first one's masks are what is compared with."""

    plan: Plan
    first: FirstMasks = field(default_factory=FirstMasks)

    def __call__(self, folder: Path, left_out: int) -> Outcome:
        """A quantized body."""
        title = f"judging int8, {left_out} left out"
        write_tiling(folder)
        return self.outcome(replace(self.plan.graphs, int8=folder), "int8", title)

    def outcome(self, graphs: Graphs, precision: str, title: str) -> Outcome:
        """Any body."""
        large, threads = self.plan.large, usable_cores()
        engine = OpenVINOEngine(graphs, precision=precision, threads=threads, large=large)
        return outcome_of(engine, _shown(self.plan.judging, title), self.first)


def _seen(plan: Plan, photo: AnyPhoto) -> NDArray[np.uint8]:
    max_side = min(plan.large.max_side or _MOST_SIDE, _MOST_SIDE)
    return fit(photo.image(), min_side=plan.graphs.identity.min_side, max_side=max_side).image


def _shown(items: Sequence[Any], what: str) -> Iterable[Any]:
    bar: Iterable[Any] = tqdm(items, desc=what, leave=False, disable=None)
    return bar


def _report(plan: Plan, found: Quantized[Outcome], f32: Outcome) -> Report:
    is_labelled = bool(f32.confusion.any())
    return Report(
        photos_calibrated=len(plan.calibrating),
        photos_judged=len(plan.judging),
        convolutions=found.convolutions,
        left_out=found.left_out,
        same_ids=found.judged.same_ids,
        same_ids_worst_photo=found.judged.same_ids_worst,
        f32=_figures(f32) if is_labelled else None,
        int8=_figures(found.judged) if is_labelled else None,
    )


def _figures(outcome: Outcome) -> Figures:
    iou = iou_of(outcome.confusion)
    by_class = tuple(None if np.isnan(each) else each for each in iou.tolist())
    return Figures(mean_of(iou), pixel_accuracy(outcome.confusion), by_class)
