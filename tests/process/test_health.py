"""What the image's health check says."""

from container.health import is_healthy
from tests.server import RunningServer


def test_a_server_that_is_ready_is_well(demo_server: RunningServer) -> None:
    assert is_healthy(demo_server.port)


def test_where_nobody_listens_nobody_is() -> None:
    with RunningServer() as server:
        server.process.terminate()
        server.process.wait(60)
        assert not is_healthy(server.port)
