"""Runs a step in a child process and turns every way it can end into a value or one line."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from model.errors import ArtifactError

_REFUSED = 3


class CheckError(RuntimeError):
    """The child crashed or hung; the message is one line."""


class KilledError(CheckError):
    """The child was killed from outside, as the kernel does where memory is short."""


def run_child(module: str, arguments: list[str], *, timeout_s: float) -> None:
    """`python -m MODULE ARGUMENTS`, from the project's root.

    Raises:
        ArtifactError: the child refused the artifact.
        CheckError: the child crashed or took longer than `timeout_s`.
        KilledError: it was killed.
    """
    command = [sys.executable, "-m", module, *arguments]
    root = Path(__file__).parent.parent
    try:
        child = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            cwd=root,
            check=False,
        )
    except subprocess.TimeoutExpired as err:
        msg = f"loading the model took longer than {timeout_s:g} s"
        raise CheckError(msg) from err
    if child.returncode == _REFUSED:
        raise ArtifactError(_last_line(child.stderr))
    if child.returncode:
        code = child.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        msg = f"loading the model crashed ({how}): {_last_line(child.stderr) or 'no message'}"
        raise (KilledError if code == -signal.SIGKILL else CheckError)(msg)


def child_main(step: Callable[..., None]) -> NoReturn:
    """What the child's `__main__` calls: run `step` on the command line's arguments."""
    try:
        step(*sys.argv[1:])
    except ArtifactError as err:
        print(err, file=sys.stderr)
        sys.exit(_REFUSED)
    sys.exit(0)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
