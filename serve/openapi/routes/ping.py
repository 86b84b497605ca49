"""GET /ping."""

from serve.openapi.described import Described, has_many
from serve.openapi.errors import refusals
from serve.openapi.reference import Json

_OF_ONE = "Whether the model is loaded and answers", "It is still loading, or the network hangs."
_OF_MANY = "Whether models can be loaded and asked", "A network hangs."
"""The question, and what no means."""


def ping(server: Described) -> Json:
    """Healthy or not; the event loop answers it, with no body and no headers of ours."""
    summary, no = _OF_MANY if has_many(server) else _OF_ONE
    return {
        "get": {
            "operationId": "ping",
            "tags": ["SageMaker"],
            "summary": summary,
            "responses": {
                **refusals(server),
                "200": {"description": "It does."},
                "503": {"description": no},
            },
        }
    }
