"""A quantized body for measuring speed: made of one photo and without a judge.

Weights here are random: they show how fast a network runs, and say nothing of how exact int8 is
(`python -m bench.accuracy` does, of trained ones). So nothing is judged and nothing left out.
"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.cpu import usable_cores
from model.graphs import Graphs
from model.int8.qdq import write_body
from model.int8.quantize import Task, calibrate
from model.int8.report import FOLDER, Report, write_report
from model.tiling.surgery import write_tiling


def add_int8(model: Path, graphs: Graphs, image: NDArray[np.uint8]) -> Path:
    """Put int8/ into a model's folder; returns it.

    Args:
        model: of the artifact.
        graphs: its own.
        image: (H, W, 3) RGB, to calibrate by.
    """
    folder = model / FOLDER
    with tempfile.TemporaryDirectory(prefix="int8.") as scratch:
        body, threads = graphs.path("body"), usable_cores()
        task = Task(body, [lambda: image], Path(scratch), threads, _unshown)
        found = calibrate(task)
        write_body(found.net, found.ranges, found.net.convolutions, folder)
    write_tiling(folder)
    every = len(found.net.convolutions)
    write_report(folder, graphs.identity, Report(1, 0, every, (), 0.0, 0.0))
    return folder


def _unshown(items: Sequence[Any], _what: str) -> Iterable[Any]:
    return items
