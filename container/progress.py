"""A training job as whoever started it sees it: a bar, curves, and the signals that stop it."""

import contextlib
import logging
import signal
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from container.training_pictures import write_curves
from serve.render.curves import Point
from train.history import Epoch

_log = logging.getLogger(__name__)


class ProgressWatch:
    """See `train.watch.Watch`."""

    def __init__(self, output: Path, title: str) -> None:
        """Draw curves into the folder `output`, under a title."""
        self._output, self._title = output, title
        self._is_stopping = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Have SIGTERM and Ctrl-C ask for a checkpoint; before and after they just end it."""
        before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def is_stopping(self) -> bool:
        """Whether a signal came."""
        return self._is_stopping

    def shown(self, items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
        """With a bar on a terminal."""
        bar: Iterable[Any] = tqdm(items, total=total, desc=what, leave=False, disable=None)
        return bar

    def epoch_over(self, history: Sequence[Epoch]) -> None:
        """Draw the curves anew."""
        points = [
            Point(number, epoch.loss, epoch.miou, epoch.pixel_accuracy)
            for number, epoch in enumerate(history, start=1)
        ]
        try:
            write_curves(self._output, points, self._title)
        except OSError as err:  # a model without its picture is a model
            _log.warning("the curves cannot be written to %s: %s", self._output, err.strerror)

    def _stop(self, number: int, _frame: Any) -> None:
        if not self._is_stopping:
            _log.info("%s: stopping after this step", signal.Signals(number).name)
        self._is_stopping = True
