"""A quantized model served: taken by `auto` where its report says so, or asked for by name."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from container.__main__ import main
from model.archive import unpack
from model.cpu import has_vnni
from tests.artifacts import photo_pixels
from tests.server import CAT, DEMO_MODEL, RunningServer

pytestmark = pytest.mark.skipif(not has_vnni(), reason="int8 needs cores with VNNI")


@pytest.fixture(scope="module")
def quantized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo model with int8/ in it, calibrated on the cat it is asked about."""
    folder = tmp_path_factory.mktemp("quantized")
    (folder / "images").mkdir()
    for number in range(6):
        pixels = photo_pixels(300 - 30 * number, 451 - 40 * number)
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
    out, model = folder / "out.tar.gz", folder / "model"
    asked = ["--model-dir", str(DEMO_MODEL), "--images", str(folder / "images"), "-o", str(out)]
    assert main(["quantize", *asked]) == 0
    model.mkdir()
    unpack(out, model)
    return model


def reporting(quantized: Path, folder: Path, **values: Any) -> Path:
    """A copy whose report says something else."""
    model = Path(shutil.copytree(quantized, folder / "model"))
    path = model / "int8" / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    return model


def answer(server: RunningServer) -> dict[str, Any]:
    status, _, body = server.post(CAT.read_bytes(), Accept="application/json;regions=rle")
    assert status == 200, body
    said: dict[str, Any] = json.loads(body)
    return said


def pixels(said: dict[str, Any]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    counts = {entry["id"]: entry["pixels"] for entry in said["classes"]}
    return np.array([counts.get(class_id, 0) for class_id in range(3)], np.float64)


def test_auto_takes_what_is_exact_and_marks_the_same_cat(
    quantized: Path, tmp_path: Path, demo_server: RunningServer
) -> None:
    with RunningServer(reporting(quantized, tmp_path, same_ids=0.99)) as server:
        said = answer(server.wait_until_ready())
        assert "loaded by openvino in int8" in server.output
    assert (said["engine"], said["precision"]) == ("openvino", "int8")
    before = answer(demo_server)
    assert before["precision"] in {"bf16", "f32"}
    moved = np.abs(pixels(said) - pixels(before)).sum()
    assert 0 < moved < 0.03 * 300 * 451


@pytest.mark.parametrize(
    "values",
    [
        {"same_ids": 0.9899},
        {"key": "of other weights"},
        {
            "f32": {"mean_iou": 0.8, "pixel_accuracy": 0.9, "iou": []},
            "int8": {"mean_iou": 0.79, "pixel_accuracy": 0.9, "iou": []},
        },
    ],
)
def test_auto_passes_over_what_is_not(
    quantized: Path, tmp_path: Path, values: dict[str, Any]
) -> None:
    with RunningServer(reporting(quantized, tmp_path, **values)) as server:
        said = answer(server.wait_until_ready())
        assert said["precision"] in {"bf16", "f32"}
        assert "int8" not in server.output


def test_asked_for_it_is_taken_as_it_is(quantized: Path, tmp_path: Path) -> None:
    model = reporting(quantized, tmp_path, same_ids=0.5)
    with RunningServer(model, SEG_PRECISION="int8") as server:
        assert answer(server.wait_until_ready())["precision"] == "int8"


def test_asked_for_where_it_is_not_there_or_stale_the_start_ends_in_one_line(
    quantized: Path, tmp_path: Path
) -> None:
    stale = reporting(quantized, tmp_path, key="of other weights")
    for model, says in ((DEMO_MODEL, "int8 needs int8/ in the model"), (stale, "of other weights")):
        with RunningServer(model, SEG_PRECISION="int8") as server:
            assert server.wait_for_end() == 2
            (line,) = server.output.splitlines()
            assert line.startswith("error: int8")
            assert says in line
            assert "`python -m container quantize` makes it" in line
