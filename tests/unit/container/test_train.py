"""How a job ends that never begins to train; tests/process/test_train.py has those that do."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from container import train
from container.__main__ import main
from tests.training import write_job

if TYPE_CHECKING:
    from train.loader import Loader
    from train.plan import Plan

SMALL = ((24, 32),)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a good job of two photos; SAGEMAKER_BASE_DIR."""
    write_job(tmp_path, photos=2, validation_sizes=SMALL, epochs=1)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(train, "_train", _never)
    return tmp_path


def _never(_: object) -> int:
    msg = "it began to train"
    raise AssertionError(msg)


def ended(base: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and the failure file, which stderr ends with."""
    code = main(["train"])
    text = (base / "output" / "failure").read_text()
    assert text.endswith("\n")
    (line,) = text.splitlines()
    assert capsys.readouterr().err.splitlines()[-1] == f"error: {line}"
    return code, line


def tell(base: Path, **values: object) -> None:
    path = base / "input/config/hyperparameters.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_an_unknown_hyperparameter(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell(base, learning_rat="0.1")
    code, line = ended(base, capsys)
    assert code == 1
    assert line.startswith(
        "ClientError: 'learning_rat'='0.1' is no hyperparameter; there are backbone, "
    )


def test_a_channel_that_is_missing(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = base / "input/config/inputdataconfig.json"
    path.write_text(json.dumps({"train": {"TrainingInputMode": "File"}}))
    code, line = ended(base, capsys)
    assert code == 1
    assert line.startswith("ClientError: the job lacks channels train_annotation, validation, ")


def test_a_file_of_sagemakers_that_is_missing(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (base / "input/config/resourceconfig.json").unlink()
    assert ended(base, capsys) == (
        2,
        f"AlgorithmError: resourceconfig.json is missing from {base / 'input/config'}",
    )


def test_a_photo_without_annotation(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (base / "input/data/train_annotation/1.png").unlink()
    assert ended(base, capsys) == (
        1,
        "ClientError: a problem with the data: train/1.png has no annotation "
        "train_annotation/1.png",
    )


@pytest.mark.parametrize(
    ("engine", "precision", "said"),
    [
        ("torch", "auto", "SEG_ENGINE='torch'"),
        ("openvino", "f16", "the engine openvino runs f32 or bf16 or int8, not f16"),
        ("openvino", "int8", "SEG_PRECISION=int8 is for serving: a model is quantized when it is"),
    ],
)
@pytest.mark.usefixtures("base")
def test_a_setting_that_cannot_be_used(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    precision: str,
    said: str,
) -> None:
    monkeypatch.setenv("SEG_ENGINE", engine)
    monkeypatch.setenv("SEG_PRECISION", precision)
    code, line = ended(Path(os.environ["SAGEMAKER_BASE_DIR"]), capsys)
    assert code == 1
    assert line.startswith(f"ClientError: {said}")


def test_a_model_to_go_on_from_that_is_none(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (base / "input/data/model").mkdir()
    path = base / "input/config/inputdataconfig.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model": {}}))
    code, line = ended(base, capsys)
    assert code == 1
    assert line.startswith("ClientError: channel model has nothing; allowed: one model.tar.gz of ")


def test_what_nobody_foresaw_is_ours_and_the_log_has_its_trace(
    base: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_dataset(_: object) -> None:
        msg = "two\nlines"
        raise RuntimeError(msg)

    monkeypatch.setattr(train, "read_dataset", read_dataset)
    assert main(["train"]) == 2
    assert (base / "output/failure").read_text() == "AlgorithmError: RuntimeError: two lines\n"
    said = capsys.readouterr().err
    assert "Traceback (most recent call last)" in said
    assert said.endswith("\nerror: AlgorithmError: RuntimeError: two lines\n")


@pytest.mark.parametrize(
    "case",
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "ClientError: a volume is full; a "),
        (
            OSError(errno.EROFS, "Read-only file system", "/opt/ml/model/x"),
            2,
            "AlgorithmError: /opt/ml/model/x: Read-only file system",
        ),
    ],
    ids=["full", "read-only"],
)
def test_a_disk_that_takes_nothing_is_a_line_without_a_trace(
    base: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[OSError, int, str],
) -> None:
    err, code, line = case

    def refuse(_: object) -> int:
        raise err

    monkeypatch.setattr(train, "_train", refuse)
    found, said = ended(base, capsys)
    assert found == code
    assert said.startswith(line)


def test_the_reason_of_an_earlier_try_goes(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (base / "output").mkdir()
    (base / "output/failure").write_text("AlgorithmError: it rained\n")
    monkeypatch.setattr(train, "_train", lambda _: 0)
    assert main(["train"]) == 0
    assert not (base / "output/failure").exists()


def test_a_failure_file_that_cannot_be_written_changes_nothing_else(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (base / "output").write_text("no folder")
    tell(base, epochs="0")
    assert main(["train"]) == 1
    assert capsys.readouterr().err.endswith(
        "error: ClientError: epochs='0' cannot be used; allowed: whole number, 1 or more\n"
    )


def test_a_job_that_was_trained_leaves_no_failure(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "_train", lambda _: 0)
    assert main(["train"]) == 0
    assert not (base / "output").exists()


def test_comparisons_that_fail_are_a_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x.png")

    monkeypatch.setattr(train, "_write_comparisons", refuse)
    train._compare(cast("Plan", None), cast("Loader", None))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "comparisons cannot be written: " in caplog.text
    assert "No space left on device" in caplog.text


def test_mxnet_is_not_imported_before_the_data_are_judged(tmp_path: Path) -> None:
    """Of a job whose every photo was opened and whose very last check fails."""
    write_job(tmp_path, photos=2, validation_sizes=SMALL)
    (tmp_path / "input/data/model").mkdir()
    path = tmp_path / "input/config/inputdataconfig.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model": {}}))
    code = "import sys; from container.__main__ import main; code = main(['train']); "
    code += "sys.exit(9 if {'mxnet', 'gluoncv'} & set(sys.modules) else code)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "channel model has nothing" in ended.stderr
