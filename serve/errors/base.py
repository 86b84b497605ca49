"""What every error has: a status, a code, words and facts, and whose fault it is."""

from collections.abc import Sequence
from typing import ClassVar, NewType

MAX_ECHO_CHARACTERS = 80
_MAX_OWN_CHARACTERS = 500

OurWords = NewType("OurWords", str)
"""A sentence of this program's own, in which whatever others wrote is cut already."""


class ServeError(Exception):
    """A request that gets no picture: `status`, `code`, `message` and `details` (JSON values)."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's head says besides."""
        return {}

    def body(self, request_id: str) -> dict[str, object]:
        """Return the answer's body, ready for JSON."""
        return {
            "code": self.code,
            "message": self.message,
            "request_id": request_id,
            "details": self.details,
        }


class ClientError(ServeError):
    """The request is at fault: sent again as it is, it fails again."""


class ServerFault(ServeError):
    """The server is at fault, or busy: the same request may do later."""


def shown(value: str) -> str:
    """Return what of `value` can be shown on one line: printable characters, at most 80."""
    return "".join(filter(str.isprintable, value))[:MAX_ECHO_CHARACTERS]


def in_one_line(words: OurWords) -> OurWords:
    """Return our own words, which may be longer than what is echoed."""
    line = "".join(filter(str.isprintable, " ".join(words.split())))
    return OurWords(line[:_MAX_OWN_CHARACTERS])


def listed(values: str | Sequence[str]) -> str:
    """Return the values in one line; words stay as they are."""
    return values if isinstance(values, str) else ", ".join(values)
