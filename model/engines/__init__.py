"""One file an engine, one protocol; `prepare_engine` picks, checks and hands over a loader."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import Artifact, read_artifact
from model.check import check_artifact
from model.convert import graphs_of
from model.cpu import has_native_bf16, has_vnni, usable_cores
from model.engines.engine import PRECISIONS, Engine, LargePhotos
from model.errors import EngineError
from model.gpu import has_cuda, onnxruntime_folder
from model.graphs import Graphs, identity_of
from model.int8.report import FOLDER, find_int8, read_int8


@dataclass(frozen=True)
class EngineChoice:
    """What the settings say of the engine; `auto` is for this machine to decide."""

    engine: str = "auto"
    precision: str = "auto"
    psp_bins: tuple[int, ...] = DEFAULT_PSP_BINS
    max_side: int = 0
    tile_pixels: int = 0
    """0: photos are never cut. mxnet, the reference, cuts none whatever it is."""
    timeout_s: float = 600.0

    def settled(self) -> "EngineChoice":
        """The same with nothing left open, for a model that has no int8/.

        Raises:
            EngineError: the engine is not installed, or does not know the precision, or these cores
                do not.
        """
        engine, precision = self.engine, self.precision
        if engine == "auto":
            engine = "onnxruntime" if has_cuda() else "openvino"
        if engine == "onnxruntime" and onnxruntime_folder() is None:
            msg = "the engine onnxruntime is not installed here; openvino is"
            raise EngineError(msg)
        if precision == "auto":
            precision = _best_precision(engine)
        if precision not in PRECISIONS[engine]:
            msg = f"the engine {engine} runs {' or '.join(PRECISIONS[engine])}, not {precision}"
            raise EngineError(msg)
        if precision == "int8" and not has_vnni():
            msg = "int8 needs cores with VNNI (avx512_vnni, avx_vnni or amx_int8); these have none"
            raise EngineError(msg)
        return replace(self, engine=engine, precision=precision)


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
        EngineError: there is no such engine here, or the artifact has no int8/ that can be used.
    """
    settled = choice.settled()
    if settled.engine == "mxnet":
        check_artifact(artifact.folder, settled.psp_bins, timeout_s=settled.timeout_s)
        return partial(_mxnet, artifact.folder, settled)
    int8 = _int8_for(artifact, choice, settled)  # what is asked for in vain converts nothing
    graphs = graphs_of(artifact, settled.psp_bins, cache=cache, timeout_s=settled.timeout_s)
    if int8:
        graphs, settled = replace(graphs, int8=int8), replace(settled, precision="int8")
    return partial(
        {"openvino": _openvino, "onnxruntime": _onnxruntime}[settled.engine], graphs, settled
    )


def _best_precision(engine: str) -> str:
    if engine == "openvino" and has_native_bf16():
        return "bf16"
    return "f16" if engine == "onnxruntime" and has_cuda() else "f32"


def _int8_for(artifact: Artifact, choice: EngineChoice, settled: EngineChoice) -> Path | None:
    """Folder of the quantized body that is to be run; None for another precision."""
    folder = artifact.folder / FOLDER
    is_open = choice.precision == "auto" and settled.engine == "openvino" and has_vnni()
    if settled.precision == "int8":
        return read_int8(folder, identity_of(artifact, settled.psp_bins)).folder
    if not is_open or not folder.is_dir():
        return None
    found = find_int8(folder, identity_of(artifact, settled.psp_bins))
    return found.folder if found and found.report.is_faithful else None


# Engines are imported where they are built: each brings a library that the others do without.


def _mxnet(folder: Path, choice: EngineChoice) -> Engine:
    from model.engines.mxnet import MXNetEngine  # noqa: PLC0415

    return MXNetEngine(read_artifact(folder), choice.psp_bins, max_side=choice.max_side)


def _openvino(graphs: Graphs, choice: EngineChoice) -> Engine:
    from model.engines.openvino import OpenVINOEngine  # noqa: PLC0415

    return OpenVINOEngine(
        graphs,
        precision=choice.precision,
        threads=usable_cores(),
        large=LargePhotos(choice.max_side, choice.tile_pixels),
    )


def _onnxruntime(graphs: Graphs, choice: EngineChoice) -> Engine:
    from model.engines.onnxruntime import ONNXRuntimeEngine  # noqa: PLC0415

    return ONNXRuntimeEngine(
        graphs,
        precision=choice.precision,
        threads=usable_cores(),
        large=LargePhotos(choice.max_side, choice.tile_pixels),
        device="cuda" if has_cuda() else "cpu",
    )
