"""Asynchronous endpoints wait for up to an hour: what a request may take, and what does not end it.

Nothing here waits for an hour, or for the minute of the default. A deadline of a second is shown to
matter, and a long one to keep the same requests; and so for what else counts seconds.
"""

import io
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from tests.server import CAT, RunningServer
from tests.slow_server import GUNICORNS_S, SlowServer
from tests.transform_photos import LARGE

AT_ONCE = 12


def large_photo() -> bytes:
    stream = io.BytesIO()
    with Image.open(CAT) as photo:
        photo.resize(LARGE[::-1]).save(stream, "JPEG")
    return stream.getvalue()


def statuses(timeout_s: int) -> tuple[list[int], float]:
    """Of many that ask at once, and the seconds that the last to be answered waited."""
    photo = large_photo()
    with (
        RunningServer(
            SAGEMAKER_MODEL_SERVER_TIMEOUT=str(timeout_s),
            SEG_QUEUE_SIZE=str(AT_ONCE),
            SEG_READ_TIMEOUT_S="1",
            SEG_CACHE_MB="0",
        ) as server,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        server.wait_until_ready()
        asked = [pool.submit(server.post, photo, Accept="image/png") for _ in range(AT_ONCE)]
        answered = [each.result()[0] for each in asked]
        assert server.stop() == 0
        lines = [json.loads(line) for line in server.output.splitlines() if "queue_ms" in line]
    return answered, max(line["queue_ms"] for line in lines) / 1000


def test_a_long_deadline_keeps_what_a_short_one_drops() -> None:
    """Nor does it matter that they wait for longer than a request may take to arrive."""
    short, _ = statuses(1)
    assert set(short) == {200, 504}
    long, waited_s = statuses(3600)
    assert waited_s > 1, "this machine is too fast for the test"
    assert set(long) == {200}


def test_gunicorns_own_timeout_is_not_a_requests(tmp_path: Path) -> None:
    """That is for event loops that hang; ours turns while the network runs."""
    go = tmp_path / "go"
    os.mkfifo(go)
    with SlowServer(go, SEG_BATCH_SIZE="1") as server, ThreadPoolExecutor(1) as pool:
        go.write_bytes(b"")  # for the photo that warms it up
        server.wait_until_ready()
        asked = pool.submit(server.post, CAT.read_bytes(), Accept="image/png")
        enough_at = time.monotonic() + 3 * GUNICORNS_S
        while time.monotonic() < enough_at:
            assert server.ping() == 200
        assert not asked.done()
        go.write_bytes(b"")
        assert asked.result()[0] == 200
        assert "WORKER TIMEOUT" not in server.output
