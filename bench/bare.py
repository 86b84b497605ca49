"""The network alone, and the cores' own ceiling, without a server around them."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops
from PIL import Image

from model.cpu import usable_cores
from model.engines.openvino import OpenVINOEngine
from model.graphs import Graphs
from model.upsampling import Size

_SIDE = 2048


def median_s(step: Callable[[], object], runs: int) -> float:
    """Median seconds of `runs`, after two that are not counted."""
    for _ in range(2):
        step()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def engine_s(graphs: Graphs, precision: str, image: NDArray[np.uint8], runs: int) -> float:
    """Seconds for one mask, pixels in, ids out."""
    engine = OpenVINOEngine(graphs, precision=precision, threads=usable_cores())
    return median_s(lambda: engine.predict(image).mask(), runs)


def peak_gflops(precision: str, runs: int) -> float:
    """What a large matrix product reaches on these cores in this precision."""
    left = ops.parameter([_SIDE, _SIDE], np.float32)
    rng = np.random.default_rng(0)
    right = ops.constant(rng.normal(size=(_SIDE, _SIDE)).astype(np.float32))
    model = ov.Model([ops.matmul(left, right, False, False)], [left])
    settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": usable_cores()}
    request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()
    matrix = rng.normal(size=(_SIDE, _SIDE)).astype(np.float32)
    return 2 * _SIDE**3 / median_s(lambda: request.infer([matrix]), runs) / 1e9


def write_photo(path: Path, size: Size) -> tuple[bytes, NDArray[np.uint8]]:
    """A JPEG of the demo's cat, (height, width) of it: its bytes and its pixels."""
    photo = Image.open(Path("demo/photos/chelsea.jpg")).resize(size[::-1])
    photo.save(path, "JPEG", quality=90)
    return path.read_bytes(), np.asarray(Image.open(path).convert("RGB"))
