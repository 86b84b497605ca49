import socket
from collections.abc import Iterator

import pytest

from container.deadline_socket import DeadlineSocket

Pair = tuple[DeadlineSocket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Ours, and the client's."""
    ours, clients = socket.socketpair()
    with DeadlineSocket(fileno=ours.detach()) as server, clients:
        yield server, clients


def test_a_silent_client_is_there(pair: Pair) -> None:
    assert not pair[0].is_hung_up()


def test_one_that_has_sent_its_next_request_is_there_and_nothing_is_lost(pair: Pair) -> None:
    server, client = pair
    client.sendall(b"GET")
    assert not server.is_hung_up()
    assert server.recv(3) == b"GET"


@pytest.mark.parametrize("how", [socket.SHUT_WR, socket.SHUT_RDWR])
def test_one_that_will_send_no_more_has_hung_up(pair: Pair, how: int) -> None:
    server, client = pair
    client.shutdown(how)
    assert server.is_hung_up()


def test_one_whose_socket_is_gone_has_hung_up(pair: Pair) -> None:
    server, client = pair
    client.close()
    assert server.is_hung_up()
    server.close()
    assert server.is_hung_up()
