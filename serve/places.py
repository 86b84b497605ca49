"""Places: how many requests of a kind may be under way at once."""

from collections.abc import Callable
from threading import Lock

from serve.errors import Overloaded


def _queue_is_full(count: int) -> Overloaded:
    return Overloaded(queue_size=count)


class Places:
    """So many, and no more. Threads may take and give back at once.

    Args:
        count: how many.
        full: what one more is told; those of the queue unless it is given.
    """

    def __init__(self, count: int, full: Callable[[int], Overloaded] = _queue_is_full) -> None:
        self.count = count
        self._full = full
        self._taken = 0
        self._lock = Lock()

    @property
    def taken(self) -> int:
        """How many are taken now."""
        return self._taken

    def take(self) -> Callable[[], None]:
        """Take one; returns what gives it back, once however often called.

        Raises:
            Overloaded: all are taken; nothing waits here.
        """
        with self._lock:
            if self._taken == self.count:
                raise self._full(self.count)
            self._taken += 1
        return once(self._give_back)

    def _give_back(self) -> None:
        with self._lock:
            self._taken -= 1


def once(act: Callable[[], None]) -> Callable[[], None]:
    """What does this once however often called, from whichever threads."""
    done = Lock()

    def act_once() -> None:
        if done.acquire(blocking=False):
            act()

    return act_once
