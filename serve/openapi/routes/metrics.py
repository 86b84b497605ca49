"""GET /metrics."""

from werkzeug.http import parse_options_header

from serve.metrics import CONTENT_TYPE
from serve.openapi.described import Described
from serve.openapi.errors import refusals
from serve.openapi.headers import response_headers
from serve.openapi.reference import Json


def metrics(server: Described) -> Json:
    """Counters and times."""
    media_type, _ = parse_options_header(CONTENT_TYPE)
    return {
        "get": {
            "operationId": "metrics",
            "tags": ["Server"],
            "summary": "Counters and times, for Prometheus",
            "responses": {
                "200": {
                    "description": "Prometheus' text format; docs/operations.md has the names.",
                    "headers": response_headers("X-Request-Id"),
                    "content": {media_type: {"schema": {"type": "string"}}},
                },
                **refusals(server),
            },
        }
    }
