"""How much memory the kernel still has for this process.

    /proc/meminfo                               MemAvailable, of the machine
    /proc/self/cgroup                           this process' group: `0::/path` of version 2,
                                                `4:memory:/path` of version 1
    /sys/fs/cgroup/PATH/memory.max              version 2: bytes, or `max`
    /sys/fs/cgroup/PATH/memory.current, .stat   what is used; `inactive_file` of it can be dropped
    /sys/fs/cgroup/memory/PATH/memory.limit_in_bytes, .usage_in_bytes, .stat    version 1;
                                                there it is `total_inactive_file`

A group's parents bound it too. In a container without a namespace for groups PATH is the host's,
and the container's own group lies at the mount's root; so PATH and all above it are looked at, as
far as they are there. Source: the kernel's Documentation/admin-guide/cgroup-v2.rst and
cgroup-v1/memory.rst.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class _Files:
    """What a version of control groups calls its files."""

    mount: str
    limit: str
    used: str
    droppable: str


_VERSIONS = {
    "": _Files("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    "memory": _Files(
        "sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}
"""By the controllers in /proc/self/cgroup."""


def memory_left(root: Path = Path("/")) -> int | None:
    """Bytes: the least of what the machine has available and what each group leaves.

    None where neither can be read.
    """
    available = _values(root / "proc/meminfo").get("MemAvailable:")
    found = [*_left_in_groups(root)]
    if available is not None:
        found.append(available << 10)
    return min(found, default=None)


def _left_in_groups(root: Path) -> Iterator[int]:
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, controllers_and_path = line.partition(":")
        controllers, _, path = controllers_and_path.partition(":")
        for name in controllers.split(","):
            if name in _VERSIONS:
                files = _VERSIONS[name]
                for folder in _and_parents(path):
                    yield from _left_in(root / files.mount / folder, files)


def _left_in(folder: Path, files: _Files) -> Iterator[int]:
    """One number where the group has a limit."""
    limit, used = _text(folder / files.limit).strip(), _text(folder / files.used).strip()
    if limit.isdecimal() and used.isdecimal():
        droppable = _values(folder / "memory.stat").get(files.droppable, 0)
        yield max(0, int(limit) - int(used) + droppable)


def _and_parents(path: str) -> list[PurePosixPath]:
    """`/a/b` → a/b, a and the root; the root alone where the path leads above it."""
    inner = PurePosixPath(path.lstrip("/"))
    return [PurePosixPath()] if ".." in inner.parts else [inner, *inner.parents]


def _values(path: Path) -> dict[str, int]:
    """The first number after each line's first word."""
    parts = [line.split() for line in _text(path).splitlines()]
    return {part[0]: int(part[1]) for part in parts if len(part) > 1 and part[1].isdecimal()}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeError):
        return ""
