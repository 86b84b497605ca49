"""A target's run: its seeds laid out, its process started, its end judged."""

import importlib
import pkgutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fuzz import targets

TARGETS = {
    module.name: f"{targets.__name__}.{module.name}"
    for module in pkgutil.iter_modules(targets.__path__)
}
"""Modules by name."""

INPUT_TIMEOUT_S = 5
MEMORY_MB = 1024
FOUND = Path(__file__).parent / "found"
"""Where inputs are kept that a target did not stand."""

_FLAGS = (f"-timeout={INPUT_TIMEOUT_S}", f"-rss_limit_mb={MEMORY_MB}", "-max_len=4096")
_SEED = 1  # each run of so many inputs is the same
_LAST_CHARACTERS = 4000


@dataclass(frozen=True)
class Limit:
    """When a run that finds nothing ends: after so many inputs, or seconds."""

    runs: int = 0
    seconds: int = 0

    def flags(self) -> list[str]:
        """For atheris, and for libFuzzer."""
        if self.runs:
            return [f"-atheris_runs={self.runs}", f"-seed={_SEED}"]
        return [f"-max_total_time={self.seconds}"]


def run(module: str, limit: Limit, found: Path = FOUND) -> str:
    """Feed a target; returns the end of what it said if an input broke it, else nothing.

    Args:
        module: one of `TARGETS`, or a module like them.
        limit: when it ends.
        found: the folder for the input that broke it.
    """
    found.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+b") as said:
        for number, seed in enumerate(importlib.import_module(module).seeds()):
            Path(folder, f"seed{number}").write_bytes(seed)
        flags = [*limit.flags(), *_FLAGS, f"-artifact_prefix={found}/{module}-", folder]
        # By way of a small process: a peak of memory is inherited, and pytest's is gigabytes.
        command = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-m", "fuzz.harness"]
        command += [module, *flags]
        ended = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, check=False)
        size = said.seek(0, 2)
        said.seek(max(0, size - _LAST_CHARACTERS))
        return said.read().decode(errors="replace") if ended.returncode else ""
