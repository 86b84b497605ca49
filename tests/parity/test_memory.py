"""Photos of many sizes do not fill the memory.

All libraries keep what they prepared for each size they have seen; unbounded, the 180 sizes here
cost 290 MB in MXNet and 400 MB in OpenVINO. Each engine runs in a process of its own: MXNet reads
its bound once, when the first network runs.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.artifact import read_artifact
from model.engines import EngineChoice, prepare_engine
from model.engines.engine import PRECISIONS


@pytest.mark.parametrize("engine", PRECISIONS)
def test_many_photo_sizes_do_not_fill_the_memory(engine: str, tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.parity.test_memory", engine, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(said.stdout) < 150


def _growth_mb(engine: str, cache: Path) -> float:
    artifact = read_artifact(Path("demo/model"))
    runner = prepare_engine(artifact, EngineChoice(engine, "f32"), cache)()
    sizes = np.random.default_rng(0).integers(32, 300, (240, 2))

    def resident_mb_after(photos: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> float:
        for height, width in photos:
            runner.predict(np.zeros((height, width, 3), np.uint8)).mask()
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

    return -resident_mb_after(sizes[:60]) + resident_mb_after(sizes[60:])


if __name__ == "__main__":
    print(_growth_mb(sys.argv[1], Path(sys.argv[2])))
