"""Clients that ask a server at once, and how long each of them waited."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from bench.servers import Server


@dataclass(frozen=True)
class Load:
    """What so many clients saw, each sending its next photo when the last is answered."""

    clients: int
    requests: int
    p50_s: float
    p90_s: float
    p99_s: float
    images_per_s: float


def load(server: Server, photo: bytes, accept: str, *, clients: int, requests: int) -> Load:
    """Send `requests` in all, from `clients` threads; one before them is not counted."""
    server.ask(photo, accept)
    with ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        answers = list(pool.map(lambda _: server.ask(photo, accept), range(requests)))
        taken = time.perf_counter() - start
    seconds = [answer.seconds for answer in answers]
    p50, p90, p99 = (float(np.percentile(seconds, percent)) for percent in (50, 90, 99))
    return Load(clients, requests, p50, p90, p99, requests / taken)
