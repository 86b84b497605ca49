"""The child that tries an artifact: what it says and how it dies is one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from model.check import check_artifact
from model.child import CheckError
from model.errors import ArtifactError
from model.params import read_params, write_params
from tests.artifacts import Recipe, write_artifact

BINS = (1, 2, 3, 6)
LONG_S = 300.0


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    write_artifact(folder, Recipe("fastscnn", "none"))
    return folder


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source file of a module that is run in the real child's place."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("model.check._CHILD", "stand_in")
    return tmp_path / "stand_in.py"


def crash(folder: Path, timeout_s: float = LONG_S) -> str:
    with pytest.raises(CheckError) as crashed:
        check_artifact(folder, BINS, timeout_s=timeout_s)
    return str(crashed.value)


def test_a_good_artifact_passes(good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check_artifact(good, BINS, timeout_s=LONG_S)
    assert capfd.readouterr() == ("", "")


def test_a_bad_artifact_is_refused_with_the_childs_line(good: Path, tmp_path: Path) -> None:
    shutil.copy(good / "hyperparams.json", tmp_path)
    weights = read_params(good / "model_best.params")
    weights.pop("classifier.conv.bias")
    write_params(tmp_path / "model_best.params", weights)
    with pytest.raises(ArtifactError) as refused:
        check_artifact(tmp_path, BINS, timeout_s=LONG_S)
    assert str(refused.value) == (
        "model_best.params lacks 'classifier.conv.bias'; fastscnn with 5 classes was expected"
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            "import os; os.kill(os.getpid(), 11)",
            "loading the model crashed (signal 11): no message",
        ),
        ("import os; os.kill(os.getpid(), 9)", "loading the model crashed (signal 9): no message"),
        (
            "import os, sys\nprint('free(): bad', file=sys.stderr, flush=True)\nos.abort()",
            "loading the model crashed (signal 6): free(): bad",
        ),
        (
            "raise RuntimeError('no such operator\\n')",
            "loading the model crashed (exit code 1): RuntimeError: no such operator",
        ),
        ("import sys; sys.exit(7)", "loading the model crashed (exit code 7): no message"),
        (
            r"import sys; sys.stderr.buffer.write(b'half \xff\n\n \n'); sys.exit(7)",
            "loading the model crashed (exit code 7): half \ufffd",
        ),
    ],
)
def test_a_crash_is_one_line(child: Path, tmp_path: Path, source: str, says: str) -> None:
    child.write_text(source)
    assert crash(tmp_path) == says


def test_a_child_that_hangs_is_ended_and_said_so(child: Path, tmp_path: Path) -> None:
    child.write_text("import signal\nprint('on my way', flush=True)\nsignal.pause()")
    assert crash(tmp_path, timeout_s=0.5) == "loading the model took longer than 0.5 s"


def test_a_refusal_is_the_last_line_after_whatever_libraries_said(
    child: Path, tmp_path: Path
) -> None:
    child.write_text("import sys\nprint('warning\\n\\nthe line ', file=sys.stderr)\nsys.exit(3)")
    with pytest.raises(ArtifactError) as refused:
        check_artifact(tmp_path, BINS, timeout_s=LONG_S)
    assert str(refused.value) == "the line"


def test_the_child_is_given_the_folder_and_the_bins(
    child: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child.write_text("import sys\nprint(sys.argv[1:], file=sys.stderr)\nsys.exit(3)")
    monkeypatch.chdir(tmp_path)  # the child runs elsewhere
    with pytest.raises(ArtifactError) as refused:
        check_artifact(Path("my model"), (1, 2, 3, 4), timeout_s=LONG_S)
    assert str(refused.value) == str([str(tmp_path / "my model"), "1,2,3,4"])


def test_a_child_that_says_much_does_not_block(child: Path, tmp_path: Path) -> None:
    child.write_text("import sys\nfor out in (sys.stdout, sys.stderr):\n    out.write('x' * 9**6)")
    check_artifact(tmp_path, BINS, timeout_s=LONG_S)
