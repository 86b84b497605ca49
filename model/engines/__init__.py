"""One file an engine, one protocol; `prepare_engine` picks, checks and hands over a loader."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import Artifact, read_artifact
from model.check import check_artifact
from model.convert import graphs_of
from model.cpu import has_native_bf16, usable_cores
from model.engines.engine import Engine
from model.graphs import Graphs

ENGINES = ("openvino", "mxnet")


@dataclass(frozen=True)
class EngineChoice:
    """What the settings say of the engine; `auto` is for this machine to decide."""

    engine: str = "auto"
    precision: str = "auto"
    psp_bins: tuple[int, ...] = DEFAULT_PSP_BINS
    timeout_s: float = 600.0


def prepare_engine(artifact: Artifact, choice: EngineChoice, cache: Path) -> Callable[[], Engine]:
    """Check the artifact as far as its engine needs, in a child process.

    Args:
        artifact: as read.
        choice: engine and precision.
        cache: folder for converted graphs; must outlive the engine's loading.

    Returns:
        Builds the engine; for the process and thread that will run it.

    Raises:
        ArtifactError: the artifact does not load.
        CheckError: the child crashed or took too long.
    """
    if choice.engine == "mxnet":
        check_artifact(artifact.folder, choice.psp_bins, timeout_s=choice.timeout_s)
        return partial(_mxnet, artifact.folder, choice.psp_bins)
    graphs = graphs_of(artifact, choice.psp_bins, cache=cache, timeout_s=choice.timeout_s)
    return partial(_openvino, graphs, choice.precision)


# Engines are imported where they are built: each brings a library that the others do without.


def _mxnet(folder: Path, psp_bins: tuple[int, ...]) -> Engine:
    from model.engines.mxnet import MXNetEngine  # noqa: PLC0415

    return MXNetEngine(read_artifact(folder), psp_bins)


def _openvino(graphs: Graphs, precision: str) -> Engine:
    from model.engines.openvino import OpenVINOEngine  # noqa: PLC0415

    if precision == "auto":
        precision = "bf16" if has_native_bf16() else "f32"
    return OpenVINOEngine(graphs, precision=precision, threads=usable_cores())
