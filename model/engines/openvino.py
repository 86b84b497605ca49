"""The CPU engine: OpenVINO on the converted graphs."""

from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from model.graphs import HEADS, Graphs
from model.preprocess import pad_to

# OpenVINO keeps what it prepared for each size it has seen, 5000 pieces by default: 240 sizes cost
# an FCN 600 MB. Bounded to what the largest network here needs for one size, and some.
_CACHED_PRIMITIVES = 256


class OpenVINOEngine:
    """See `model.engines.engine.Engine`. One body holds the weights; each need has a small head."""

    name = "openvino"

    def __init__(self, graphs: Graphs, *, precision: str, threads: int) -> None:
        core = ov.Core()
        self.classes = graphs.manifest.classes
        self.precision = precision
        self._min_side = graphs.manifest.min_side
        self._body = _compiled(core, str(graphs.path("body")), precision, threads)
        # Heads stay in float32: they cost a fiftieth of the body, and bf16 would blunt every score.
        self._heads = {
            need: _compiled(core, str(graphs.path(need)), "f32", threads) for need in HEADS
        }

    def scores(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) RGB → (C, H, W) probabilities, a new array."""
        scores: NDArray[np.float32] = self._run("scores", image)
        return scores

    def mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) RGB → (H, W) ids, a new array."""
        mask: NDArray[np.uint8] = self._run("mask", image)
        return mask

    def _run(self, need: str, image: NDArray[np.uint8]) -> Any:
        height, width, _ = image.shape
        padded = pad_to(image, self._min_side)
        logits = self._body.infer({"image": padded[None]}, share_inputs=True, share_outputs=True)[0]
        size = np.array(padded.shape[:2], np.int64)
        answer = self._heads[need].infer({"logits": logits, "size": size}, share_inputs=True)[0][0]
        return np.ascontiguousarray(answer[..., :height, :width])


def _compiled(core: Any, path: str, precision: str, threads: int) -> Any:
    """An infer request: one stream on all threads answers one photo soonest."""
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": _CACHED_PRIMITIVES,
    }
    return core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
