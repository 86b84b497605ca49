"""What only a whole server shows: gluoncv is imported, gunicorn reads the bytes."""

import http.client
import io
import socket
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from tests.server import CAT, RunningServer


def test_a_cut_photo_is_refused_though_gluoncv_told_pillow_to_accept_it(
    demo_server: RunningServer,
) -> None:
    photo = CAT.read_bytes()
    status, _, body = demo_server.post(photo[: len(photo) // 2], Accept="image/png")
    assert (status, b"undecodable-image" in body) == (400, True)


def test_photos_sent_at_once_are_not_mixed_up(demo_server: RunningServer) -> None:
    photos = [CAT.read_bytes(), CAT.with_name("astronaut.jpg").read_bytes()]
    alone = [demo_server.post(photo, Accept="image/png")[2] for photo in photos]
    with ThreadPoolExecutor(4) as clients:
        together = clients.map(
            lambda i: demo_server.post(photos[i % 2], Accept="image/png"), range(16)
        )
        for i, (status, _, body) in enumerate(together):
            assert (status, body == alone[i % 2]) == (200, True)


def test_chunked_and_counted_bodies_answer_the_same(demo_server: RunningServer) -> None:
    photo = CAT.read_bytes()
    counted = demo_server.post(photo, Accept="image/png")
    connection = demo_server.connect()
    pieces = (photo[i : i + 1000] for i in range(0, len(photo), 1000))
    connection.request("POST", "/invocations", pieces, {"Accept": "image/png"}, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, response.read()) == (counted[0], counted[2])
    connection.close()


def test_a_refused_body_is_read_so_that_the_answer_arrives() -> None:
    with RunningServer(SAGEMAKER_MAX_PAYLOAD_IN_MB="2") as server:
        server.wait_until_ready()
        for size in ((2 << 20) + 1, 3 << 20, 50 << 20):
            status, _, body = server.post(bytes(size))
            assert (status, b"body-too-large" in body) == (413, True)
        status, _, body = server.post(bytes(2 << 20), Content_Type="text/csv")
        assert (status, b"unsupported-media-type" in body) == (415, True)


def test_a_chunked_body_over_the_limit_is_refused_and_not_cut() -> None:
    with RunningServer(SAGEMAKER_MAX_PAYLOAD_IN_MB="1") as server:
        server.wait_until_ready()
        body = CAT.read_bytes() + bytes(2 << 20)
        connection = server.connect()
        pieces = (body[i : i + 9999] for i in range(0, len(body), 9999))
        connection.request("POST", "/invocations", pieces, encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, b"body-too-large" in response.read()) == (413, True)
        connection.close()


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"the size of a chunk"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n", b"a chunk of its body"),
        (b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc", b"its body broke off"),
        (b"Content-Length: 1000\r\n\r\nshort", b"has 5 bytes, Content-Length says 1000"),
    ],
)
def test_a_body_that_contradicts_its_headers_is_the_clients_fault(
    demo_server: RunningServer, rest: bytes, says: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", demo_server.port)) as client:
        client.sendall(b"POST /invocations HTTP/1.1\r\nHost: h\r\n" + rest)
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"bad-request" in answer
    assert says in answer


def test_a_side_longer_than_the_engine_counts_is_refused(demo_server: RunningServer) -> None:
    for height in (32_768, 65_536, 66_000):
        buffer = io.BytesIO()
        Image.new("RGB", (8, height)).save(buffer, "PNG")
        status, _, body = demo_server.post(buffer.getvalue(), Accept="image/png")
        assert (status, b"image-too-large" in body) == (413, True)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 32_767)).save(buffer, "PNG")
    status, _, body = demo_server.post(buffer.getvalue(), Accept="image/png")
    assert status == http.client.OK
    assert Image.open(io.BytesIO(body)).size == (8, 32_767)


def test_a_body_that_does_not_arrive_in_time_is_a_408() -> None:
    with RunningServer(SEG_READ_TIMEOUT_S="1") as server:
        server.wait_until_ready()
        connection = server.connect()
        connection.putrequest("POST", "/invocations")
        connection.putheader("Content-Length", "1000")
        connection.endheaders(b"\xff\xd8")
        response = connection.getresponse()
        assert (response.status, b"read-timeout" in response.read()) == (408, True)
        connection.close()


def test_one_connection_carries_many_requests(demo_server: RunningServer) -> None:
    connection = demo_server.connect()
    for path, method, status in (
        ("/ping", "GET", 200),
        ("/invocations", "POST", 200),
        ("/nowhere", "POST", 404),
        ("/invocations", "POST", 200),
        ("/ping", "GET", 200),
    ):
        body = CAT.read_bytes() if method == "POST" else None
        connection.request(method, path, body, {"Accept": "image/png"})
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()


@pytest.mark.parametrize("size", [(1, 1), (7, 3000), (3000, 7), (317, 201)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "P", "1", "I;16"])
def test_photos_as_people_have_them(
    demo_server: RunningServer, mode: str, size: tuple[int, int]
) -> None:
    photo = Image.linear_gradient("L").resize(size)
    buffer = io.BytesIO()
    if mode == "I;16":
        deep = np.asarray(photo).astype(np.uint16) * 257
        Image.fromarray(deep).save(buffer, "PNG")
    else:
        photo.convert("RGB").convert(mode).save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    status, content_type, body = demo_server.post(buffer.getvalue(), Accept="image/png")
    assert (status, content_type) == (http.client.OK, "image/png"), body
    assert Image.open(io.BytesIO(body)).size == size
