"""A binary file read field by field, with the place named in every complaint."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING, NoReturn

from model.errors import ArtifactError

if TYPE_CHECKING:
    from pathlib import Path


class Cursor:
    """A read position in a mapped file, which puts file, byte and part into every refusal."""

    def __init__(self, path: Path) -> None:
        self.part = "header"
        self._name = path.name
        self._field = self._next = 0  # where the last field read begins and ends
        try:
            with path.open("rb") as file:
                self.buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as err:
            self.refuse(f"the file cannot be read: {err.strerror}", err)
        except ValueError as err:  # mmap's word for a length of zero
            self.refuse("the file is empty, expected an MXNet parameter file", err)

    @property
    def remaining(self) -> int:
        """Bytes after the last field."""
        return len(self.buffer) - self._next

    def refuse(self, reason: str, cause: Exception | None = None) -> NoReturn:
        """Raise an ArtifactError that says where in the file the last field was."""
        message = f"{self._name}: byte {self._field}, {self.part}: {reason}"
        raise ArtifactError(message) from cause

    def take(self, size: int, what: str) -> int:
        """Step over `size` bytes and return the offset where they begin."""
        self._field = self._next
        if size > self.remaining:
            self.refuse(f"truncated: {what} needs {size} bytes, found {self.remaining}")
        self._next += size
        return self._field

    def integers(self, layout: str, what: str) -> tuple[int, ...]:
        """Read the little-endian integers that `struct` spells `layout`."""
        start = self.take(struct.calcsize(f"<{layout}"), what)
        return struct.unpack_from(f"<{layout}", self.buffer, start)
