"""Unpacks a model.tar.gz that nobody has vouched for.

Only plain files and folders come out, below the folder given, within bounds on count, depth and
size. A name that would lead outside, a link, a device, an archive that never ends and one that is
damaged are each an ArtifactError.

tarfile believes what headers say: it holds extended ones of any length in memory, follows a size
below zero backwards and takes a damaged header for the end. So it reads through a meter.
"""

import gzip
import io
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from model.errors import ArtifactError

MAX_FILES = 1_000
MAX_BYTES = 4 << 30
MAX_DEPTH = 16
_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_MAX_HEADER_BYTES = 1 << 16  # a header has 512; a long name or extended attributes come before it
_MAX_PADDING_BYTES = 1 << 20  # after the end; 10 KiB is usual


def unpack(
    archive: Path, folder: Path, *, max_files: int = MAX_FILES, max_bytes: int = MAX_BYTES
) -> None:
    """Unpack `archive` (tar, gzip-compressed or not) into `folder`, which exists and is empty.

    Raises:
        ArtifactError: it is no such archive, is damaged, or holds what no model artifact holds.
    """
    try:
        with _opened(archive) as file:
            _unpack(file, folder, max_files, max_bytes)
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError) as err:
        msg = f"{archive.name} is not a usable model archive: {_reason(err)}"
        raise ArtifactError(msg) from err


class _RefusedError(tarfile.TarError):
    """What no model artifact holds; the message is the reason."""


class _Meter(io.RawIOBase):
    """Bytes of an archive, forward only and never more than `allowance` until that is set anew."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self.allowance = _MAX_HEADER_BYTES
        self._file = file
        self._last = b""
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= self.allowance:
            msg = f"{size} bytes asked for, {self.allowance} allowed"
            raise tarfile.ReadError(msg)
        self._last = self._file.read(size)
        self.allowance -= len(self._last)
        self._position += len(self._last)
        return self._last

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, _whence: int = 0, /) -> int:
        self.read(position - self._position)
        return self._position

    def expect_end(self) -> None:
        """Raise unless an empty block was read last and only padding follows."""
        # Reading on to gzip's own end makes it compare its checksum.
        padding = self._file.read(_MAX_PADDING_BYTES + 1)
        if self._last != bytes(tarfile.BLOCKSIZE) or len(padding) > _MAX_PADDING_BYTES:
            msg = "it does not end in an empty block"
            raise tarfile.ReadError(msg)


def _opened(archive: Path) -> io.BufferedIOBase:
    with archive.open("rb") as file:
        is_gzip = file.read(len(_GZIP)) == _GZIP
    return gzip.open(archive) if is_gzip else archive.open("rb")


def _unpack(file: io.BufferedIOBase, folder: Path, max_files: int, max_bytes: int) -> None:
    meter = _Meter(file)
    left = max_bytes
    with tarfile.open(fileobj=meter, mode="r:") as tar:
        for count, member in enumerate(tar):
            if count >= max_files:
                msg = f"it holds more than {max_files} files"
                raise _RefusedError(msg)
            if member.size < 0:
                msg = f"size {member.size}"
                raise tarfile.ReadError(msg)
            left -= member.size
            if left < 0:
                msg = f"it unpacks to more than {max_bytes} bytes"
                raise _RefusedError(msg)
            meter.allowance = member.size
            _write(tar, member, folder)
            meter.allowance = _MAX_HEADER_BYTES
    meter.expect_end()


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = PurePosixPath(member.name)
    shown = repr(member.name[:80])
    if name.is_absolute() or ".." in name.parts:
        msg = f"it would write outside the folder, to {shown}"
        raise _RefusedError(msg)
    if len(name.parts) > MAX_DEPTH:
        msg = f"{shown} lies more than {MAX_DEPTH} folders deep"
        raise _RefusedError(msg)
    target = folder / name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    source = tar.extractfile(member) if member.isfile() else None
    if source is None:
        msg = f"{shown} is neither a file nor a folder"
        raise _RefusedError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK_BYTES):
            copy.write(chunk)


def _reason(err: Exception) -> str:
    if isinstance(err, _RefusedError):
        return str(err)
    if isinstance(err, OSError) and err.strerror:
        return f"it cannot be unpacked: {err.strerror}"
    return "it is damaged, or no tar.gz file"
