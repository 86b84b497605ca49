"""What a running server and its worker have of memory."""

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


def resident_mb(pid: int) -> float:
    """Of a process and its children, megabytes: proportional shares, as they share pages."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollups = [Path(f"/proc/{each}/smaps_rollup").read_text() for each in (pid, *children)]
    lines = [line for text in rollups for line in text.splitlines() if line.startswith("Pss:")]
    return sum(int(line.split()[1]) for line in lines) / 1000
