"""`convert` and `package`: what they write is what `serve` finds."""

import os
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from container.__main__ import main
from model.archive import unpack
from model.artifact import read_artifact
from model.graphs import FILES, FOLDER, MANIFEST, find_graphs, identity_of
from model.instances.artifact import read_instance_artifact
from model.instances.convert import identity_of_instances
from model.instances.networks import NETWORKS
from tests.tensorpack import tensorpack_arrays

DEMO = Path("demo/model")
BINS = (1, 2, 3, 6)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo model with its graphs beside it."""
    folder = Path(shutil.copytree(DEMO, tmp_path_factory.mktemp("model") / "model"))
    assert main(["convert", str(folder)]) == 0
    return folder


def error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    return code, line


def test_convert_writes_graphs_into_the_artifact(converted: Path) -> None:
    identity = identity_of(read_artifact(converted), BINS)
    assert find_graphs([converted / FOLDER], identity) is not None
    assert main(["convert", str(converted)]) == 0  # once more takes their place


def test_convert_writes_where_it_is_told(tmp_path: Path, converted: Path) -> None:
    out = tmp_path / "out"
    assert main(["convert", str(converted), "-o", str(out)]) == 0
    assert find_graphs([out], identity_of(read_artifact(converted), BINS)) is not None


def test_convert_replaces_nothing_but_graphs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "my web app"}')
    (tmp_path / "thesis.txt").write_text("years of work")
    code, line = error(["convert", str(DEMO), "-o", str(tmp_path)], capsys)
    assert (code, "manifest.json that is no graphs'" in line) == (2, True)
    (tmp_path / "manifest.json").unlink()
    assert main(["convert", str(DEMO), "-o", str(tmp_path)]) == 0
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("place", ["pipe", "file", "x" * 300])
def test_convert_into_what_is_no_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    code, line = error(["convert", str(DEMO), "-o", str(tmp_path / place)], capsys)
    assert (code, "cannot be written" in line) == (2, True)


@pytest.mark.parametrize("place", ["model/model_best.params", "pipe", "folder"])
def test_a_package_takes_no_place_but_an_archives(
    tmp_path: Path, converted: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    model = Path(shutil.copytree(converted, tmp_path / "model"))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    code, line = error(["package", str(model), "-o", str(tmp_path / place)], capsys)
    assert (code, "is there and would be lost" in line) == (2, True)
    assert (tmp_path / "pipe").is_fifo()
    weights = "model_best.params"
    assert (model / weights).read_bytes() == (converted / weights).read_bytes()


def test_convert_of_an_archive_needs_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "model.tar.gz"
    archive.touch()
    assert error(["convert", str(archive)], capsys)[0] == 2


def test_a_package_holds_all_that_serving_reads_and_can_be_packaged_again(
    tmp_path: Path, converted: Path
) -> None:
    out, again, folder = tmp_path / "out.tar.gz", tmp_path / "again.tar.gz", tmp_path / "folder"
    assert main(["package", str(converted), "-o", str(out)]) == 0
    with tarfile.open(out) as tar:
        names = set(tar.getnames())
    graphs = {MANIFEST, *FILES}
    own = {"hyperparams.json", "model_best.params", "classes.json"}
    assert names == own | {f"{FOLDER}/{name}" for name in graphs}
    folder.mkdir()
    unpack(out, folder)
    artifact = read_artifact(folder)
    assert artifact.named == read_artifact(DEMO).named
    assert find_graphs([folder / FOLDER], identity_of(artifact, BINS)) is not None
    assert main(["package", str(out), "-o", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_a_package_takes_names_and_colours(tmp_path: Path, converted: Path) -> None:
    out, folder = tmp_path / "out.tar.gz", tmp_path / "folder"
    names = ["--classes", "ground, tabby,hound", "--palette", "voc"]
    assert main(["package", str(converted), "-o", str(out), *names]) == 0
    folder.mkdir()
    unpack(out, folder)
    named = read_artifact(folder).named
    assert named is not None
    assert named.names == ("ground", "tabby", "hound")
    assert named.palette == ((0, 0, 0), (128, 0, 0), (0, 128, 0))


def test_a_package_says_what_settings_told_of_a_mask_rcnn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, out, folder = tmp_path / "model", tmp_path / "out.tar.gz", tmp_path / "folder"
    model.mkdir()
    np.savez(model / "weights.npz", **tensorpack_arrays(NETWORKS["mask_rcnn_tensorpack"]))
    monkeypatch.setenv("SEG_ALGORITHM", "mask_rcnn_tensorpack")
    names = ["--classes", "a,b,c,d,e", "--palette", "voc"]
    assert main(["package", str(model), "-o", str(out), *names]) == 0
    monkeypatch.delenv("SEG_ALGORITHM")
    folder.mkdir()
    unpack(out, folder)
    artifact = read_instance_artifact(folder)
    assert artifact.algorithm_name == "mask_rcnn_tensorpack"
    assert find_graphs([folder / FOLDER], identity_of_instances(artifact)) is not None
    assert artifact.named is not None
    assert artifact.named.palette is not None
    assert artifact.named.palette[0] == (128, 0, 0)  # the first is no background


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["--classes", "a,b"], 3, "--classes: 'classes' must be a list of 3"),
        (["--classes", "a,b,b"], 3, "--classes: two classes have the same name"),
        (["--classes", "missing.json"], 2, "there is no file missing.json"),
    ],
)
def test_names_that_do_not_fit_are_refused(
    *,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    exit_code: int,
    says: str,
) -> None:
    out = tmp_path / "out.tar.gz"
    code, line = error(["package", str(DEMO), "-o", str(out), *arguments], capsys)
    assert (code, says in line) == (exit_code, True), line
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, converted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "missing" / "out.tar.gz"
    code, line = error(["package", str(converted), "-o", str(out)], capsys)
    assert (code, "cannot be written: No such file" in line) == (2, True)
