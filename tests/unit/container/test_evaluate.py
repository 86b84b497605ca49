"""`evaluate` on photos that the test labels with what the demo model says of them."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from container.__main__ import main
from model.artifact import read_artifact
from model.engines.mxnet import MXNetEngine
from tests.artifacts import photo_pixels

DEMO = Path("demo/model")
SIZES = {"a": (96, 128), "deep/b": (120, 97), "c": (64, 64)}
ENGINES = "mxnet:f32,openvino:f32,openvino:bf16"


def png(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photos; the labels are mxnet's masks, but for a band ignored and one turned around."""
    folder = tmp_path_factory.mktemp("labelled")
    engine = MXNetEngine(read_artifact(DEMO), (1, 2, 3, 6))
    for stem, (height, width) in SIZES.items():
        pixels = photo_pixels(height, width)
        png(folder / "images" / f"{stem}.png", pixels)
        labels = engine.predict(pixels).mask()
        labels[:8] = 255
        labels[8:16] = (labels[8:16] + 1) % 3
        png(folder / "annotations" / f"{stem}.png", labels)
    (folder / "images" / "notes.txt").write_text("no photo")
    (folder / "images" / "._a.jpg").write_bytes(b"what macOS leaves")
    return folder


@pytest.fixture
def copied(labelled: Path, tmp_path: Path) -> Path:
    """The same to be spoilt."""
    return Path(shutil.copytree(labelled, tmp_path / "labelled"))


def arguments(folder: Path, *more: str) -> list[str]:
    images, annotations = str(folder / "images"), str(folder / "annotations")
    model = ["evaluate", "--model-dir", str(DEMO)]
    return [*model, "--images", images, "--annotations", annotations, *more]


def error(said: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(said)
    (line,) = capsys.readouterr().err.splitlines()
    return code, line


def test_engines_are_measured_on_the_same_photos(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, numbers = tmp_path / "new" / "out", tmp_path / "figures.json"
    more = ["--engines", ENGINES, "-o", str(out), "--json", str(numbers)]
    assert main(arguments(labelled, *more)) == 0
    said = capsys.readouterr().out
    assert said.startswith("fastscnn with 3 classes, 3 photos\n")
    for row in ("mIoU ", "pixel accuracy ", "IoU background ", "IoU cat ", "same ids as the first"):
        assert f"\n{row}" in said
    values = json.loads(numbers.read_text())
    pixels = [(height - 8) * width for height, width in SIZES.values()]
    turned = [8 * width for _, width in SIZES.values()]
    assert (values["photos"], values["pixels"]) == (3, sum(pixels))
    mxnet, f32, bf16 = values["engines"]
    assert mxnet["pixel_accuracy"] == 1 - sum(turned) / sum(pixels)
    assert (mxnet["same_ids"], mxnet["same_ids_worst_photo"]) == (1, 1)
    assert f32["same_ids"] > 0.999
    assert 0.9 < bf16["same_ids_worst_photo"] <= bf16["same_ids"] < 1
    assert np.array(bf16["confusion"]).sum() == sum(pixels)
    assert {path.name for path in out.iterdir()} == {
        f"confusion-{name}.png" for name in ("mxnet-f32", "openvino-f32", "openvino-bf16")
    }
    with Image.open(out / "confusion-mxnet-f32.png") as picture:
        assert picture.mode == "RGB"
        picture.load()


def test_without_engines_it_is_the_one_that_serve_takes(
    labelled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEG_ENGINE", "openvino")
    monkeypatch.setenv("SEG_PRECISION", "f32")
    monkeypatch.setenv("SM_MODEL_DIR", str(DEMO))
    said = arguments(labelled)
    assert main([said[0], *said[3:]]) == 0
    out = capsys.readouterr().out
    assert "openvino f32" in out
    assert "same ids" not in out


Spoil = Callable[[Path], None]


def removed(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def replaced(name: str, content: bytes) -> Spoil:
    return lambda folder: void((folder / name).write_bytes(content))


def void(_: object) -> None:
    pass


def emptied(folder: Path) -> None:
    for name in ("images", "annotations"):
        shutil.rmtree(folder / name)
        (folder / name).mkdir()


def cut_short(folder: Path) -> None:
    """A whole header: known only when the photo's turn comes."""
    buffer = io.BytesIO()
    Image.fromarray(photo_pixels(64, 64)).save(buffer, "PNG")
    (folder / "images" / "c.png").write_bytes(buffer.getvalue()[:2000])
    (folder / "images" / "notes.txt").unlink()  # it would be a warning beside the error


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (removed("annotations/a.png"), "images/a.png has no annotation "),
        (emptied, "images has no file .bmp, .jpeg, .jpg"),
        (replaced("images/a.png", b"no photo"), "images/a.png cannot be used: the photo cannot be"),
        (replaced("annotations/a.png", b"no PNG"), "annotations/a.png cannot be read as PNG"),
    ],
)
def test_photos_that_cannot_be_used_are_one_line_before_any_network_runs(
    *,
    copied: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    spoil: Spoil,
    says: str,
) -> None:
    monkeypatch.setattr(
        "container.evaluate.prepared_engine", None
    )  # to call it would be another error
    spoil(copied)
    code, line = error(arguments(copied), capsys)
    assert (code, says in line) == (7, True), line


def test_a_photo_whose_pixels_are_damaged_is_named(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut_short(copied)
    numbers = copied / "figures.json"
    more = ["--engines", "openvino:f32", "--json", str(numbers)]
    code, line = error(arguments(copied, *more), capsys)
    assert (code, "images/c.png cannot be used: the photo cannot be decoded" in line) == (
        7,
        True,
    ), line
    assert not numbers.exists()


def test_how_many_more_lack_theirs_is_said(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for stem in SIZES:
        (copied / "annotations" / f"{stem}.png").unlink()
    _, line = error(arguments(copied), capsys)
    assert line.startswith("error: 4 problems with the data: ")
    assert all(f"images/{stem}.png has no annotation" in line for stem in SIZES)


def test_what_is_passed_over_is_a_warning(
    labelled: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copied / "images" / "a.png").unlink()
    assert main(arguments(copied, "--engines", "openvino:f32")) == 0
    said = capsys.readouterr()
    assert said.out.startswith("fastscnn with 3 classes, 2 photos\n")
    photos, annotations = copied / "images", copied / "annotations"
    suffixes = ".bmp, .jpeg, .jpg, .mpo, .png, .tif, .tiff, .webp"
    assert said.err.splitlines() == [
        f"warning: files that are none of {suffixes} are passed over: {photos}/notes.txt",
        f"warning: annotations without a photo are passed over: {annotations}/a.png",
    ]


def test_a_label_map_says_what_pixels_mean(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label_map, numbers = copied / "validation_label_map.json", copied / "figures.json"
    for stem, (height, width) in SIZES.items():
        png(copied / "annotations" / f"{stem}.png", np.full((height, width), 7, np.uint8))
    png(copied / "annotations" / "c.png", np.full((64, 64), 9, np.uint8))
    label_map.write_text('{"map": {"2": 7}}')
    more = ["--label-map", str(label_map), "--engines", "openvino:f32", "--json", str(numbers)]
    assert main(arguments(copied, *more)) == 0
    assert capsys.readouterr().err.splitlines()[-1] == (
        "warning: validation_label_map.json leaves out pixel values 9, found in 1 annotations; "
        "they are ignored"
    )
    (values,) = json.loads(numbers.read_text())["engines"]
    rows = np.array(values["confusion"]).sum(axis=1).tolist()
    assert rows == [0, 0, 96 * 128 + 120 * 97]


def test_a_label_map_that_cannot_be_used_is_one_line(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label_map = copied / "label_map.json"
    label_map.write_text('{"map": {"3": 0}}')
    code, line = error(arguments(copied, "--label-map", str(label_map)), capsys)
    assert (code, line) == (
        7,
        "error: label_map.json: label '3' is no class; allowed: 0 to 2, and 255 to ignore",
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--engines", "tvm"], "there is no engine 'tvm'; allowed: openvino, onnxruntime, mxnet"),
        (["--engines", "mxnet:bf16"], "the engine mxnet runs f32, not bf16"),
        (["--engines", ""], "there is no engine ''"),
        (["--images", "missing"], "there is no folder at missing"),
        (["--label-map", "missing.json"], "there is no label map at missing.json"),
        (["-o", "README.md"], "'README.md' cannot be written: File exists"),
        (["--json", "missing/x.json"], "'missing/x.json' cannot be written: No such file"),
    ],
)
def test_arguments_that_cannot_be_used_are_one_line(
    labelled: Path, capsys: pytest.CaptureFixture[str], more: list[str], says: str
) -> None:
    code, line = error(arguments(labelled, *more), capsys)
    assert (code, says in line) == (2, True), line
