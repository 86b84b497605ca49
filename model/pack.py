"""Packs a model.tar.gz; what model/archive.py unpacks. The same files give the same bytes."""

import gzip
import os
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

_LEVEL = 1  # weights hardly shrink: the highest level takes ten times as long for a hundredth


def pack(files: Mapping[str, Path], archive: Path) -> None:
    """Write `archive`, which appears whole or not at all and may replace another.

    Args:
        files: what goes in, by its name inside.
        archive: to be written; its folder exists.

    Raises:
        OSError: a file cannot be read, or the archive not written.
    """
    number, part = tempfile.mkstemp(prefix=".part.", dir=archive.parent)
    try:
        with os.fdopen(number, "wb") as file:
            with (
                gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
            ):
                for name, path in sorted(files.items()):
                    _add(tar, name, path)
            os.fchmod(file.fileno(), 0o644)
        Path(part).replace(archive)
    finally:
        Path(part).unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    member = tarfile.TarInfo(name)  # neither owner nor time, which would differ each time
    member.size = path.stat().st_size
    with path.open("rb") as source:
        tar.addfile(member, source)
