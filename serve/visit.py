"""What is known of one request while it is answered.

Its log line, its metrics and its Server-Timing are all made of this. A request's one thread writes
it, and the inference thread while that one waits.
"""

import time
from dataclasses import dataclass, field

from serve.stages import Stages


@dataclass
class Visit:
    """One request."""

    request_id: str
    """In the answer, its headers and every line about it."""
    stages: Stages = field(default_factory=Stages)
    began_s: float = field(default_factory=time.perf_counter)
    """When its headers had arrived, by `time.perf_counter`."""
    bytes_in: int = 0
    """Of the body, as far as it was wanted."""
    size: tuple[int, int] | None = None
    """(height, width) of the photo, once its header is read."""
    places_taken: int | None = None
    """Of the queue, its own included, when it took one."""
    code: str = ""
    """Of the refusal; empty where there is none."""

    def age_s(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began_s
