"""Whose int8/ it is, whether it is whole, and whether `auto` may take it."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.errors import EngineError
from model.graphs import Identity
from model.int8.report import Figures, Report, find_int8, read_int8, write_report

IDENTITY = Identity("k" * 64, 3, 32)
F32 = Figures(0.8, 0.9, (0.9, None, 0.7))
INT8 = Figures(0.796, 0.89, (0.9, None, 0.692))
REPORT = Report(
    photos_calibrated=30,
    photos_judged=60,
    convolutions=45,
    left_out=("conv_4", "conv_6"),
    same_ids=0.995,
    same_ids_worst_photo=0.98,
    f32=F32,
    int8=INT8,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "int8"
    path.mkdir()
    (path / "body.onnx").write_bytes(b"a graph")
    (path / "body.bin").write_bytes(b"weights")
    for name in ("tile.onnx", "tile_pools.onnx"):
        (path / name).write_bytes(b"another graph")
    write_report(path, IDENTITY, REPORT)
    return path


@pytest.mark.parametrize("report", [REPORT, replace(REPORT, f32=None, int8=None, left_out=())])
def test_what_was_written_is_read(folder: Path, report: Report) -> None:
    write_report(folder, IDENTITY, report)
    found = read_int8(folder, IDENTITY)
    assert found == find_int8(folder, IDENTITY)
    assert found.report == report
    bodies = {"body.onnx", "body.bin", "tile.onnx", "tile_pools.onnx"}
    assert {path.name for path in found.files} == {"report.json", *bodies}


def changed(**values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "report.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return change


def linked(folder: Path) -> None:
    (folder / "body.bin").rename(folder.parent / "body.bin")
    (folder / "body.bin").symlink_to(folder.parent / "body.bin")


def longer(folder: Path) -> None:
    with (folder / "body.onnx").open("ab") as file:
        file.write(b"x")


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "other weights": (changed(key="x"), "made of other weights, or by another version"),
    "another format": (changed(format=2), "made of other weights, or by another version"),
    "a body changed": (longer, "int8/body.onnx is damaged or missing"),
    "a body missing": (lambda path: (path / "body.bin").unlink(), "int8/body.bin is damaged or"),
    "a body linked": (linked, "int8/body.bin is damaged or missing"),
    "no report": (
        lambda path: (path / "report.json").unlink(),
        "report.json is missing from int8/",
    ),
    "no JSON": (lambda path: (path / "report.json").write_text("{"), "report.json is not valid"),
    "no hashes": (changed(sha256=None), "is not whole"),
    "text for a share": (changed(same_ids="0.999"), "is not whole"),
    "no number": (changed(same_ids=float("nan")), "is not whole"),
    "no figures": (changed(f32={"mean_iou": 1}), "is not whole"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_is_stale_or_damaged_is_one_line_that_says_what_helps(folder: Path, case: str) -> None:
    spoil, says = SPOILT[case]
    spoil(folder)
    with pytest.raises(EngineError) as refused:
        read_int8(folder, IDENTITY)
    message = str(refused.value)
    assert says in message
    assert message.endswith("; `python -m container quantize` makes it anew")
    assert "\n" not in message
    assert find_int8(folder, IDENTITY) is None


def test_none_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="int8 needs int8/ in the model, which is not there"):
        read_int8(tmp_path / "int8", IDENTITY)
    assert find_int8(tmp_path / "int8", IDENTITY) is None


def loss(by: float) -> dict[str, Figures]:
    return {"f32": F32, "int8": replace(INT8, mean_iou=0.8 - by)}


@pytest.mark.parametrize(
    ("values", "is_faithful"),
    [
        ({}, True),
        ({"same_ids": 0.99}, True),
        ({"same_ids": 0.9899}, False),
        (loss(0.0049), True),
        (loss(0.0051), False),
        (loss(-0.1), True),
        ({"f32": None, "int8": None}, True),
        ({"f32": None, "int8": None, "same_ids": 0.9}, False),
    ],
)
def test_auto_takes_what_is_as_exact_as_it_should_be(
    values: dict[str, Any], *, is_faithful: bool
) -> None:
    assert replace(REPORT, **values).is_faithful is is_faithful


def test_reading_it_imports_neither_onnx_nor_openvino() -> None:
    code = "import sys, model.int8.report; "
    code += "sys.exit(bool({'onnx', 'openvino'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
