"""Where graphs come from: the artifact, the cache, or a child process."""

import fcntl
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from model.artifact import read_artifact
from model.child import CheckError, KilledError
from model.convert import graphs_of
from model.errors import ArtifactError
from model.graphs import FILES, FOLDER, MANIFEST, find_graphs, identity_of

BINS = (1, 2, 3, 6)
DEMO = Path("demo/model")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "model"))


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the demo model's graphs in it."""
    cache = tmp_path_factory.mktemp("cache")
    graphs_of(read_artifact(DEMO), BINS, cache=cache, timeout_s=300)
    return cache


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a conversion would fail."""
    monkeypatch.setattr("model.convert._CHILD", "model.no_such_module")


def test_a_conversion_leaves_whole_graphs_and_nothing_else(converted: Path) -> None:
    identity = identity_of(read_artifact(DEMO), BINS)
    assert [path.name for path in converted.iterdir()] == [identity.key]
    names = {path.name for path in (converted / identity.key).iterdir()}
    assert names == {MANIFEST, *FILES}


@pytest.mark.usefixtures("no_child")
def test_cached_graphs_are_used_at_once(converted: Path) -> None:
    found = graphs_of(read_artifact(DEMO), BINS, cache=converted, timeout_s=300)
    assert found.folder.parent == converted
    assert (found.identity.classes, found.identity.min_side) == (3, 32)


@pytest.mark.usefixtures("no_child")
def test_graphs_in_the_artifact_come_first(model: Path, converted: Path, tmp_path: Path) -> None:
    shutil.copytree(next(converted.iterdir()), model / FOLDER)
    found = graphs_of(read_artifact(model), BINS, cache=tmp_path / "none", timeout_s=300)
    assert found.folder == model / FOLDER


def test_the_key_changes_with_all_that_goes_in(model: Path) -> None:
    identity = identity_of(read_artifact(model), BINS)
    assert identity_of(read_artifact(model), (1, 2, 3, 4)) != identity
    weights = bytearray((model / "model_best.params").read_bytes())
    weights[1000] ^= 1
    (model / "model_best.params").write_bytes(weights)
    assert identity_of(read_artifact(model), BINS) != identity


@pytest.mark.parametrize(
    "damage",
    [
        "another key",
        "an older format",
        "no body",
        "cut data",
        "other data",
        "a link",
        "no manifest",
    ],
)
def test_graphs_that_are_not_this_artifacts_are_not_found(
    model: Path, converted: Path, damage: str
) -> None:
    folder = Path(shutil.copytree(next(converted.iterdir()), model / FOLDER))
    identity = identity_of(read_artifact(model), BINS)
    assert find_graphs([folder], identity) is not None
    manifest = json.loads((folder / MANIFEST).read_text())
    match damage:
        case "another key":
            (folder / MANIFEST).write_text(json.dumps(manifest | {"key": "0" * 64}))
        case "an older format":
            (folder / MANIFEST).write_text(json.dumps(manifest | {"format": 0}))
        case "cut data":
            with (folder / "body.bin").open("r+b") as file:
                file.truncate(1000)
        case "other data":
            with (folder / "body.bin").open("r+b") as file:
                file.write(b"\xff\xff")
        case "a link":
            (folder / "body.bin").rename(folder / "elsewhere")
            (folder / "body.bin").symlink_to("elsewhere")
        case "no body":
            (folder / "body.onnx").unlink()
        case _:
            (folder / MANIFEST).write_text("{")
    assert find_graphs([folder], identity) is None


def test_damaged_graphs_are_made_anew(tmp_path: Path, converted: Path) -> None:
    (name,) = (path.name for path in converted.iterdir())
    folder = Path(shutil.copytree(converted / name, tmp_path / name))
    (folder / "body.onnx").write_bytes(b"")
    (folder / "notes").write_text("mine")
    found = graphs_of(read_artifact(DEMO), BINS, cache=tmp_path, timeout_s=300)
    assert found.path("body").read_bytes() == (converted / name / "body.onnx").read_bytes()
    assert {path.name for path in folder.iterdir()} == {MANIFEST, *FILES, "notes"}


def test_what_a_killed_conversion_has_left_is_removed(tmp_path: Path, converted: Path) -> None:
    folder = tmp_path / next(converted.iterdir()).name
    for name in (".part.dead", ".part.alive"):
        (folder / name).mkdir(parents=True)
        (folder / name / "lock").touch()
    with (folder / ".part.alive" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        graphs_of(read_artifact(DEMO), BINS, cache=tmp_path, timeout_s=300)
    assert [path.name for path in folder.glob(".part.*")] == [".part.alive"]


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        graphs_of(read_artifact(DEMO), BINS, cache=tmp_path / "file", timeout_s=300)


def test_a_folder_left_half_made_is_replaced(tmp_path: Path, converted: Path) -> None:
    key = next(converted.iterdir()).name
    (tmp_path / key).mkdir()
    (tmp_path / key / "body.onnx").write_bytes(b"half")
    found = graphs_of(read_artifact(DEMO), BINS, cache=tmp_path, timeout_s=300)
    assert found.path("mask").is_file()


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    (tmp_path / "stand_in.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}.")
    monkeypatch.setattr("model.convert._CHILD", "stand_in")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", f"signal {signal.SIGSEGV:d}"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", f"signal {signal.SIGKILL:d}"),
        ("raise MemoryError", "MemoryError"),
    ],
)
def test_a_child_that_dies_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    stand_in(tmp_path, monkeypatch, code)
    with pytest.raises(CheckError, match=says) as crashed:
        graphs_of(read_artifact(DEMO), BINS, cache=tmp_path / "cache", timeout_s=300)
    assert "\n" not in str(crashed.value)
    assert not list((tmp_path / "cache").iterdir())


def test_a_child_that_was_killed_is_told_from_one_that_crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, kind in ((signal.SIGKILL, KilledError), (signal.SIGSEGV, CheckError)):
        stand_in(tmp_path, monkeypatch, f"import os; os.kill(os.getpid(), {number:d})")
        with pytest.raises(CheckError) as crashed:
            graphs_of(read_artifact(DEMO), BINS, cache=tmp_path / "cache", timeout_s=300)
        assert crashed.type is kind


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, "import signal; signal.pause()")
    with pytest.raises(CheckError, match=r"longer than 0\.5 s"):
        graphs_of(read_artifact(DEMO), BINS, cache=tmp_path / "cache", timeout_s=0.5)


def test_an_artifact_that_does_not_fit_is_named(model: Path, tmp_path: Path) -> None:
    (model / "hyperparams.json").write_text('{"algorithm": "icnet"}')
    with pytest.raises(ArtifactError, match=r"model_best\.params"):
        graphs_of(read_artifact(model), BINS, cache=tmp_path / "cache", timeout_s=300)
