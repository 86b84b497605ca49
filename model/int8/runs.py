"""Runs a graph on photos in float32 and hands out tensors from within it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]

_PRIMITIVES = 256  # as many as the engine keeps (model/engines/openvino.py)


class Runner:
    """One graph, compiled with more outputs than it has.

    Args:
        path: of the graph; its input is `image`.
        tensors: what to hand out, outputs of its nodes.
        threads: all of them run one photo at once.
    """

    def __init__(self, path: Path, tensors: Sequence[str], *, threads: int) -> None:
        core = ov.Core()
        model = core.read_model(str(path))
        outputs = {name for output in model.outputs for name in output.get_names()}
        model.add_outputs([name for name in tensors if name not in outputs])
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": _PRIMITIVES,
        }
        self._request = core.compile_model(model, "CPU", settings).create_infer_request()
        self._tensors = tensors

    def run(self, image: NDArray[np.uint8]) -> Tensors:
        """(H, W, 3) RGB, as the network is to see it → tensors by name.

        They are views of the runner's own memory, valid until it runs again.
        """
        self._request.infer({"image": image[None]}, share_inputs=True)
        return {name: self._request.get_tensor(name).data for name in self._tensors}
