"""`convert` and `package`: what they write is what `serve` finds."""

import shutil
import tarfile
from pathlib import Path

import pytest

from container.__main__ import main
from model.archive import unpack
from model.artifact import read_artifact
from model.graphs import FOLDER, HEADS, find_graphs, key_of

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
    key = key_of(read_artifact(converted), BINS)
    assert find_graphs([converted / FOLDER], key) is not None
    assert main(["convert", str(converted)]) == 0  # once more takes their place


def test_convert_writes_where_it_is_told(tmp_path: Path, converted: Path) -> None:
    out = tmp_path / "out"
    assert main(["convert", str(converted), "-o", str(out)]) == 0
    assert find_graphs([out], key_of(read_artifact(converted), BINS)) is not None


def test_convert_replaces_nothing_but_graphs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    code, line = error(["convert", str(DEMO), "-o", str(tmp_path)], capsys)
    assert (code, "something else than graphs" in line) == (2, True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


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
    graphs = {"manifest.json", "body.bin", "body.onnx", *(f"{need}.onnx" for need in HEADS)}
    own = {"hyperparams.json", "model_best.params", "classes.json"}
    assert names == own | {f"{FOLDER}/{name}" for name in graphs}
    folder.mkdir()
    unpack(out, folder)
    artifact = read_artifact(folder)
    assert artifact.named == read_artifact(DEMO).named
    assert find_graphs([folder / FOLDER], key_of(artifact, BINS)) is not None
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
