"""A socket that waits for its client no longer than it may, in either direction."""

import errno
import math
import socket
import time

_PEEK_BYTES = 8192


class DeadlineSocket(socket.socket):
    """Blocking, but not for ever.

    What runs out raises a TimeoutError whose errno is that of a client that went away: gunicorn
    closes such a connection without a word where the request had not begun or the answer had.
    """

    read_by = math.inf
    """Monotonic seconds after which nothing more is read."""
    write_timeout_s = 60.0
    """What the client may take to read an answer, however small."""
    slowest_bytes_per_s = 100_000
    """And the rate at which it must read a large one."""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As `socket.recv`, until `read_by` or the socket's own timeout, whichever is first."""
        own = self.gettimeout()
        left = max(self.read_by - time.monotonic(), 1e-6)
        allowed = min(left, math.inf if own is None else own)
        try:
            self.settimeout(None if allowed == math.inf else allowed)
            return super().recv(bufsize, flags)
        except TimeoutError as err:
            raise TimeoutError(errno.ECONNRESET, "the request did not arrive in time") from err
        finally:
            self.settimeout(own)

    def sendall(self, data: bytes, flags: int = 0, /) -> None:  # type: ignore[override]
        """As `socket.sendall`, for as long as the slowest of clients may take."""
        own = self.gettimeout()
        try:
            self.settimeout(self.write_timeout_s + len(data) / self.slowest_bytes_per_s)
            super().sendall(data, flags)
        except TimeoutError as err:
            raise TimeoutError(errno.EPIPE, "the answer was not read in time") from err
        finally:
            self.settimeout(own)

    def is_hung_up(self) -> bool:
        """Whether the client has closed its side: it will send no more, and asks for no more."""
        try:
            return not super().recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def peek(self) -> bytes:
        """What has arrived and is not read yet, without waiting."""
        try:
            return super().recv(_PEEK_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return b""

    def swap(self, taken_bytes: int, reply: bytes) -> bool:
        """Take what `peek` has shown and reply, without waiting; returns whether it all went."""
        try:
            super().recv(taken_bytes, socket.MSG_DONTWAIT)
            return self.send(reply, socket.MSG_DONTWAIT) == len(reply)
        except OSError:
            return False
