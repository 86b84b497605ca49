"""GET /openapi.json: what this server answers, in OpenAPI 3.1, for programs and for viewers.

Made of the tables that the server itself answers by: media types, options, errors, settings, the
routes it has. What those tables have and this room has no words for cannot be told of: the document
is not made, and a test fails. One noun a file; `routes/` has one a path.
"""

import json
import re
from functools import cache

from flask import Blueprint, Response, current_app

from serve.openapi.described import Described
from serve.openapi.document import document


def openapi(server: Described) -> Blueprint:
    """The route of the document."""
    routes = Blueprint("openapi", __name__)

    @cache
    def made() -> bytes:
        rules = current_app.url_map.iter_rules()
        return json.dumps(document(server, [path_of(rule.rule) for rule in rules])).encode()

    @routes.get("/openapi.json")
    def told() -> Response:
        return Response(made(), mimetype="application/json")

    return routes


def path_of(rule: str) -> str:
    """Werkzeug's `/models/<name>` → OpenAPI's `/models/{name}`."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)
