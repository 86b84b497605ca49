"""The small JSON files of an artifact, read with care: anybody may have written them."""

import json
from pathlib import Path

from model.errors import ArtifactError

_MAX_BYTES = 1 << 20


def read_json_object(path: Path, *, place: str = "the model directory") -> dict[str, object]:
    """The object in a file; UTF-8, with or without a byte order mark.

    Args:
        path: the file; errors say its name alone.
        place: where it lies, as errors call it.

    Raises:
        ArtifactError: it is missing, no plain file, too large, or holds something else.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        msg = f"{path.name} is not a plain file"
        raise ArtifactError(msg)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as err:
        msg = f"{path.name} is missing from {place}"
        raise ArtifactError(msg) from err
    except OSError as err:
        msg = f"{path.name} cannot be read: {err.strerror}"
        raise ArtifactError(msg) from err
    if len(content) > _MAX_BYTES:
        msg = f"{path.name} is larger than {_MAX_BYTES} bytes"
        raise ArtifactError(msg)
    return _parsed(path.name, content)


def _parsed(name: str, content: bytes) -> dict[str, object]:
    try:
        values = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as err:
        msg = f"{name} is not UTF-8 text"
        raise ArtifactError(msg) from err
    except (ValueError, RecursionError) as err:
        msg = f"{name} is not valid JSON: {err}"
        raise ArtifactError(msg) from err
    if not isinstance(values, dict):
        msg = f"{name} must hold a JSON object, it holds a {type(values).__name__}"
        raise ArtifactError(msg)
    return values
