"""GET / and GET /page.json, where the page is served."""

from serve.openapi.described import Described
from serve.openapi.errors import refusals
from serve.openapi.headers import response_headers
from serve.openapi.reference import Json


def page(server: Described) -> Json:
    """For people."""
    return _get(server, "page", "A page for trying photos", {"text/html": {}})


def facts(server: Described) -> Json:
    """For the page."""
    schema = {"schema": {"type": "object"}}
    summary = "What the page asks for; its own, and may change"
    return _get(server, "pageFacts", summary, {"application/json": schema})


def _get(server: Described, name: str, summary: str, content: Json) -> Json:
    return {
        "get": {
            "operationId": name,
            "tags": ["Page"],
            "summary": summary,
            "responses": {
                "200": {
                    "description": summary,
                    "headers": response_headers("X-Request-Id"),
                    "content": content,
                },
                **refusals(server),
            },
        }
    }
