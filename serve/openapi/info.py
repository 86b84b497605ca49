"""What the document says of itself and of the server."""

from serve.invoke import Service
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
_HOW = (
    "This describes the server as it is set. Where GET is answered, HEAD is; OPTIONS is everywhere;"
    " any other path is `not-found`."
)


def info(service: Service) -> Json:
    """Title, version, licence, and the limits for people."""
    model = f"The model: {service.title}." if service.title else ""
    parts = [_WHAT, model, _HOW, limits_table(service)]
    return {
        "title": TITLE,
        "version": VERSION,
        "description": "\n\n".join(filter(None, parts)),
        "license": {"name": LICENSE, "identifier": LICENSE},
    }
