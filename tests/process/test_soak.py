"""Two thousand requests of many sizes and types: what the server holds does not grow with them."""

import io
import itertools
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from tests.artifacts import photo_pixels
from tests.memory import resident_mb
from tests.server import RunningServer

TYPES = (
    "image/png",
    "image/jpeg-overlay",
    "image/png-overlay;legend=1;outline=2",
    "image/webp-overlay",
    "image/png-mask",
    "application/json;regions=rle",
    "application/x-npy;topk=2",
    "application/x-recordio-protobuf",
)
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
CLIENTS = 4


def photos() -> list[bytes]:
    """Sixty sizes from 32 to 400 pixels a side, in four formats; every ninth is damaged."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(60):
        height, width = (int(side) for side in rng.integers(32, 400, 2))
        stream = io.BytesIO()
        Image.fromarray(photo_pixels(height, width)).save(stream, FORMATS[number % 4])
        found.append(stream.getvalue()[: -200 if number % 9 == 0 else None])
    return found


def ask(server: RunningServer, wishes: list[tuple[bytes, str]]) -> set[int]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return set(pool.map(lambda wish: server.post(wish[0], Accept=wish[1])[0], wishes))


def test_memory_after_the_second_thousand_is_that_after_the_first() -> None:
    """Within 2 %."""
    pairs = list(itertools.product(photos(), TYPES))
    thousand = (pairs * 3)[:1000]
    with RunningServer(SEG_CACHE_MB="8") as server:
        server.wait_until_ready()
        after = []
        for turn in range(2):
            random.Random(turn).shuffle(thousand)
            assert ask(server, thousand) == {200, 400}
            after.append(resident_mb(server.process.pid))
        assert after[1] < 1.02 * after[0], after
