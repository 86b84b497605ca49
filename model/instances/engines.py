"""Engines for a Mask R-CNN: the detector on a library's sessions. `prepare_instances` picks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.cpu import usable_cores
from model.engines import EngineChoice
from model.errors import EngineError
from model.gpu import has_cuda
from model.graphs import Graphs
from model.instances.artifact import InstanceArtifact
from model.instances.boxes import Floats
from model.instances.convert import instance_graphs_of
from model.instances.detector import Detector, Run
from model.instances.instances import InstanceEngine, Instances

GRAPHS = ("body", "boxes", "masks")
_PRECISIONS = {"openvino": ("f32", "bf16"), "onnxruntime": ("f32", "f16")}

# OpenVINO keeps what it prepared for each size it has seen: bounded to what the largest body needs
# for one size, and some. Heads see one size only.
_PRIMITIVES = {"body": 256, "boxes": 64, "masks": 64}


class DetectorEngine:
    """See `model.instances.instances.InstanceEngine`.

    Args:
        artifact: whose.
        name: the library's.
        precision: of the graphs; what lies between them is float32.
        run: runs them.
        max_side: of what the network sees, pixels; 0 for any.
    """

    def __init__(
        self, artifact: InstanceArtifact, name: str, precision: str, run: Run, *, max_side: int
    ) -> None:
        self.name = name
        self.precision = precision
        self.classes = artifact.classes
        self._detector = Detector(artifact.network, artifact.resizing, run, max_side=max_side)

    def predict(self, image: NDArray[np.uint8]) -> Instances:
        """(H, W, 3) RGB → things in it."""
        return self._detector.predict(image)


def prepare_instances(
    artifact: InstanceArtifact, choice: EngineChoice, cache: Path
) -> Callable[[], InstanceEngine]:
    """Convert the artifact in a child process where that is not done yet.

    Args:
        artifact: as read.
        choice: engine, precision, and the side of larger photos as the network sees them. It sees
            no tiles: the choice's `tile_pixels` is for other networks.
        cache: folder for converted graphs; must outlive the engine's loading.

    Returns:
        Builds the engine; for the process and thread that will run it.

    Raises:
        ArtifactError: the artifact does not load.
        CheckError: the child crashed or took too long.
        EngineError: there is no such engine here, or not for a Mask R-CNN.
        OSError: the cache cannot be written.
    """
    settled = choice.settled()
    allowed = _PRECISIONS.get(settled.engine, ())
    if settled.precision not in allowed:
        served = ", ".join(f"{name} in {' or '.join(kinds)}" for name, kinds in _PRECISIONS.items())
        msg = f"a Mask R-CNN is run by {served}, not by {settled.engine} in {settled.precision}"
        raise EngineError(msg)
    graphs = instance_graphs_of(artifact, cache=cache, timeout_s=settled.timeout_s)
    artifact = replace(artifact, weights={})  # hundreds of MB that the graphs have
    build = {"openvino": openvino_engine, "onnxruntime": onnxruntime_engine}[settled.engine]
    return partial(
        build,
        artifact,
        graphs,
        precision=settled.precision,
        threads=usable_cores(),
        max_side=settled.max_side,
    )


def openvino_engine(
    artifact: InstanceArtifact, graphs: Graphs, *, precision: str, threads: int, max_side: int = 0
) -> DetectorEngine:
    """OpenVINO on the CPU: `f32` or `bf16`."""
    import openvino as ov  # noqa: PLC0415  # the other engine does without

    from model.engines.openvino import compiled  # noqa: PLC0415

    core = ov.Core()
    requests = {
        name: compiled(
            core,
            str(graphs.path(name)),
            precision=precision,
            threads=threads,
            primitives=_PRIMITIVES[name],
        )
        for name in GRAPHS
    }

    def run(name: str, feeds: Mapping[str, NDArray[Any]]) -> Mapping[str, Floats]:
        found = requests[name].infer(feeds, share_inputs=True, share_outputs=True)
        return {own: array for port, array in found.items() for own in port.get_names()}

    return DetectorEngine(artifact, "openvino", precision, run, max_side=max_side)


def onnxruntime_engine(
    artifact: InstanceArtifact, graphs: Graphs, *, precision: str, threads: int, max_side: int = 0
) -> DetectorEngine:
    """ONNX Runtime, on a GPU where there is one: `f32` or `f16`."""
    from model.engines.onnxruntime import in_f16, session_of  # noqa: PLC0415

    device = "cuda" if has_cuda() else "cpu"
    sessions = {}
    for name in GRAPHS:
        path = graphs.path(name)
        model = str(path) if precision == "f32" else in_f16(path)
        sessions[name] = session_of(model, threads=threads, device=device)

    def run(name: str, feeds: Mapping[str, NDArray[Any]]) -> Mapping[str, Floats]:
        names = [output.name for output in sessions[name].get_outputs()]
        return dict(zip(names, sessions[name].run(None, dict(feeds)), strict=True))

    return DetectorEngine(artifact, "onnxruntime", precision, run, max_side=max_side)
