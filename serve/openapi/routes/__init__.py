"""One file a route: what each path answers, by method.

A route without an entry here cannot be told of, and the document cannot be made.
"""

from collections.abc import Callable, Mapping

from serve.openapi.described import Described, has_many
from serve.openapi.reference import Json
from serve.openapi.routes.execution_parameters import execution_parameters
from serve.openapi.routes.invocations import invocations
from serve.openapi.routes.metrics import metrics
from serve.openapi.routes.model import invoke_model, model
from serve.openapi.routes.models import models
from serve.openapi.routes.openapi import openapi
from serve.openapi.routes.page import facts, page
from serve.openapi.routes.ping import ping
from serve.openapi.routes.runtime_api import invoke_endpoint
from serve.openapi.routes.unnamed import unnamed_invocations, unnamed_page

Routes = Mapping[str, Callable[[Described], Json]]
"""A path item by path; see OpenAPI 3.1, Path Item Object."""

_ANYWHERE: Routes = {
    "/ping": ping,
    "/metrics": metrics,
    "/openapi.json": openapi,
    "/endpoints/{name}/invocations": invoke_endpoint,
}
ROUTES_OF_ONE: Routes = {
    **_ANYWHERE,
    "/invocations": invocations,
    "/execution-parameters": execution_parameters,
    "/": page,
    "/page.json": facts,
}
ROUTES_OF_MANY: Routes = {
    **_ANYWHERE,
    "/models": models,
    "/models/{name}": model,
    "/models/{name}/invoke": invoke_model,
    "/invocations": unnamed_invocations,
    "/": unnamed_page,
}


def routes_of(server: Described) -> Routes:
    """All that a server of one model, or of several, may have."""
    return ROUTES_OF_MANY if has_many(server) else ROUTES_OF_ONE
