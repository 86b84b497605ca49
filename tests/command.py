"""`python -m container COMMAND` as a process of its own, started as the image's ENTRYPOINT does."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import Self

DEADLINE_S = 170.0


class RunningCommand:
    """One command, with no environment but PATH and what is given; ended on leaving the `with`."""

    module = "container"

    def __init__(self, command: str, **environment: str) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # closed in __exit__
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, command],
            env={"PATH": os.environ["PATH"], **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_S)
            finally:
                self.process.kill()
        self._output.close()

    @property
    def output(self) -> str:
        """Everything it wrote to stdout and stderr so far."""
        return os.pread(self._output.fileno(), 1 << 26, 0).decode(errors="replace")

    def wait_for(self, text: str) -> None:
        """Return once it has said so."""
        give_up_at = time.monotonic() + DEADLINE_S
        while text not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < give_up_at, self.output
            time.sleep(0.02)

    def wait_for_end(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(DEADLINE_S)

    def stop(self) -> int:
        """SIGTERM, then its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_end()
