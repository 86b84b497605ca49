"""serve.load_request: which model to load; the folder is looked for where there is none."""

import json
from pathlib import Path

from fuzz import refusal
from serve.errors import ServeError
from serve.load_request import MAX_NAME_CHARACTERS, folder_of, parse_load

_NOWHERE = Path("/nonexistent/models")


def check(content: bytes) -> None:
    """A name that can stand in a path and on a line, or a refusal; and never a folder."""
    try:
        asked = parse_load(content)
        assert 0 < len(asked.name) <= MAX_NAME_CHARACTERS
        assert asked.name.isascii()
        assert asked.name.isprintable()
        assert not {"", ".", ".."} & {*asked.name.split("/")}
        assert folder_of(asked.url, _NOWHERE) is None
    except ServeError as error:
        refusal.check(error)


def seeds() -> list[bytes]:
    """Requests, and what is near to one."""
    bodies = [
        {"model_name": "cats", "url": "/opt/ml/models/cats/model"},
        {"model_name": "pets/cats.tar.gz", "url": "../../etc", "more": [1, {"a": None}]},
        {"model_name": "a/../b", "url": "/\0\ud800"},
        {"model_name": 7, "url": None},
        ["model_name", "url"],
    ]
    return [json.dumps(body).encode() for body in bodies] + [b"\xff\xfe{\0}\0"]
