"""`quantize` on the demo model and photos that the test labels with what f32 says of them."""

import json
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from container.__main__ import main
from model import engines
from model.archive import unpack
from model.artifact import read_artifact
from model.convert import graphs_of
from model.cpu import has_native_bf16, has_vnni
from model.engines.engine import LargePhotos
from model.engines.openvino import OpenVINOEngine
from model.graphs import FILES, identity_of
from model.int8.report import read_int8
from tests.artifacts import photo_pixels

DEMO = Path("demo/model")
BINS = (1, 2, 3, 6)
SIZES = ((300, 451), (280, 420), (260, 390), (320, 481), (240, 361), (340, 511))
NEEDS_VNNI = pytest.mark.skipif(not has_vnni(), reason="int8 needs cores with VNNI")


def png(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos and their annotations: f32's own masks, but for a band that is ignored."""
    folder = tmp_path_factory.mktemp("photos")
    graphs = graphs_of(read_artifact(DEMO), BINS, cache=folder / "cache", timeout_s=300)
    engine = OpenVINOEngine(graphs, precision="f32", threads=2)
    for number, (height, width) in enumerate(SIZES):
        pixels = photo_pixels(height, width)
        labels = engine.predict(pixels).mask()
        labels[:8] = 255
        png(folder / "images" / f"{number}.png", pixels)
        png(folder / "annotations" / f"{number}.png", labels)
    return folder


@pytest.fixture(scope="module")
def quantized(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo model's archive, by photos with annotations."""
    out = tmp_path_factory.mktemp("quantized") / "out.tar.gz"
    assert main(arguments(photos, out, "--annotations", str(photos / "annotations"))) == 0
    return out


def arguments(photos: Path, out: Path, *more: str) -> list[str]:
    images = str(photos / "images")
    return ["quantize", "--model-dir", str(DEMO), "--images", images, "-o", str(out), *more]


def unpacked(archive: Path, folder: Path) -> Path:
    folder.mkdir()
    unpack(archive, folder)
    return folder


def error(said: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(said)
    (line,) = capsys.readouterr().err.splitlines()
    return code, line


@NEEDS_VNNI
def test_the_archive_is_a_package_with_int8_inside(quantized: Path, tmp_path: Path) -> None:
    with tarfile.open(quantized) as tar:
        names = set(tar.getnames())
    own = {"hyperparams.json", "model_best.params", "classes.json", "graphs/manifest.json"}
    graphs = {f"graphs/{name}" for name in FILES}
    bodies = {f"int8/{name}.onnx" for name in ("body", "tile", "tile_pools")}
    assert names == own | graphs | bodies | {"int8/body.bin", "int8/report.json"}
    folder = unpacked(quantized, tmp_path / "model")
    artifact = read_artifact(folder)
    assert artifact.named == read_artifact(DEMO).named
    report = read_int8(folder / "int8", identity_of(artifact, BINS)).report
    assert (report.photos_calibrated, report.photos_judged, report.convolutions) == (3, 3, 45)
    assert 0.9 < report.same_ids_worst_photo <= report.same_ids < 1
    assert report.f32 is not None
    assert report.int8 is not None
    assert report.f32.pixel_accuracy == 1
    assert 0.9 < report.int8.pixel_accuracy < 1
    assert len(report.int8.iou) == 3


@NEEDS_VNNI
def test_large_photos_run_in_quantized_tiles(quantized: Path, tmp_path: Path) -> None:
    folder = unpacked(quantized, tmp_path / "model")
    graphs = graphs_of(read_artifact(folder), BINS, cache=tmp_path, timeout_s=300)
    of_int8 = replace(graphs, int8=folder / "int8")
    photo = photo_pixels(1000, 1400)
    whole, tiled = (
        OpenVINOEngine(of_int8, precision="int8", threads=2, large=LargePhotos(tile_pixels=most))
        for most in (0, 500_000)
    )
    same = whole.predict(photo).mask() == tiled.predict(photo).mask()
    assert 0.98 < same.mean() < 1


@NEEDS_VNNI
def test_it_prints_what_was_measured(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.tar.gz"
    assert main(arguments(photos, out)) == 0
    title, _, head, *rest = capsys.readouterr().out.splitlines()
    assert title == "fastscnn with 3 classes, 3 photos calibrated, 3 judged"
    bf16 = ["openvino", "bf16"] if has_native_bf16() else []
    assert head.split() == ["openvino", "f32", *bf16, "openvino", "int8"]
    # Without annotations nothing is said of IoU.
    starts = ("s a photo", "same ids", "on the worst photo", "", "left out", "SEG_", "wrote ")
    assert all(line.startswith(start) for line, start in zip(rest, starts, strict=True)), rest
    assert rest[-1] == f"wrote {out}"
    folder = unpacked(out, tmp_path / "model")
    report = json.loads((folder / "int8" / "report.json").read_text())
    assert (report["f32"], report["int8"]) == (None, None)


@NEEDS_VNNI
def test_package_keeps_it_and_inspect_shows_it(
    quantized: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again.tar.gz"
    assert main(["package", str(quantized), "-o", str(again)]) == 0
    assert again.read_bytes() == quantized.read_bytes()
    capsys.readouterr()
    assert main(["inspect", str(again)]) == 0
    said = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert said["int8"].startswith("inside; 9")
    assert " of 45 convolutions left out; auto " in said["int8"]


@NEEDS_VNNI
def test_what_was_made_of_other_weights_is_not_kept(
    quantized: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = unpacked(quantized, tmp_path / "model"), tmp_path / "out.tar.gz"
    path = folder / "int8" / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "key": "another"}))
    assert main(["package", str(folder), "-o", str(out)]) == 0
    with tarfile.open(out) as tar:
        assert not [name for name in tar.getnames() if name.startswith("int8")]
    capsys.readouterr()
    assert main(["inspect", str(folder)]) == 0
    assert "not used: int8/ was made of other weights" in capsys.readouterr().out


@NEEDS_VNNI
def test_evaluate_measures_it(
    quantized: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--images", str(photos / "images"), "--annotations", str(photos / "annotations")]
    numbers = ["--json", str(tmp_path / "out.json")]
    choice = ["--engines", "openvino:f32,openvino:int8"]
    assert main(["evaluate", "--model-dir", str(quantized), *where, *choice, *numbers]) == 0
    capsys.readouterr()
    f32, int8 = json.loads((tmp_path / "out.json").read_text())["engines"]
    assert (f32["precision"], int8["precision"]) == ("f32", "int8")
    assert f32["pixel_accuracy"] == 1
    assert 0.9 < int8["same_ids"] < 1


@NEEDS_VNNI
@pytest.mark.parametrize(
    ("change", "exit_code", "says"),
    [
        (["--label-map", "x.json"], 2, "--label-map says what annotations mean: it needs --annot"),
        (["--images", "missing"], 2, "there is no folder at missing"),
        (["--annotations", "missing"], 2, "there is no folder at missing"),
        (["--model-dir", "missing"], 3, "there is no model at missing"),
        (["-o", "demo"], 2, "'demo' is there and would be lost"),
        (["-o", "missing/out.tar.gz"], 2, "cannot be written: No such file"),
        (
            ["--images", "demo/photos"],
            7,
            "demo/photos has 2 photos to quantize by; 4 are the least",
        ),
    ],
)
def test_arguments_that_cannot_be_used_are_one_line(
    photos: Path, capsys: pytest.CaptureFixture[str], change: list[str], exit_code: int, says: str
) -> None:
    code, line = error(arguments(photos, photos / "out.tar.gz", *change), capsys)
    assert (code, says in line) == (exit_code, True), line


@NEEDS_VNNI
def test_a_photo_that_is_none_is_named_before_any_network_runs(
    photos: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("container.quantize.graphs_of", None)
    copied = Path(shutil.copytree(photos, tmp_path / "photos"))
    (copied / "images" / "2.png").write_bytes(b"no photo")
    code, line = error(arguments(copied, tmp_path / "out.tar.gz"), capsys)
    assert (code, "images/2.png cannot be used" in line) == (7, True), line


def test_without_vnni_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "has_vnni", lambda: False)
    code, line = error(arguments(tmp_path, tmp_path / "out.tar.gz"), capsys)
    assert (code, line.startswith("error: int8 needs cores with VNNI")) == (2, True), line


def test_the_command_imports_neither_onnx_nor_openvino_before_it_runs() -> None:
    code = "import sys, container.quantize; sys.exit(bool({'onnx', 'openvino'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
