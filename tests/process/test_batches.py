"""A server that batches answers as one that does not, to the byte."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from tests.artifacts import Recipe
from tests.server import CAT, DEMO_MODEL, RunningServer

Answer = tuple[int, str, bytes]


def photos(count: int, width: int, height: int) -> list[bytes]:
    """Different views of one cat, so that nobody can be given another's answer unnoticed."""
    written = []
    with Image.open(CAT) as cat:
        for left in range(count):
            out = io.BytesIO()
            cat.crop((10 * left, 5 * left, 10 * left + width, 5 * left + height)).save(out, "PNG")
            written.append(out.getvalue())
    return written


def asked(server: RunningServer, bodies: list[bytes], accept: str, clients: int) -> list[Answer]:
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(lambda body: server.post(body, Accept=accept), bodies))


def test_many_clients_get_what_each_would_alone() -> None:
    same, others = photos(8, 200, 160), photos(4, 161, 200)
    mixed = [body for pair in zip(same, others * 2, strict=True) for body in pair]
    with RunningServer(
        SEG_BATCH_SIZE="8", SEG_PRECISION="f32", SEG_CACHE_MB="0", SEG_QUEUE_SIZE="16"
    ) as server:
        server.wait_until_ready()
        assert "batches of up to 8: as set" in server.output
        for accept in ("image/png", "application/x-npy;topk=2;dtype=uint8"):
            alone = {body: asked(server, [body], accept, 1)[0] for body in mixed}
            assert len({body for status, _, body in alone.values() if status == 200}) == 12
            for bodies in (same, mixed, same, mixed):
                found = asked(server, bodies, accept, len(bodies))
                assert found == [alone[body] for body in bodies]
        assert '"batch": ' in server.output


@pytest.mark.parametrize("is_small", [True, False])
def test_auto_says_what_it_measured_and_does_not_batch_a_large_network(
    is_small: bool, artifact_of: Callable[[Recipe], Path]
) -> None:
    model = DEMO_MODEL if is_small else artifact_of(Recipe("fcn"))
    with RunningServer(model, SEG_PRECISION="f32") as server:
        server.wait_until_ready()
        (line,) = [line for line in server.output.splitlines() if "batches" in line]
    assert " ms alone" in line
    assert is_small or "no batches: one photo of " in line
