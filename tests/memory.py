"""What a running server's worker has of memory."""

import re
from pathlib import Path

from tests.server import RunningServer


def worker_of(server: RunningServer) -> Path:
    """The folder in /proc of the process that answers."""
    pid = server.process.pid
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Path("/proc") / worker


def memory_mb(process: Path, field: str) -> float:
    """VmRSS: what is resident now. VmHWM: its highest since `forget_peak`."""
    found = re.search(rf"{field}:\s+(\d+) kB", (process / "status").read_text())
    assert found
    return int(found[1]) / 1024


def forget_peak(process: Path) -> None:
    """Have VmHWM begin anew."""
    (process / "clear_refs").write_text("5")
