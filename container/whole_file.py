"""Files that are there whole or not at all, whoever looks and whatever happens."""

from pathlib import Path


def write_whole(path: Path, body: bytes) -> None:
    """Write a file, or put another in its place; its folder is made.

    Raises:
        OSError: it cannot be written; what was there before still is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(body)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
