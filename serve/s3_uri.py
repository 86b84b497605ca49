"""`s3://bucket/key`, and the patterns of those that requests may name. Pure; knows no S3.

    uri     = scheme bucket "/" key
    pattern = scheme bucket "/" ( key / [ prefix ] "*" )
    scheme  = "s3://", in any case

A bucket is compared whole. A key is text, compared character by character: S3 has no folders, takes
`%2F` for three characters and tells `a` from `A`, and so do we. Yet what stands before an S3 may
fold a key as if it were a path, so one with an empty, `.` or `..` part is not taken at all.
"""

import re
from dataclasses import dataclass
from typing import Self

_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"  # Amazon S3 user guide, "Bucket naming rules"
_URI = re.compile(rf"(?i:s3)://({_BUCKET})/(.*)", re.DOTALL)
_MAX_KEY_BYTES = 1024  # the same, "Naming Amazon S3 objects"

ALLOWED_URI = "s3://bucket/key, at most 1024 bytes of key, none of its parts empty, . or .."
ALLOWED_PATTERNS = "`s3://bucket/key` or `s3://bucket/prefix*`, commas between"


@dataclass(frozen=True)
class S3Uri:
    """Where an object is, or is to be."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one.

        Raises:
            ValueError: it is none.
        """
        bucket, key = _split(text)
        _check_key(key, key.split("/"))
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class S3Pattern:
    """One object, or all in a bucket whose keys begin alike."""

    bucket: str
    key: str
    is_prefix: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one; the star has a meaning at the end and none elsewhere.

        Raises:
            ValueError: it is none, or one that nothing could match.
        """
        bucket, key = _split(text)
        is_prefix = key.endswith("*")
        key = key.removesuffix("*")
        *parts, last = key.split("/")
        _check_key(key or "any", parts if is_prefix else [*parts, last])
        if "*" in key:
            raise ValueError(ALLOWED_PATTERNS)
        return cls(bucket, key, is_prefix)

    def matches(self, uri: S3Uri) -> bool:
        """Whether it lists this object."""
        is_alike = uri.key.startswith(self.key) if self.is_prefix else uri.key == self.key
        return uri.bucket == self.bucket and is_alike

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}{'*' * self.is_prefix}"


def parse_patterns(text: str) -> tuple[S3Pattern, ...]:
    """Patterns with commas between.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(S3Pattern.parse(part.strip()) for part in text.split(","))


def _split(text: str) -> tuple[str, str]:
    match = _URI.fullmatch(text)
    if match is None:
        raise ValueError(ALLOWED_URI)
    return match[1], match[2]


def _check_key(key: str, parts: list[str]) -> None:
    if not key.isprintable() or len(key.encode()) > _MAX_KEY_BYTES:
        raise ValueError(ALLOWED_URI)
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError(ALLOWED_URI)
