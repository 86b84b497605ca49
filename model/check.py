"""Does an artifact really load and run? Asked in a process of its own, before anything is served.

MXNet is a native library of another decade: a malformed file can end its process, and it holds
250 MB that a server need not. So a child builds the network, pours the weights in and runs one
small forward; what it says, or how it dies, is one line here.

    python -m model.check FOLDER 1,2,3,6     the child
"""

import subprocess
import sys
from pathlib import Path

from model.errors import ArtifactError

_CHILD = "model.check"
_REFUSED = 3


class CheckError(RuntimeError):
    """The check itself crashed or hung; the message is one line."""


def check_artifact(folder: Path, psp_bins: tuple[int, ...], *, timeout_s: float) -> None:
    """Return when the artifact loads and runs.

    Raises:
        ArtifactError: it does not; the message names the file and the reason.
        CheckError: the child crashed or took longer than `timeout_s`.
    """
    bins = ",".join(map(str, psp_bins))
    command = [sys.executable, "-m", _CHILD, str(folder.absolute()), bins]
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
        how = (
            f"signal {-child.returncode}"
            if child.returncode < 0
            else f"exit code {child.returncode}"
        )
        msg = f"loading the model crashed ({how}): {_last_line(child.stderr) or 'no message'}"
        raise CheckError(msg)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _main(folder: str, psp_bins: str) -> int:
    # Only the child may pay for these.
    import numpy as np  # noqa: PLC0415

    from model.artifact import read_artifact  # noqa: PLC0415
    from model.engines.mxnet import MXNetEngine  # noqa: PLC0415

    try:
        engine = MXNetEngine(read_artifact(Path(folder)), tuple(map(int, psp_bins.split(","))))
    except ArtifactError as err:
        print(err, file=sys.stderr)
        return _REFUSED
    engine.mask(np.zeros((32, 32, 3), np.uint8))
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
