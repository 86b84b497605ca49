"""What the engines say where there is no memory for a photo: each in a process of its own.

There really is none. Failed allocations are told from other errors by their words alone, which a
new version may change.
"""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.artifact import read_artifact
from model.engines import EngineChoice, prepare_engine
from model.engines.engine import PRECISIONS, is_out_of_memory

_SIDE = 2000  # a single layer's output is 48 MB
_SPARE_BYTES = 60 << 20


@pytest.mark.parametrize("engine", PRECISIONS)
def test_an_engine_that_finds_no_memory_is_understood(engine: str, tmp_path: Path) -> None:
    module = "tests.parity.test_out_of_memory"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module, engine, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.splitlines()[-1] == "understood", said.stdout


def _starve(engine: str, cache: Path) -> None:
    artifact = read_artifact(Path("demo/model"))
    runner = prepare_engine(artifact, EngineChoice(engine, "f32"), cache)()
    runner.predict(np.zeros((64, 64, 3), np.uint8)).mask()
    photo = np.zeros((_SIDE, _SIDE, 3), np.uint8)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + _SPARE_BYTES, most))
    try:
        runner.predict(photo).mask()
    except (MemoryError, RuntimeError) as err:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        print(err)
        print("understood" if is_out_of_memory(err) else "not understood")


if __name__ == "__main__":
    _starve(sys.argv[1], Path(sys.argv[2]))
