"""Does an artifact really load and run on MXNet? Asked in a process of its own, before serving.

python -m model.check FOLDER 1,2,3,6     the child
"""

from pathlib import Path

from model.child import child_main, run_child

_CHILD = "model.check"
_SIDE = 32


def check_artifact(folder: Path, psp_bins: tuple[int, ...], *, timeout_s: float) -> None:
    """Return when the artifact loads, every layer in its place, and a small forward has run.

    Raises:
        ArtifactError: it does not; the message names the file and the reason.
        CheckError: the child crashed or took longer than `timeout_s`.
    """
    arguments = [str(folder.absolute()), ",".join(map(str, psp_bins))]
    run_child(_CHILD, arguments, timeout_s=timeout_s)


def _main(folder: str, psp_bins: str) -> None:
    # Only the child may pay for these.
    import numpy as np  # noqa: PLC0415

    from model.artifact import read_artifact  # noqa: PLC0415
    from model.engines.mxnet import MXNetEngine  # noqa: PLC0415

    engine = MXNetEngine(read_artifact(Path(folder)), tuple(map(int, psp_bins.split(","))))
    engine.predict(np.zeros((_SIDE, _SIDE, 3), np.uint8)).mask()


if __name__ == "__main__":
    child_main(_main)
