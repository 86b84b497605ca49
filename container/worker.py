"""The gunicorn worker: threads for photos, and a lane of its own for /ping.

gunicorn's threaded worker hands every new connection to its pool at once, where a silent client
holds a thread for five seconds and a slow one until it is done; with all threads held, /ping waits
like everybody else and SageMaker replaces the container. Here

- a connection stays with the event loop until it has sent something, so silence costs no thread;
- `GET /ping` that has arrived whole is answered by a thread that does nothing else;
- a request must arrive whole within a deadline, headers and body together;
- lingering at the end of a connection happens on the request's thread: gunicorn does it in the
  event loop, which one slow client would stop for two seconds.
"""

import errno
import math
import socket
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

_PING = b"GET /ping "
_PEEK_BYTES = 4096
_LINGER_S = 2.0


class DeadlineSocket(socket.socket):
    """A socket whose `recv` fails once `deadline` (monotonic seconds) has passed."""

    deadline = math.inf

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As `socket.recv`, blocking until the deadline.

        Raises:
            TimeoutError: the deadline passed; its errno is ECONNRESET, which gunicorn takes for a
                client that went away while it still sent headers.
        """
        left = self.deadline - time.monotonic()
        try:
            self.settimeout(None if left == math.inf else max(left, 1e-6))
            return super().recv(bufsize, flags)
        except TimeoutError as err:
            raise TimeoutError(errno.ECONNRESET, "the request did not arrive in time") from err
        finally:
            self.settimeout(None)

    def peek(self) -> bytes:
        """What has arrived and is not read yet, without waiting."""
        try:
            return super().recv(_PEEK_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return b""


class Connection(TConn):
    """A connection that the event loop closes without waiting for the client."""

    def close(self, graceful: bool = False) -> None:
        """Close at once; `PingLaneWorker.handle` has lingered already where that was due."""
        util.close(self.sock)


class PingLaneWorker(ThreadWorker):
    """gunicorn's threaded worker with the differences above."""

    read_timeout_s = 30.0

    def init_process(self) -> None:
        """Start the lane before the loop."""
        self._ping_lane: Executor = ThreadPoolExecutor(1, thread_name_prefix="ping")
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and wait, in the event loop, for its first bytes."""
        try:
            accepted, client = listener.accept()
        except OSError as err:
            if err.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        sock = DeadlineSocket(fileno=accepted.detach())
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        conn.timeout = time.monotonic() + self.read_timeout_s
        self.nr_conns += 1
        self.pending_conns.append(conn)
        self.poller.register(sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection with something to read to a thread."""
        conn.data_ready = True
        conn.sock.deadline = time.monotonic() + self.read_timeout_s
        arrived = conn.sock.peek()
        if arrived.startswith(_PING) and b"\r\n\r\n" in arrived:
            future = self._ping_lane.submit(super().handle, conn)
        else:
            future = self.tpool.submit(self.handle, conn)
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def _cap_keepalive(self, deadline: float) -> None:
        """When stopping, do not wait for connections that have sent nothing either."""
        super()._cap_keepalive(deadline)  # type: ignore[misc]  # gunicorn 27, not in its stubs
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout or deadline, deadline)

    def handle(self, conn: Any) -> Any:
        """Answer one request; wait for the client to read it where the connection ends."""
        keep = super().handle(conn)
        if not keep:
            conn.sock.deadline = time.monotonic() + _LINGER_S
            util.close_graceful(conn.sock, timeout=_LINGER_S)
        return keep
