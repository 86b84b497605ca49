"""What ends a command, and the exit code of each.

0 is success, 1 nothing foreseen, and 2 also argparse's; `train` alone has codes of its own. Whoever
starts the container reads one line on stderr and one of these.
"""

from model.child import CheckError, KilledError
from model.errors import ArtifactError, EngineError
from serve.setting import SettingsError


class PortError(OSError):
    """The port cannot be listened on."""


class DataError(ValueError):
    """A photo, annotation or label map cannot be used; names the file and what is allowed."""


class DeployError(RuntimeError):
    """AWS refused, or the endpoint did not come up; says which call or why, and what to do."""


EXIT_CODES = {
    SettingsError: 2,
    EngineError: 2,
    ArtifactError: 3,
    CheckError: 5,
    KilledError: 5,
    PortError: 6,
    DataError: 7,
    DeployError: 8,
}
MODEL_FAILED = 4
"""The worker could not load what the check could; gunicorn's own code for that."""
