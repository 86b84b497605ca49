"""The gunicorn worker: threads for photos, and /ping answered beside them.

gunicorn's threaded worker hands every new connection to its pool at once, where a silent client
holds a thread for five seconds and a slow one until it is done; with all threads held, /ping waits
like everybody else and SageMaker replaces the container. Here

- a connection stays with the event loop until it has sent something, so silence costs no thread;
- `GET /ping` that has arrived whole is answered by the event loop itself, which never waits;
- a request must arrive, and an answer be read, within a deadline;
- lingering at the end of a connection happens on the request's thread: gunicorn does it in the
  event loop, which one slow client would stop for two seconds;
- where there are as many connections as may be, the longest silent one makes room.
"""

import contextlib
import errno
import re
import socket
import sys
import time
import uuid
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from container.bad_http import error_of, reply
from container.deadline_socket import DeadlineSocket
from serve.errors import InternalError

_PING = b"GET /ping HTTP/1."
_NOT_PLAIN = (b"\r\ncontent-length", b"\r\ntransfer-encoding", b"\r\nexpect", b"\r\nupgrade")
_CLOSE = re.compile(rb"\r\nconnection:[^\r]*close")
_LINGER_S = 2.0
_NOBODY = {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}
_NO_MORE_FILES = {errno.EMFILE, errno.ENFILE}
_TURN_S = 0.0005


class Connection(TConn):
    """A connection that the event loop closes without waiting for the client."""

    def close(self, graceful: bool = False) -> None:
        """Close at once; `PingLaneWorker.handle` has lingered already where that was due."""
        util.close(self.sock)


class PingLaneWorker(ThreadWorker):
    """gunicorn's threaded worker with the differences above.

    Its application has `healthy()` and `refused()`, see container/server.py.
    """

    read_timeout_s = 30.0

    def init_process(self) -> None:
        """Have threads take turns ten times as often as Python would.

        Each that computes may hold the event loop up for a turn. Beside 64 clients that ask without
        pause, 1,200 times a second, the slowest ping of a hundred took 0.11 s, and takes 0.09 so.
        """
        sys.setswitchinterval(_TURN_S)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Take all connections that have knocked, as far as there is room for them.

        Their first bytes come to the event loop. gunicorn takes one for each turn of the loop, and
        the last of many would wait for as many turns; at the end none may be left.
        """
        for _ in range(self.worker_connections):
            if self.nr_conns >= self.worker_connections and not self.pending_conns:
                return
            try:
                accepted, client = listener.accept()
            except OSError as err:
                if err.errno in _NO_MORE_FILES:
                    self._drop_silent()
                elif err.errno not in _NOBODY:
                    raise
                return
            self._admit(accepted, client, listener)

    def _admit(self, accepted: socket.socket, client: Any, listener: socket.socket) -> None:
        sock = DeadlineSocket(fileno=accepted.detach())
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        conn.timeout = time.monotonic() + self.read_timeout_s
        self.nr_conns += 1
        self._make_room()
        self.pending_conns.append(conn)
        self.poller.register(sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: Any) -> None:
        """Answer a ping; give any other connection with something to read to a thread."""
        conn.data_ready = True
        if not self._answered_ping(conn):
            super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Answer one request; wait for the client to read it where the connection ends."""
        conn.sock.read_by = time.monotonic() + self.read_timeout_s
        keep = super().handle(conn)
        if not keep:
            conn.sock.read_by = time.monotonic() + _LINGER_S
            util.close_graceful(conn.sock, timeout=_LINGER_S)
        return keep

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what could not be parsed, in JSON; it is logged and counted as any refusal."""
        error, request_id = error_of(exc), uuid.uuid4().hex
        cause = exc if isinstance(error, InternalError) else None
        answer = reply(error, request_id)
        with contextlib.suppress(OSError):
            client.sendall(answer)
        self.app.refused(error, request_id, cause)  # type: ignore[attr-defined]

    def _answered_ping(self, conn: Any) -> bool:
        """Whether a ping was all that had arrived first, and is dealt with."""
        if conn.parser is not None and conn.parser.unreader.buf.getvalue():
            return False  # what has arrived belongs to a request that is half read
        head = _ping_head(conn.sock.peek())
        if head is None:
            return False
        conn.init()  # finish_request() asks its parser for what was read ahead
        keep = self.alive and head.startswith(b"get /ping http/1.1") and not _CLOSE.search(head)
        healthy = self.app.healthy()  # type: ignore[attr-defined]  # container/server.py's
        sent = conn.sock.swap(len(head), _ping_reply(healthy=healthy, keep=keep))
        done: Future[bool] = Future()
        done.set_result(keep and sent)
        self.finish_request(conn, done)
        return True

    def _make_room(self) -> None:
        if self.nr_conns >= self.worker_connections:
            self._drop_silent()

    def _drop_silent(self) -> None:
        """Close the connection that has been silent longest, if one has."""
        if self.pending_conns:
            silent = self.pending_conns.popleft()
            self.poller.unregister(silent.sock)
            self.nr_conns -= 1
            silent.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """When stopping, take what has knocked, and no more.

        Nor are connections waited for that have sent nothing. A listener that stays open while
        others are answered would let clients in, to be thrown out at the end.
        """
        for listener in self.sockets:
            self.accept(listener)
            listener.close()
        super()._cap_keepalive(deadline)  # type: ignore[misc]  # gunicorn 27, not in its stubs
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout or deadline, deadline)


def _ping_head(arrived: bytes) -> bytes | None:
    """The head of a ping in lower case, if that is what has arrived, whole and without a body."""
    end = arrived.find(b"\r\n\r\n")
    if end < 0 or not arrived.startswith(_PING):
        return None
    head = arrived[: end + 4].lower()
    return None if any(name in head for name in _NOT_PLAIN) else head


def _ping_reply(*, healthy: bool, keep: bool) -> bytes:
    status = "200 OK" if healthy else "503 Service Unavailable"
    connection = "keep-alive" if keep else "close"
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: {connection}\r\n\r\n".encode()
