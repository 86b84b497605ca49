"""Each reader of anybody's bytes, fed by libFuzzer: the same inputs each time, each new to it."""

import re
import subprocess
import time
from pathlib import Path

import pytest

from fuzz.run import FOUND, INPUT_TIMEOUT_S, TARGETS, Limit, run

RUNS = 20_000

BREAKS = """
def seeds():
    return [b"ab", b"abc"]

def check(content):
    if len(content) > 2:
        {what}
"""


def test_the_readers_are_all_there() -> None:
    expected = {"decode", "json_request", "load_request", "media", "options", "params", "recordio"}
    assert TARGETS.keys() == expected | {"checkpoint", "instances_json", "train_recordio"}


def test_cleaning_up_keeps_what_was_found() -> None:
    told = ["make", "--dry-run", "clean"]
    removed = subprocess.run(told, check=True, capture_output=True, text=True).stdout
    assert "demo/out" in removed
    assert f"fuzz/{FOUND.name}" not in removed


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_it(name: str) -> None:
    said = run(TARGETS[name], Limit(runs=RUNS))
    assert not said, said


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("raise KeyError(content)", "KeyError: b'abc'"),
        ("while True: pass", "ERROR: libFuzzer: timeout"),
        ("bytearray(b'x') * (2 << 30)", "ERROR: libFuzzer: out-of-memory"),
    ],
)
def test_what_breaks_is_said_and_kept(
    what: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "breaks.py").write_text(BREAKS.format(what=what))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    began = time.monotonic()
    assert re.search(said, run("breaks", Limit(runs=RUNS), tmp_path))
    assert time.monotonic() - began < 10 * INPUT_TIMEOUT_S
    (kept,) = tmp_path.glob("breaks-*")
    if "memory" not in said:  # looked at once a second: it may be another input's turn by then
        assert len(kept.read_bytes()) > 2
