"""What `auto` comes to, and what is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from model import engines
from model.artifact import read_artifact
from model.convert import graphs_of
from model.engines import EngineChoice, prepare_engine
from model.errors import EngineError
from model.int8.report import Report, write_report


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """What the machine has; to be changed by the test."""
    has = {"cuda": False, "bf16": False, "vnni": False, "onnxruntime": True}
    monkeypatch.setattr(engines, "has_cuda", lambda: has["cuda"])
    monkeypatch.setattr(engines, "has_native_bf16", lambda: has["bf16"])
    monkeypatch.setattr(engines, "has_vnni", lambda: has["vnni"])
    monkeypatch.setattr(engines, "onnxruntime_folder", lambda: has["onnxruntime"] or None)
    return has


@pytest.mark.parametrize(
    ("has", "asked", "expected"),
    [
        ({}, ("auto", "auto"), ("openvino", "f32")),
        ({"bf16": True}, ("auto", "auto"), ("openvino", "bf16")),
        ({"cuda": True, "bf16": True}, ("auto", "auto"), ("onnxruntime", "f16")),
        ({"cuda": True}, ("auto", "f32"), ("onnxruntime", "f32")),
        ({"cuda": True, "bf16": True}, ("openvino", "auto"), ("openvino", "bf16")),
        ({}, ("onnxruntime", "auto"), ("onnxruntime", "f32")),
        ({"bf16": True}, ("mxnet", "auto"), ("mxnet", "f32")),
        ({}, ("openvino", "bf16"), ("openvino", "bf16")),
        ({"bf16": True, "vnni": True}, ("auto", "auto"), ("openvino", "bf16")),
        ({"vnni": True}, ("auto", "int8"), ("openvino", "int8")),
    ],
)
def test_auto_is_the_fastest_that_is_there(
    machine: dict[str, bool],
    has: dict[str, bool],
    asked: tuple[str, str],
    expected: tuple[str, str],
) -> None:
    machine.update(has)
    settled = EngineChoice(*asked, max_side=7).settled()
    assert (settled.engine, settled.precision, settled.max_side) == (*expected, 7)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("openvino", "f16"), "openvino runs f32 or bf16 or int8, not f16"),
        (("onnxruntime", "bf16"), "onnxruntime runs f32 or f16, not bf16"),
        (("mxnet", "bf16"), "mxnet runs f32, not bf16"),
        (("onnxruntime", "int8"), "onnxruntime runs f32 or f16, not int8"),
        (("openvino", "int8"), "int8 needs cores with VNNI .*; these have none"),
    ],
)
@pytest.mark.usefixtures("machine")
def test_a_precision_that_an_engine_does_not_know_is_refused(
    asked: tuple[str, str], message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        EngineChoice(*asked).settled()


def test_an_engine_that_is_not_installed_is_refused(machine: dict[str, bool]) -> None:
    machine["onnxruntime"] = False
    with pytest.raises(EngineError, match="onnxruntime is not installed here; openvino is"):
        EngineChoice("onnxruntime").settled()


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo model with an int8/ beside its graphs that is, in truth, its float32 body."""
    folder = Path(shutil.copytree("demo/model", tmp_path_factory.mktemp("model") / "model"))
    artifact = read_artifact(folder)
    graphs = graphs_of(artifact, (1, 2, 3, 6), cache=folder / "cache", timeout_s=300)
    (folder / "int8").mkdir()
    for name in ("body.onnx", "body.bin", "tile.onnx", "tile_pools.onnx"):
        shutil.copy(graphs.folder / name, folder / "int8" / name)
    write_report(folder / "int8", graphs.identity, Report(30, 60, 45, (), 0.99, 0.98))
    graphs.folder.rename(folder / "graphs")
    return folder


def faithful(_folder: Path) -> None:
    pass


def unfaithful(folder: Path) -> None:
    path = folder / "int8" / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "same_ids": 0.98}))


def damaged(folder: Path) -> None:
    (folder / "int8" / "body.bin").write_bytes(b"")


def missing(folder: Path) -> None:
    shutil.rmtree(folder / "int8")


NO_INT8 = "int8/.*`python -m container quantize` makes it"
VNNI, NO_VNNI = {"vnni": True}, {"vnni": False}
Case = tuple[Callable[[Path], None], dict[str, bool], str, str]
CASES: list[Case] = [
    (faithful, VNNI, "auto", "int8"),
    (faithful, NO_VNNI, "auto", "f32"),
    (faithful, VNNI, "f32", "f32"),
    (faithful, VNNI, "int8", "int8"),
    (faithful, NO_VNNI, "int8", "these have none"),
    (unfaithful, VNNI, "auto", "f32"),
    (unfaithful, VNNI, "int8", "int8"),
    (damaged, VNNI, "auto", "f32"),
    (damaged, VNNI, "int8", NO_INT8),
    (missing, VNNI, "auto", "f32"),
    (missing, VNNI, "int8", NO_INT8),
]


@pytest.mark.parametrize("case", CASES)
def test_int8_is_run_where_model_and_cores_have_it(
    machine: dict[str, bool], converted: Path, tmp_path: Path, case: Case
) -> None:
    spoil, has, asked, expected = case
    machine.update(has)
    folder = Path(shutil.copytree(converted, tmp_path / "model"))
    spoil(folder)
    artifact = read_artifact(folder)
    choice = EngineChoice("openvino", asked)
    if expected not in {"f32", "int8"}:
        with pytest.raises(EngineError, match=expected):
            prepare_engine(artifact, choice, tmp_path / "cache")
        return
    engine = prepare_engine(artifact, choice, tmp_path / "cache")()
    assert (engine.name, engine.precision) == ("openvino", expected)


def test_another_engine_takes_no_int8(
    machine: dict[str, bool], converted: Path, tmp_path: Path
) -> None:
    machine["vnni"] = True
    artifact = read_artifact(converted)
    engine = prepare_engine(artifact, EngineChoice("onnxruntime"), tmp_path / "cache")()
    assert (engine.name, engine.precision) == ("onnxruntime", "f32")
