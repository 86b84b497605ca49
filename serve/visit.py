"""What is known of one request while it is answered.

Its log line, its metrics and its Server-Timing are all made of this. A request's one thread writes
it, and the inference thread while that one waits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from serve.errors import ClientGone, DeadlineExceeded
from serve.stages import Stages


@dataclass
class Visit:
    """One request."""

    request_id: str
    """In the answer, its headers and every line about it."""
    timeout_s: float = 60.0
    """Its work is not begun later than this."""
    is_gone: Callable[[], bool] = field(default=lambda: False)
    """Whether the client has hung up."""
    stages: Stages = field(default_factory=Stages)
    began_s: float = field(default_factory=time.perf_counter)
    """When its headers had arrived, by `time.perf_counter`."""
    bytes_in: int = 0
    """Of the body, as far as it was wanted."""
    size: tuple[int, int] | None = None
    """(height, width) of the photo, once its header is read."""
    places_taken: int | None = None
    """Of the queue, its own included, when it took one."""
    batch: int = 1
    """Photos that the network saw at once, its own included."""
    model: str = ""
    """Which was meant, where there may be several; as the caller spelled it."""
    code: str = ""
    """Of the refusal; empty where there is none."""

    def check_wanted(self) -> None:
        """Called before work that only its answer is for.

        Raises:
            DeadlineExceeded: it has waited too long.
            ClientGone: nobody is there to be answered.
        """
        if self.age_s() > self.timeout_s:
            raise DeadlineExceeded(timeout_s=self.timeout_s)
        if self.is_gone():
            raise ClientGone

    def age_s(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began_s
