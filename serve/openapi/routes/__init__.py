"""One file a route: what each path answers, by method.

A route without an entry here cannot be told of, and the document cannot be made.
"""

from collections.abc import Callable, Mapping

from serve.invoke import Service
from serve.openapi.reference import Json
from serve.openapi.routes.execution_parameters import execution_parameters
from serve.openapi.routes.invocations import invocations
from serve.openapi.routes.metrics import metrics
from serve.openapi.routes.openapi import openapi
from serve.openapi.routes.page import facts, page
from serve.openapi.routes.ping import ping
from serve.openapi.routes.runtime_api import invoke_endpoint

ROUTES: Mapping[str, Callable[[Service], Json]] = {
    "/ping": ping,
    "/invocations": invocations,
    "/execution-parameters": execution_parameters,
    "/metrics": metrics,
    "/openapi.json": openapi,
    "/endpoints/{name}/invocations": invoke_endpoint,
    "/": page,
    "/page.json": facts,
}
"""A path item by path; see OpenAPI 3.1, Path Item Object."""
