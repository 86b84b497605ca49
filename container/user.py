"""Who serves: somebody who may do nothing else, where root was asked to.

SageMaker starts containers as root. Requests are strangers' data, so the server becomes the user
SEG_USER before it reads anything, and begins anew as that: an exec leaves nothing of root's behind.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def become(user_id: int, model: Path) -> str | None:
    """Begin anew as `user_id`; returns only where that is not to be, and then why not.

    Args:
        user_id: of the user, and of its only group; 0 for whoever this is.
        model: what must be readable then. Archives may say that root alone may read their files;
            then serving comes first.

    Returns:
        None where nothing was to be done; else a reason to stay root, for the log.
    """
    if user_id == 0 or os.getuid() != 0:
        return None
    needed = [Path(sys.executable), Path(__file__), *_below(model)]
    hidden = _hidden_from(user_id, [path for path in needed if path.exists()])
    if hidden is not None:
        return f"{hidden.name} is for root alone to read"
    return _exec_as(user_id)


def _exec_as(user_id: int) -> str:  # noqa: RET503  # execv has no return
    """Does not return, unless it may not be."""
    try:
        os.setgroups([])
        os.setgid(user_id)
        os.setuid(user_id)
    except PermissionError:
        return "this root may not change users"
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  # what was started, once more


def _hidden_from(user_id: int, needed: list[Path]) -> Path | None:
    """One of the files and folders that the user cannot read, if there is one."""
    groups = os.getgroups()
    try:
        os.setgroups([])
        os.setegid(user_id)
        os.seteuid(user_id)
        return next((path for path in needed if not _is_readable(path)), None)
    except PermissionError:
        return None  # changing users fails too, and says so
    finally:
        os.seteuid(0)
        os.setegid(0)
        with contextlib.suppress(PermissionError):
            os.setgroups(groups)


def _below(model: Path) -> Iterator[Path]:
    """Links followed, and each folder looked into once, however they lead."""
    yield model
    seen: set[str] = set()
    for folder, folders, files in os.walk(model, followlinks=True):
        if os.path.realpath(folder) in seen:
            folders.clear()
            continue
        seen.add(os.path.realpath(folder))
        yield from (Path(folder) / name for name in folders + files)


def _is_readable(path: Path) -> bool:
    try:
        wanted = os.R_OK | (os.X_OK if path.is_dir() else 0)
    except PermissionError:  # so is a folder above it
        return False
    return os.access(path, wanted, effective_ids=True)
