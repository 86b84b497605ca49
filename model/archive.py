"""Unpacks a model.tar.gz that nobody has vouched for.

Only plain files and folders come out, below the folder given, within bounds on count and size.
A name that would lead outside, a link, a device or an archive that never ends is an ArtifactError.
"""

import tarfile
from pathlib import Path, PurePosixPath
from typing import IO

from model.errors import ArtifactError

MAX_FILES = 1_000
MAX_BYTES = 4 << 30
_CHUNK_BYTES = 1 << 20


def unpack(
    archive: Path, folder: Path, *, max_files: int = MAX_FILES, max_bytes: int = MAX_BYTES
) -> None:
    """Unpack `archive` (tar, gzip-compressed or not) into `folder`, which exists and is empty.

    Raises:
        ArtifactError: it is no such archive, is damaged, or holds what no model artifact holds.
    """
    left = max_bytes
    try:
        with tarfile.open(archive) as tar:
            for count, member in enumerate(tar):
                if count >= max_files:
                    raise _refused(archive, f"it holds more than {max_files} files")
                left -= member.size
                if left < 0:
                    raise _refused(archive, f"it unpacks to more than {max_bytes} bytes")
                _write(archive, tar, member, folder)
    except (tarfile.TarError, OSError, EOFError) as err:
        reason = (
            err.strerror if isinstance(err, OSError) and err.strerror else "is it a tar.gz file?"
        )
        raise _refused(archive, f"it cannot be read: {reason}") from err


def _write(archive: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise _refused(archive, f"it would write outside the folder, to {member.name[:80]!r}")
    if not (member.isfile() or member.isdir()):
        raise _refused(archive, f"{member.name[:80]!r} is neither a file nor a folder")
    target = folder / name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    if source is None:  # a sparse entry whose data lies elsewhere
        raise _refused(archive, f"{member.name[:80]!r} has no contents")
    with source, target.open("wb") as file:
        _copy(source, file)


def _copy(source: IO[bytes], file: IO[bytes]) -> None:
    while chunk := source.read(_CHUNK_BYTES):
        file.write(chunk)


def _refused(archive: Path, reason: str) -> ArtifactError:
    return ArtifactError(f"{archive.name} is not a usable model archive: {reason}")
