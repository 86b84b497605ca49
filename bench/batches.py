"""Photos a second by how many run at once and how many clients ask: the demo model.

Servers with each SEG_BATCH_SIZE run side by side and are asked in turn, so that noise falls on all.
"""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.bare import write_photo
from bench.load import load
from bench.servers import Server, serving
from model.upsampling import Size

BATCH_SIZES = (1, 4, 8)
CLIENTS = (1, 4, 8)
SIZES: tuple[Size, ...] = ((224, 224), (480, 480))
_ROUNDS, _REQUESTS = 7, 96
_MODEL = "demo/model"


@dataclass(frozen=True)
class Batches:
    """So many clients, each sending the next photo when the last is answered."""

    precision: str
    size: Size
    clients: int
    images_per_s: dict[int, float]
    """Median by SEG_BATCH_SIZE."""
    cpu_ms: dict[int, float]
    """Of the server, a photo; median likewise. What others run beside it disturbs this least."""


def batches(folder: Path) -> list[Batches]:
    """Every precision, size and number of clients."""
    return [row for precision in ("f32", "bf16") for row in _batches(folder, precision)]


def _batches(folder: Path, precision: str) -> list[Batches]:
    settings = {"SEG_PRECISION": precision, "SEG_CACHE_DIR": str(folder / "cache")}
    settings |= {"SEG_CACHE_MB": "0", "SEG_QUEUE_SIZE": "16"}  # the same photo comes again
    command = ["container", "serve", "--model-dir", _MODEL]
    with ExitStack() as stack:
        servers = {
            most: stack.enter_context(serving(command, SEG_BATCH_SIZE=str(most), **settings))
            for most in BATCH_SIZES
        }
        return [
            Batches(precision, size, clients, *_measured(servers, photo, clients))
            for size in SIZES
            for photo in [write_photo(folder / "photo.jpg", size)[0]]
            for clients in CLIENTS
        ]


def _measured(
    servers: dict[int, Server], photo: bytes, clients: int
) -> tuple[dict[int, float], dict[int, float]]:
    rates: dict[int, list[float]] = {most: [] for most in servers}
    cpu_ms: dict[int, list[float]] = {most: [] for most in servers}
    for _ in range(_ROUNDS):
        for most, server in servers.items():
            before_s = server.cpu_s()
            measured = load(server, photo, "image/png", clients=clients, requests=_REQUESTS)
            rates[most].append(measured.images_per_s)
            cpu_ms[most].append(1000 * (server.cpu_s() - before_s) / (_REQUESTS + 1))
    return _medians(rates), _medians(cpu_ms)


def _medians(found: dict[int, list[float]]) -> dict[int, float]:
    return {most: statistics.median(values) for most, values in found.items()}


def show(rows: list[Batches]) -> None:
    """The table."""
    print("\nthe demo model by SEG_BATCH_SIZE: photos a second; processor ms of the server a photo")
    print(f"{'':30}" + "".join(f"{most:>8}" for most in 2 * BATCH_SIZES))
    for row in rows:
        label = f"  {row.precision}, {row.size[0]}x{row.size[1]}, {row.clients} at once"
        cells = [*row.images_per_s.values(), *row.cpu_ms.values()]
        print(f"{label:30}" + "".join(f"{cell:8.1f}" for cell in cells))
