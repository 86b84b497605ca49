"""Whether workers live to have their model loaded.

An error while loading is a line and an exit code (container/server.py). A crash in native code, or
the kernel's memory killer, leaves neither: gunicorn would start the next worker, and that one would
die of the same, for ever, with /ping refused all the while and no reason given.
"""

import mmap
import sys
from typing import Any

from gunicorn.errors import HaltServer

from container.exits import MODEL_FAILED

MOST_DEATHS = 3
"""In a row, before their model was loaded. One may be chance: a killed worker's heir was killed."""


class Loading:
    """What gunicorn's master knows of its worker; `pre_fork` and `child_exit` are its hooks."""

    def __init__(self) -> None:
        self._loaded = mmap.mmap(-1, 1)  # anonymous and shared: the worker writes, the master reads
        self._deaths = 0

    def pre_fork(self, _server: Any, _worker: Any) -> None:
        """Before a worker is started, in the master."""
        self._loaded[0] = 0

    def done(self) -> None:
        """The model is loaded; said in the worker."""
        self._loaded[0] = 1

    def child_exit(self, _server: Any, _worker: Any) -> None:
        """A worker has ended; in the master.

        Raises:
            HaltServer: too many in a row have died while they loaded; ends the server.
        """
        self._deaths = 0 if self._loaded[0] else self._deaths + 1
        if self._deaths >= MOST_DEATHS:
            msg = f"the process that loads the model died {MOST_DEATHS} times; is memory short?"
            print(f"error: {msg}", file=sys.stderr, flush=True)
            raise HaltServer(msg, MODEL_FAILED)
