"""GET /: the page a person looks at, and the facts it asks for.

The page is one static file (serve/pages/index.html); all of the server's own that it needs comes as
JSON, so nothing is ever written into HTML here. Its one style and one script are allowed by their
hashes and nothing else is: what a file name or a model's class is called cannot become code.
"""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify

from serve.instances.choice import SCORE_THRESHOLD
from serve.labels import Labels
from serve.options import fitting
from serve.render import colormaps
from serve.service import Service

_PAGE = Path(__file__).parent / "pages" / "index.html"


def page(service: Service) -> Blueprint:
    """The two routes of the page."""
    routes = Blueprint("page", __name__)
    html = _PAGE.read_text()
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": policy_of(html),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

    @routes.get("/")
    def index() -> Response:
        return Response(html, headers=headers, mimetype="text/html")

    @routes.get("/page.json")
    def facts() -> Response:
        response = jsonify(facts_of(service))
        response.headers["Cache-Control"] = "no-cache"
        return response

    return routes


def facts_of(service: Service) -> dict[str, Any]:
    """What the page asks for before it can offer a choice, as JSON values."""
    settings = service.settings
    return {
        "title": service.title,
        "classes": _classes(service.labels),
        "colormaps": list(colormaps.names()),
        "max_body_bytes": settings.max_body_bytes,
        "runtime_api": settings.serves_runtime_api,
        "finds_things": service.task.finds_things,
        "score_threshold": _score_threshold(service),
        "first_class": service.labels.numbers[0],
    }


def _score_threshold(service: Service) -> float:
    """Which things are told of unless a request says it."""
    options = service.task.options(
        fitting(service.settings.options, service.task.kinds), labels=service.labels
    )
    return SCORE_THRESHOLD if options.score_threshold is None else options.score_threshold


def policy_of(html: str) -> str:
    """A Content-Security-Policy that lets a page's own style and script run, and nothing else.

    Source: W3C Content Security Policy Level 3, section 2.3.1 (hash sources).
    """
    directives = {
        "default-src": "'none'",
        "script-src": _hashes(html, "script"),
        "style-src": _hashes(html, "style"),
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _hashes(html: str, element: str) -> str:
    inside = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
    digests = [hashlib.sha256(text.encode()).digest() for text in inside]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _classes(labels: Labels) -> list[dict[str, Any]]:
    colors = labels.palette[: len(labels.names)].tolist()
    return [
        {"id": id_, "name": name, "color": "#" + bytes(color).hex()}
        for id_, (name, color) in enumerate(zip(labels.names, colors, strict=True))
    ]
