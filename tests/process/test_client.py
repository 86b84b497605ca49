"""client.py against real servers: by HTTP, and by boto3 as against an endpoint of SageMaker."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

from client import Client, EndpointClient, EndpointError
from tests.server import CAT, RunningServer


@pytest.fixture(params=["http", "boto3", "boto3, npy"])
def client(request: pytest.FixtureRequest, demo_server: RunningServer, runtime: Any) -> Any:
    """Each of the ways to ask."""
    if request.param == "http":
        return Client(f"http://127.0.0.1:{demo_server.port}")
    return EndpointClient(runtime, "pets", npy_mask="npy" in request.param)


@pytest.fixture
def mask(demo_server: RunningServer) -> Any:
    """The ids as the built-in's clients get them."""
    answer = demo_server.post(CAT.read_bytes(), Accept="image/png")[2]
    with Image.open(io.BytesIO(answer)) as picture:
        return np.asarray(picture)


def test_ids_are_those_of_the_png(client: Any, mask: Any) -> None:
    ids = client.segment(CAT)
    assert ids.dtype == np.uint8
    np.testing.assert_array_equal(ids, mask)


def test_probabilities_are_those_that_the_ids_come_from(client: Any, mask: Any) -> None:
    with CAT.open("rb") as photo:
        scores = client.probabilities(photo)
    assert (scores.shape, scores.dtype) == ((3, 300, 451), np.float32)
    np.testing.assert_allclose(scores.sum(axis=0), 1, atol=1e-5)
    np.testing.assert_array_equal(scores.argmax(axis=0), mask)


def test_an_overlay_is_a_picture_with_the_options_asked_for(client: Any) -> None:
    photo = CAT.read_bytes()
    with Image.open(io.BytesIO(client.overlay(photo, alpha=0))) as plain, Image.open(CAT) as cat:
        np.testing.assert_array_equal(np.asarray(plain), np.asarray(cat))
    drawn = client.overlay(
        photo, accept="image/webp-overlay", class_=["cat"], legend=True, color=(0, 1, 1)
    )
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.format == "WEBP"
        assert picture.width > 451


def test_a_summary_says_there_is_a_cat(client: Any, mask: Any) -> None:
    told = client.summary(str(CAT), class_="cat", regions="rle")
    (cat,) = told["classes"]
    assert (cat["name"], cat["pixels"]) == ("cat", (mask == 1).sum())
    assert cat["rle"]["size"] == [300, 451]


def test_a_refusal_has_the_servers_words(client: Any, demo_server: RunningServer) -> None:
    with pytest.raises(EndpointError, match="alpha") as refused:
        client.overlay(CAT, alpha=2)
    error = refused.value
    assert (error.status, error.code, error.details["option"]) == (400, "bad-option", "alpha")
    demo_server.wait_for(error.request_id)
    with pytest.raises(EndpointError, match=r"^400 undecodable-image"):
        client.segment(b"no photo")


def test_a_server_that_is_not_up_yet_and_then_has_no_room_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("client._LONGEST_WAIT_S", 0.2)  # the test's patience, not the client's
    server = RunningServer(SEG_QUEUE_SIZE="1", SEG_CACHE_MB="0")
    with server, ThreadPoolExecutor(6) as threads:
        client = Client(f"http://127.0.0.1:{server.port}", retries=1000)
        assert not client.ready()
        ids = list(threads.map(lambda _: client.segment(CAT), range(24)))
        assert client.ready()
        server.wait_for('"code": "overloaded"')
    assert [each.shape for each in ids] == [(300, 451)] * 24
