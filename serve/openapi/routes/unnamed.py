"""POST /invocations and GET / where there are several models: refused, with the way to ask one."""

from serve.errors import ModelNotNamed
from serve.openapi.described import Described
from serve.openapi.errors import refusals
from serve.openapi.reference import Json


def unnamed_invocations(server: Described) -> Json:
    """What would be asked of the one model."""
    return {"post": _refused(server, "invoke")}


def unnamed_page(server: Described) -> Json:
    """The one model's page."""
    return {"get": _refused(server, "page")}


def _refused(server: Described, name: str) -> Json:
    return {
        "operationId": name,
        "tags": ["Models"],
        "summary": "Say how models are asked by name",
        "responses": refusals(server, ModelNotNamed),
    }
