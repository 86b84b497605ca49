"""Photos meant to hurt (tests/hostile/photos), posted to a server: refused in words, one by one.

Nothing of them stays: the process is the same, good photos are answered, and the memory is flat.
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.hostile.photos import CASES, MAX_PIXELS
from tests.hostile.photos.case import Case
from tests.memory import forget_peak, memory_mb, worker_of
from tests.photos import noise, saved
from tests.server import CAT, RunningServer

PEAK_MB = 96  # most of it the network's, for photos of shapes it has not seen
GROWTH_MB = 6
REFUSED = {name: case for name, case in CASES.items() if case.status != 200}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with RunningServer(
        SEG_MAX_PIXELS=str(MAX_PIXELS),
        SEG_CACHE_MB="0",
        MALLOC_ARENA_MAX="1",  # a heap for each thread would fill by and by, and hide a leak
    ) as running:
        running.wait_until_ready()
        largest = saved(noise(1000, MAX_PIXELS // 1000, 3), "JPEG")
        assert running.post(largest, Accept="image/png")[0] == 200
        yield running


def walk(server: RunningServer, cases: dict[str, Case]) -> float:
    """Post all; returns what is resident then."""
    for name, case in cases.items():
        status, *_ = server.post(case.body, Accept="image/png")
        assert status == case.status, name
    return memory_mb(worker_of(server), "VmRSS")


def test_there_are_at_least_sixty_and_they_are_small() -> None:
    assert len(CASES) >= 60
    assert max(len(case.body) for case in CASES.values()) < 20_000
    assert sum(len(case.body) for case in CASES.values()) < 400_000


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_is_answered_as_it_says(server: RunningServer, case: Case) -> None:
    status, content_type, body = server.post(case.body, Accept="image/png")
    if case.status == 200:
        assert (status, content_type) == (200, "image/png"), body
        return
    refusal = json.loads(body)
    assert (status, refusal["code"]) == (case.status, case.code)
    assert refusal.keys() == {"code", "message", "request_id", "details"}
    assert case.says in refusal["message"]
    assert not re.search(r"[<>/\\]|0x|PIL|Error|line \d", refusal["message"]), refusal


def test_they_leave_nothing_behind(server: RunningServer) -> None:
    process = worker_of(server)
    before = memory_mb(process, "VmRSS")
    forget_peak(process)
    walk(server, CASES)
    first, *others = (walk(server, REFUSED) for _ in range(3))
    assert max(others) < first + GROWTH_MB
    assert memory_mb(process, "VmHWM") < before + PEAK_MB
    assert server.post(CAT.read_bytes(), Accept="image/png")[0] == 200
    assert worker_of(server) == process
    assert "inference-failed" not in server.output
    assert "internal-error" not in server.output
