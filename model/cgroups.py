"""Control groups: where the kernel keeps what bounds this process.

    /proc/self/cgroup               this process' group: `0::/path` of version 2,
                                    `4:cpu,memory:/path` of version 1
    /sys/fs/cgroup/PATH             version 2: its files
    /sys/fs/cgroup/memory/PATH      version 1: a tree for each controller

A group's parents bound it too. In a container without a namespace for groups PATH is the host's,
and the container's own group lies at the mount's root; so PATH and all above it are looked at, as
far as they are there. Source: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

V2 = ""
"""In place of a controller: all of version 2 have one tree."""


def group_folders(controller: str, root: Path = Path("/")) -> Iterator[Path]:
    """Folders of this process' group and of all above it, there or not.

    Args:
        controller: of version 1, such as `memory`, or V2.
        root: where /proc and /sys are.
    """
    mount = root / "sys/fs/cgroup" / controller
    for line in text_of(root / "proc/self/cgroup").splitlines():
        _, _, controllers_and_path = line.partition(":")
        controllers, _, path = controllers_and_path.partition(":")
        if controller in controllers.split(","):
            yield from (mount / folder for folder in _and_parents(path))


def text_of(path: Path) -> str:
    """What a file of the kernel's says, without the line's end; nothing where it says nothing."""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeError):
        return ""


def _and_parents(path: str) -> list[PurePosixPath]:
    """`/a/b` → a/b, a and the root; the root alone where the path leads above it."""
    inner = PurePosixPath(path.lstrip("/"))
    return [PurePosixPath()] if ".." in inner.parts else [inner, *inner.parents]
