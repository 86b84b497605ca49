"""Photos a second of a batch transform job, by how many it sends at once: the demo model.

Photos of the sizes that people have, each its own; every number of senders takes its turn with
one server, round after round, so that noise falls on all. What counts is the ratio to one sender.
"""

import io
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.servers import Server, serving
from model.upsampling import Size

CONCURRENCIES = (1, 2, 3, 4, 6, 8)
SIZES: tuple[Size, ...] = ((480, 640), (540, 960), (600, 800), (1080, 1920), (2255, 2826))
TYPES = ("*/*", "image/png")
_PHOTOS, _ROUNDS = 8, 25


@dataclass(frozen=True)
class Transforms:
    """One job after another, with ever more photos at once."""

    accept: str
    images_per_s: dict[int, float]
    """By photos at once, the best round: what others run meanwhile only slows."""
    ratios: dict[int, float]
    """To one at a time, in the same round; median."""
    cpu_ms: float
    """Of the server, a photo."""


def transforms(folder: Path) -> list[Transforms]:
    """Every type."""
    photos = [_photo(number) for number in range(_PHOTOS)]
    settings = {"SAGEMAKER_BATCH": "true", "SEG_CACHE_DIR": str(folder), "SEG_CACHE_MB": "0"}
    settings["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(max(CONCURRENCIES))
    command = ["container", "serve", "--model-dir", "demo/model"]
    with serving(command, **settings) as server:
        return [_measured(server, photos, accept) for accept in TYPES]


def _measured(server: Server, photos: list[bytes], accept: str) -> Transforms:
    rates: dict[int, list[float]] = {count: [] for count in CONCURRENCIES}
    _job(server, photos, accept, 1)
    before_s = server.cpu_s()
    for _ in range(_ROUNDS):
        for count, measured in rates.items():
            measured.append(_job(server, photos, accept, count))
    cpu_ms = 1000 * (server.cpu_s() - before_s) / (_ROUNDS * len(rates) * len(photos))
    best = {count: max(measured) for count, measured in rates.items()}
    ratios = {
        count: statistics.median(np.divide(measured, rates[1])) for count, measured in rates.items()
    }
    return Transforms(accept, best, ratios, cpu_ms)


def _job(server: Server, photos: list[bytes], accept: str, concurrency: int) -> float:
    with ThreadPoolExecutor(concurrency) as pool:
        start = time.perf_counter()
        list(pool.map(lambda photo: server.ask(photo, accept), photos))
        return len(photos) / (time.perf_counter() - start)


def _photo(number: int) -> bytes:
    """A JPEG of the demo's cat; every eighth is of the largest size."""
    height, width = SIZES[-1] if number % 8 == 0 else SIZES[number % (len(SIZES) - 1)]
    out = io.BytesIO()
    with Image.open("demo/photos/chelsea.jpg") as cat:
        cat.crop((number, 0, 400 + number, 300)).resize((width, height)).save(out, "JPEG")
    return out.getvalue()


def show(rows: list[Transforms]) -> None:
    """The table."""
    print(f"\nbatch transform, {_PHOTOS} photos a job, by photos at once")
    print(f"{'':24}" + "".join(f"{count:>8}" for count in CONCURRENCIES) + f"{'cpu ms':>8}")
    for row in rows:
        best = "".join(f"{rate:8.2f}" for rate in row.images_per_s.values())
        ratios = "".join(f"{ratio:8.2f}" for ratio in row.ratios.values())
        print(f"  {row.accept:10} photos a s {best}{row.cpu_ms:8.0f}\n  {'to one':>22}{ratios}")
