"""How long each stage of a request took: decode, queue, predict, render, encode."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """Seconds by stage, in the order they began. One request's; one thread at a time writes."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what happens inside to a stage, even if it ends in an error."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - start)

    def add(self, stage: str, seconds: float) -> None:
        """Add to a stage what was measured elsewhere."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def milliseconds(self) -> dict[str, float]:
        """Milliseconds by stage, so far."""
        return {name: round(1000 * taken, 1) for name, taken in self._seconds.items()}

    def header(self) -> str:
        """As the Server-Timing header has it, in milliseconds; W3C Server Timing, section 3."""
        return ", ".join(f"{name};dur={taken}" for name, taken in self.milliseconds().items())
