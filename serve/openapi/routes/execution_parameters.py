"""GET /execution-parameters."""

from serve.openapi.described import Described
from serve.openapi.errors import refusals
from serve.openapi.headers import response_headers
from serve.openapi.reference import Json


def execution_parameters(server: Described) -> Json:
    """Numbers and a word; the very ones that this server answers with."""
    told = server.settings.transform.parameters()
    properties = {name: {"const": value} for name, value in told.items()}
    schema = {"type": "object", "required": [*told], "properties": properties}
    return {
        "get": {
            "operationId": "executionParameters",
            "tags": ["SageMaker"],
            "summary": "How a batch transform job is to send its photos",
            "responses": {
                "200": {
                    "description": "What holds for all that the job leaves open.",
                    "headers": response_headers("X-Request-Id"),
                    "content": {"application/json": {"schema": schema}},
                },
                **refusals(server),
            },
        }
    }
