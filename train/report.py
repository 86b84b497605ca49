r"""The lines that a job writes while it trains.

What stands in an epoch's line is found by the regular expressions that the console and tuning jobs
have for the built-in algorithm: `train loss: (\S+)`, `train throughput: (\S+)`,
`validation mIOU: (\S+)`, `pixel_accuracy: (\S+)`, `validation throughput: (\S+)`.
"""

from collections.abc import Sequence

from train.history import Epoch

_SIXTY = 60


def epoch_line(history: Sequence[Epoch], epochs: int) -> str:
    """What came of the last epoch."""
    epoch = history[-1]
    return (
        f"epoch {len(history)}/{epochs}"
        f"  train loss: {epoch.loss:.4f}"
        f"  train throughput: {epoch.photos_per_s:.2f} photos/s"
        f"  validation mIOU: {epoch.miou:.4f}"
        f"  pixel_accuracy: {epoch.pixel_accuracy:.4f}"
        f"  validation throughput: {epoch.validated_per_s:.2f} photos/s"
        f"  learning rate: {epoch.learning_rate:.3g}"
        f"  waited for photos: {100 * epoch.waited:.1f} %"
    )


def pace_line(step_s: float, steps: int, steps_left: int) -> str:
    """How long an epoch takes, and all that is left."""
    return (
        f"{step_s:.2f} s a step: {_duration(step_s * steps)} an epoch, "
        f"{_duration(step_s * steps_left)} to the last, validation not counted"
    )


def _duration(seconds: float) -> str:
    """Two units at most.

    >>> _duration(5000)
    '1 h 23 min'
    """
    minutes = round(seconds / _SIXTY)
    if round(seconds) < _SIXTY:
        return f"{seconds:.0f} s"
    if minutes < _SIXTY:
        return f"{minutes} min"
    return f"{minutes // _SIXTY} h {minutes % _SIXTY} min"
