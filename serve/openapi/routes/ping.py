"""GET /ping."""

from serve.invoke import Service
from serve.openapi.errors import refusals
from serve.openapi.reference import Json


def ping(service: Service) -> Json:
    """Healthy or not; the event loop answers it, with no body and no headers of ours."""
    return {
        "get": {
            "operationId": "ping",
            "tags": ["SageMaker"],
            "summary": "Whether the model is loaded and answers",
            "responses": {
                **refusals(service),
                "200": {"description": "It does."},
                "503": {"description": "It is still loading, or the network hangs."},
            },
        }
    }
