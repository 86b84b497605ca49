"""The real aws CLI and a server of moto's for it; both are in .venv-aws."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

from tests.s3 import CREDENTIALS

BIN = Path(".venv-aws/bin").absolute()
ACCOUNT, REGION = "123456789012", "eu-west-1"
DEADLINE_S = 120.0


def skip_without() -> None:
    """Skip a test where the environment is not there."""
    if not (BIN / "moto_server").exists() or not (BIN / "aws").exists():
        pytest.skip("the aws CLI and moto's server are not in .venv-aws: make .venv-aws/ready")


class RunningMoto:
    """moto with everything, CloudFormation too, in a process of its own."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with log.open("w") as output:
            self._server = subprocess.Popen(
                [BIN / "python", "-m", "tests.moto_server", "-H", "127.0.0.1", "-p", "0"],
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.send_signal(signal.SIGKILL)
        self._server.wait()

    @property
    def environment(self) -> dict[str, str]:
        """What the CLI and boto3 need to find it; no more of this process's than PATH."""
        return {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self._url(),
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
        }

    def _url(self) -> str:
        """Where it listens, once it does."""
        give_up_at = time.monotonic() + DEADLINE_S
        running = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")
        while (found := running.search(self._log.read_text())) is None:
            assert self._server.poll() is None, self._log.read_text()
            assert time.monotonic() < give_up_at, self._log.read_text()
            time.sleep(0.05)
        return found[1]
