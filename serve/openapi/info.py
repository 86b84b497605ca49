"""What the document says of itself and of the server."""

from serve.openapi import instances
from serve.openapi.described import Described, has_many
from serve.openapi.limits import limits_table
from serve.openapi.reference import Json

TITLE = "Semantic segmentation"
# As pyproject.toml has them, which the image has not; a test compares.
VERSION = "0.1.0"
LICENSE = "Apache-2.0"

_WHAT = (
    "Takes a photo, answers which pixel is of which class: as a mask, as probabilities, as pictures"
    " to look at, as JSON."
)
_MANY = (
    "Models are loaded, asked and unloaded by name. Each has its own classes; what is told here"
    " of classes holds for any model."
)
_HOW = (
    "This describes the server as it is set. Where GET is answered, HEAD is; OPTIONS is everywhere;"
    " any other path is `not-found`."
)


def info(server: Described) -> Json:
    """Title, version, licence, and the limits for people."""
    model = f"The model: {server.title}." if server.title else ""
    what = instances.WHAT if server.task.finds_things else _WHAT
    parts = [what, _MANY if has_many(server) else model, _HOW, limits_table(server)]
    return {
        "title": instances.TITLE if server.task.finds_things else TITLE,
        "version": VERSION,
        "description": "\n\n".join(filter(None, parts)),
        "license": {"name": LICENSE, "identifier": LICENSE},
    }
