"""What the image's health check says."""

import socket
from concurrent.futures import ThreadPoolExecutor

from container.health import is_healthy
from tests.server import RunningServer


def test_a_server_that_is_ready_is_well(demo_server: RunningServer) -> None:
    assert is_healthy(demo_server.port)


def test_where_nobody_listens_nobody_is() -> None:
    with RunningServer() as server:
        server.process.terminate()
        server.process.wait(60)
        assert not is_healthy(server.port)


def test_who_speaks_no_http_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(is_healthy, other.getsockname()[1])
        connection, _ = other.accept()
        with connection:
            connection.sendall(b"220 mail\r\n")
        assert not asked.result()
