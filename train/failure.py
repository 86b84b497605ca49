"""`output/failure`: why a job failed, in one line that SageMaker shows as its FailureReason.

    ClientError: num_classes is not given; allowed: whole number, 2 to 254

SageMaker takes the first 1024 characters and no more, so no more are written; a stack trace belongs
in the log.
"""

from pathlib import Path

from train.errors import AlgorithmError, TrainError

MAX_CHARACTERS = 1024


def reason(err: BaseException) -> str:
    """One line of 1024 characters at most; what nobody foresaw is an AlgorithmError by its type."""
    family = err.family if isinstance(err, TrainError) else AlgorithmError.family
    text = str(err) if isinstance(err, TrainError) else f"{type(err).__name__}: {err}"
    line = " ".join(f"{family}: {text}".split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 1] + "…"


def write_failure(path: Path, err: BaseException) -> bool:
    """Write the reason to `path`, its folder made if need be.

    Returns:
        Whether that could be done: where it could not, `err` is still what matters.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(reason(err) + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError:
        return False
    return True
