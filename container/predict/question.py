"""What a running server is asked of a photo, and asked again while it is busy."""

import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

_LATER = frozenset({429, 502, 503, 504})
_LONGEST_WAIT_S = 8.0


class FailedError(Exception):
    """A photo has no answer; the message is one line."""

    def __init__(self, reason: str, *, may_pass: bool = False) -> None:
        super().__init__(reason)
        self.may_pass = may_pass
        """Whether the same may be answered later."""


@dataclass(frozen=True)
class Question:
    """The same for every photo."""

    url: str
    """http or https."""
    accept: str
    """Type and options, printable."""
    timeout_s: float
    retries: int
    """While the server is busy, starts or is not there."""

    def ask(self, photo: bytes) -> tuple[str, bytes]:
        """Type and body of the answer.

        Raises:
            FailedError: there is none, after all retries that are worth it.
        """
        for attempt in range(self.retries):
            try:
                return self._once(photo)
            except FailedError as err:
                if not err.may_pass:
                    raise
            time.sleep(min(0.5 * 2**attempt, _LONGEST_WAIT_S))
        return self._once(photo)

    def _once(self, photo: bytes) -> tuple[str, bytes]:
        as_sent = self.accept.encode().decode("latin-1")  # UTF-8, by way of http.client
        request = urllib.request.Request(self.url, photo, {"Accept": as_sent})  # noqa: S310  # see url
        request.add_header("Content-Type", "application/octet-stream")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:  # noqa: S310
                return str(answer.headers.get_content_type()), answer.read()
        except urllib.error.HTTPError as err:
            raise FailedError(_told(err), may_pass=err.code in _LATER) from err
        except urllib.error.URLError as err:
            msg = f"no answer from {self.url}: {err.reason}"
            raise FailedError(msg, may_pass=True) from err
        except (OSError, http.client.HTTPException) as err:
            msg = f"no whole answer from {self.url}: {err or type(err).__name__}"
            raise FailedError(msg, may_pass=True) from err


def _told(error: urllib.error.HTTPError) -> str:
    """Status and the server's own words."""
    try:
        body = json.loads(error.read())
        return f"{error.code} {body['code']}: {body['message']}"
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.code} {error.reason}"
