"""A whole server answers the largest allowed photo in the memory that docs/limits.md states."""

from pathlib import Path

import pytest
from PIL import Image

from serve.settings import Settings
from tests.memory import forget_peak, memory_mb, worker_of
from tests.photos import saved
from tests.server import RunningServer

SIZE = (5000, Settings().max_pixels // 5000)
ANSWERS_MB = {
    "image/png": 800,
    "image/png-overlay": 1700,
    "application/json;regions=rle": 2000,
    "application/json;regions=polygons": 2800,
}


@pytest.fixture(scope="module")
def noise() -> bytes:
    """As large as allowed; noise makes scattered classes, long outlines and large pictures."""
    height, width = SIZE
    return saved(Image.effect_noise((width, height), 60).convert("RGB"), "JPEG")


@pytest.mark.parametrize("accept", ANSWERS_MB)
def test_the_largest_photo_takes_what_the_table_says(accept: str, noise: bytes) -> None:
    stated_mb = ANSWERS_MB[accept]
    assert f"| `{accept}` | {stated_mb} |" in Path("docs/limits.md").read_text()
    with RunningServer(SEG_CACHE_MB="0", SEG_BATCH_SIZE="1") as server:
        worker = worker_of(server.wait_until_ready())
        server.post(saved(Image.new("RGB", (64, 64)), "PNG"), Accept=accept)
        at_rest_mb = memory_mb(worker, "VmRSS")
        forget_peak(worker)
        status, _, _ = server.post(noise, Accept=accept)
        peak_mb = memory_mb(worker, "VmHWM")
    assert status == 200
    assert stated_mb / 2 < peak_mb - at_rest_mb < stated_mb
