"""Reads a request's body, within its limits.

A body that is refused unread is read to its end all the same, within the same limits, and dropped:
a server that answers and closes while the client still sends makes the client see a broken
connection where there was an answer.
"""

import contextlib

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from serve.errors import BodyTooLarge, ReadTimeout
from serve.settings import Settings

_CHUNK_BYTES = 1 << 16


def read_body(request: Request, settings: Settings) -> bytes:
    """The whole body, whatever its label says.

    Raises:
        BodyTooLarge: it is, by its header or as it arrives.
        ReadTimeout: it did not arrive in time, or its sender went away.
    """
    request.max_content_length = settings.max_body_bytes
    try:
        return request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge as err:
        raise BodyTooLarge(max_body_bytes=settings.max_body_bytes) from err
    except (TimeoutError, ClientDisconnected) as err:
        raise ReadTimeout(timeout_s=settings.read_timeout_s) from err


def drop_body(request: Request, settings: Settings) -> None:
    """Read and forget what is left of the body, at most as much as one body may be."""
    stream = request.environ["wsgi.input"]
    with contextlib.suppress(OSError):
        for _ in range(0, settings.max_body_bytes, _CHUNK_BYTES):
            if not stream.read(_CHUNK_BYTES):
                return
