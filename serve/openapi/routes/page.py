"""GET / and GET /page.json, where the page is served."""

from serve.invoke import Service
from serve.openapi.errors import refusals
from serve.openapi.headers import response_headers
from serve.openapi.reference import Json


def page(service: Service) -> Json:
    """For people."""
    return _get(service, "page", "A page for trying photos", {"text/html": {}})


def facts(service: Service) -> Json:
    """For the page."""
    schema = {"schema": {"type": "object"}}
    summary = "What the page asks for; its own, and may change"
    return _get(service, "pageFacts", summary, {"application/json": schema})


def _get(service: Service, name: str, summary: str, content: Json) -> Json:
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
                **refusals(service),
            },
        }
    }
