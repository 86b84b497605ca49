"""How much memory the kernel still has for this process.

    /proc/meminfo           MemAvailable, of the machine
    memory.max              of a group (model/cgroups.py), version 2: bytes, or `max`
    memory.current, .stat   what is used; `inactive_file` of it can be dropped
    memory.limit_in_bytes, .usage_in_bytes, .stat   version 1; there it is `total_inactive_file`

Source: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model.cgroups import V2, group_folders, text_of


@dataclass(frozen=True)
class _Files:
    """What a version of control groups calls its files."""

    limit: str
    used: str
    droppable: str


_VERSIONS = {
    V2: _Files("memory.max", "memory.current", "inactive_file"),
    "memory": _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
"""By controller."""


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
    for controller, files in _VERSIONS.items():
        for folder in group_folders(controller, root):
            yield from _left_in(folder, files)


def _left_in(folder: Path, files: _Files) -> Iterator[int]:
    """One number where the group has a limit."""
    limit, used = text_of(folder / files.limit), text_of(folder / files.used)
    if limit.isdecimal() and used.isdecimal():
        droppable = _values(folder / "memory.stat").get(files.droppable, 0)
        yield max(0, int(limit) - int(used) + droppable)


def _values(path: Path) -> dict[str, int]:
    """The first number after each line's first word."""
    parts = [line.split() for line in text_of(path).splitlines()]
    return {part[0]: int(part[1]) for part in parts if len(part) > 1 and part[1].isdecimal()}
