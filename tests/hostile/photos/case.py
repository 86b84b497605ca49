"""A hostile photo and what it is answered."""

from dataclasses import dataclass

DAMAGED_HEADER = "its header is damaged or cut short"
DAMAGED_PIXELS = "its pixels are damaged or cut short"
NO_FORMAT = "it begins like none of the accepted formats"


@dataclass(frozen=True)
class Case:
    """A file, the status and code of its answer, and a part of the message."""

    body: bytes
    status: int
    code: str
    says: str


def refused(reason: str, body: bytes) -> Case:
    """A file that cannot be decoded, and why."""
    return Case(body, 400, "undecodable-image", f"{reason}; accepted formats: JPEG, PNG, WEBP, ")


def too_large(height: int, width: int, body: bytes) -> Case:
    """A file that says it is a photo of such a size."""
    return Case(body, 413, "image-too-large", f"{width} wide and {height} high")


def answered(body: bytes) -> Case:
    """An odd file with a photo in it all the same."""
    return Case(body, 200, "", "")
