import tarfile
from pathlib import Path

import pytest

from container.__main__ import main
from container.folders import model_folder
from model.errors import ArtifactError

MODEL = Path("demo/model")


def test_inspect_says_what_an_artifact_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(MODEL)]) == 0
    said = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines()[:5])
    assert said["algorithm"] == "fastscnn"
    assert said["classes"] == "3: background, cat, dog"
    assert said["served"] == "model_best.params"


def test_inspect_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hyperparams.json").write_text('{"algorithm": "fcn"}')
    assert main(["inspect", str(tmp_path)]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: model_best.params and model_algo-1 are both missing")


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["serve"],
        ["inspect"],
        ["convert"],
        ["package"],
        ["quantize"],
        ["predict"],
        ["evaluate"],
        ["deploy"],
        ["deploy", "delete"],
    ],
)
def test_help_is_everywhere(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    assert left.value.code == 0
    assert "usage: python -m container" in capsys.readouterr().out


def test_a_directory_is_used_where_it_lies() -> None:
    with model_folder(MODEL) as folder:
        assert folder == MODEL


def test_an_archive_is_unpacked_for_as_long_as_it_is_needed(tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(MODEL / "hyperparams.json", "hyperparams.json")
    with model_folder(archive) as folder:
        assert (folder / "hyperparams.json").read_bytes() == (
            MODEL / "hyperparams.json"
        ).read_bytes()
    assert not folder.exists()


@pytest.mark.parametrize("command", [["inspect"], ["serve", "--model-dir"]])
def test_no_room_for_an_archive_is_one_line(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive = tmp_path / "model.tar.gz"
    archive.touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", "65431")
    assert main([*command, str(archive)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: no temporary folder can be made")


def test_nothing_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no model at"), model_folder(tmp_path / "x"):
        pass
