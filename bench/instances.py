"""Mask R-CNN alone at 800x1333: GluonCV on MXNet and ours, in turns, in one run.

    python -W ignore -m bench --instances

Random weights cost what trained ones do, and more where those find few things. The stock network is
measured as it is shipped, and told to stop at 100 things, as ours does: of its own it runs the mask
head on 1000. What MXNet's pooling gets wrong on a CPU (tests/mask_rcnn.py) is left as it is: it
takes no time.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.bare import write_photo
from model.cpu import usable_cores
from model.instances.artifact import read_instance_artifact
from model.instances.convert import instance_graphs_of
from model.instances.engines import openvino_engine
from model.instances.networks import GLUON
from tests.mask_rcnn import Recipe, construct, normalized, write_mask_rcnn

SIZE = (800, 1333)
_PRECISIONS = ("f32", "bf16")
_SHIPPED = 1000

Step = Callable[[], object]


@dataclass(frozen=True)
class Instances:
    """Seconds for one photo of SIZE, medians; the network's input is of that size too."""

    network: str
    shipped_s: float
    stock_s: float
    """Told to stop at 100 things."""
    ours_s: dict[str, float]
    """By precision."""


def instances(folder: Path, runs: int) -> Instances:
    """Write an artifact to `folder` and run it every way, in turns."""
    recipe = Recipe()
    network = write_mask_rcnn(folder / "model", recipe)
    shipped = construct(recipe.name)
    shipped.load_parameters(str(folder / "model" / "model_best.params"))
    shipped._rcnn_max_dets = _SHIPPED
    for stock in (network, shipped):
        stock.hybridize(static_alloc=True)
    artifact = read_instance_artifact(folder / "model")
    graphs = instance_graphs_of(artifact, cache=folder / "cache", timeout_s=600)
    artifact = replace(artifact, resizing=GLUON.resizing)
    _, image = write_photo(folder / "photo.jpg", SIZE)
    steps: dict[str, Step] = {
        "shipped": partial(_stock, shipped, image),
        "stock": partial(_stock, network, image),
    }
    for precision in _PRECISIONS:
        engine = openvino_engine(artifact, graphs, precision=precision, threads=usable_cores())
        steps[precision] = partial(engine.predict, image)
    taken = _in_turns(steps, runs)
    ours = {precision: taken[precision] for precision in _PRECISIONS}
    return Instances(recipe.name, taken["shipped"], taken["stock"], ours)


def show(row: Instances) -> None:
    """One line a precision."""
    height, width = SIZE
    print(f"{row.network} at {height}x{width}")
    print(f"  stock: {row.stock_s:.2f} s; as shipped, with 1000 masks: {row.shipped_s:.2f} s")
    for precision, seconds in row.ours_s.items():
        times = f"{row.stock_s / seconds:.1f} and {row.shipped_s / seconds:.1f} times as fast"
        print(f"  {precision}: {seconds:.2f} s, {times}")


def _stock(network: Any, image: NDArray[np.uint8]) -> list[NDArray[Any]]:
    return [output.asnumpy() for output in network(normalized(image))]


def _in_turns(steps: dict[str, Step], runs: int) -> dict[str, float]:
    """Medians, after one round that is not counted: what else the machine does hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(runs + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}
