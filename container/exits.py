"""Exit codes of the commands.

0 is success and 2 is argparse's. Whoever starts the container reads one line on stderr and one of
these.
"""

from model.child import CheckError
from model.errors import ArtifactError
from serve.settings import SettingsError


class PortError(OSError):
    """The port cannot be listened on."""


class StartError(Exception):
    """A command cannot go on; the message is one line."""

    exit_code = 1

    def __init__(self, reason: Exception) -> None:
        super().__init__(" ".join(str(reason).split()))
        self.exit_code = _CODES[type(reason)]


_CODES = {SettingsError: 2, ArtifactError: 3, CheckError: 5, PortError: 6}
MODEL_FAILED = 4
"""The worker could not load what the check could; gunicorn's own code for that."""
