"""POST /models: which model to load, and from where; bytes → a name and a folder, both judged.

    {"model_name": "cats", "url": "/opt/ml/models/cats/model"}

Other fields are passed over. Source: Amazon SageMaker Developer Guide, "Custom Containers Contract
for Multi-Model Endpoints", Load Model API.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve.errors import BadModelRequest, OurWords

MAX_NAME_CHARACTERS = 256
MAX_LOAD_BYTES = 1 << 16
ALLOWED_URL = (
    "url must be the whole path of a folder that is there, within `models` of SAGEMAKER_BASE_DIR"
    " (/opt/ml/models unless that is set)"
)

_NAME = re.compile(f"[!-~]{{1,{MAX_NAME_CHARACTERS}}}")
_NO_PARTS = {"", ".", ".."}  # clients and proxies take them out of a path

_BODY = (
    f'the body must be JSON, {{"model_name": text, "url": text}}, of at most {MAX_LOAD_BYTES} bytes'
)
_ALLOWED_NAME = (
    f"model_name must have 1 to {MAX_NAME_CHARACTERS} printable ASCII characters, no space among"
    " them; no part between slashes may be empty, `.` or `..`"
)


@dataclass(frozen=True)
class LoadRequest:
    """What to load."""

    name: str
    url: str
    """As the caller spelled it, which is how it is listed."""


def parse_load(body: bytes) -> LoadRequest:
    """Read a request.

    Raises:
        BadModelRequest: it is no such JSON, or the name is not allowed.
    """
    try:
        read: Any = json.loads(body) if len(body) <= MAX_LOAD_BYTES else None
        name, url = (read[key] for key in ("model_name", "url"))
    except (ValueError, RecursionError, TypeError, KeyError) as err:
        raise BadModelRequest(reason=OurWords(_BODY)) from err
    if not isinstance(name, str) or not isinstance(url, str):
        raise BadModelRequest(reason=OurWords(_BODY))
    if not _NAME.fullmatch(name) or _NO_PARTS & {*name.split("/")}:
        raise BadModelRequest(reason=OurWords(_ALLOWED_NAME))
    return LoadRequest(name, url)


def folder_of(url: str, models_dir: Path) -> Path:
    """The folder that a url names, links followed.

    What lies outside and what is not there are refused in the same words.

    Raises:
        BadModelRequest: it is not a folder, or not within `models_dir`.
    """
    try:
        folder = Path(url).resolve(strict=True)
        is_within = folder.is_relative_to(models_dir.resolve()) and folder.is_dir()
    except (OSError, ValueError, RuntimeError):  # not there, a NUL in it, links in a circle
        is_within = False
    if not is_within or not Path(url).is_absolute():
        raise BadModelRequest(reason=OurWords(ALLOWED_URL))
    return folder
