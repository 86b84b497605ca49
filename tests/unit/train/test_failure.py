from pathlib import Path

import pytest

from train.errors import AlgorithmError, ClientError, HyperparameterError
from train.failure import MAX_CHARACTERS, reason, write_failure


@pytest.mark.parametrize(
    ("err", "line"),
    [
        (ClientError("two\n  lines"), "ClientError: two lines"),
        (HyperparameterError("epochs='0'"), "ClientError: epochs='0'"),
        (AlgorithmError("a file"), "AlgorithmError: a file"),
        (KeyError("x"), "AlgorithmError: KeyError: 'x'"),
    ],
)
def test_the_first_word_says_whose_fault_it_is(err: Exception, line: str) -> None:
    assert reason(err) == line


def test_no_more_is_written_than_sagemaker_shows(tmp_path: Path) -> None:
    just = "x" * (MAX_CHARACTERS - len("ClientError: "))
    assert reason(ClientError(just)) == f"ClientError: {just}"
    longer = reason(ClientError(just + "x"))
    assert len(longer) == MAX_CHARACTERS
    assert longer.endswith("x…")


def test_the_file_and_its_folder_are_made(tmp_path: Path) -> None:
    path = tmp_path / "output" / "failure"
    assert write_failure(path, ClientError("a \udcff 天"))
    assert path.read_text(encoding="utf-8") == "ClientError: a \\udcff 天\n"


def test_a_file_that_cannot_be_written_hides_nothing(tmp_path: Path) -> None:
    assert not write_failure(tmp_path, ClientError("x"))
