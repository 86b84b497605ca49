"""The routes, and how an error becomes a response. Nothing is decided here."""

import uuid
from collections.abc import Callable
from functools import partial

from flask import Flask, Request, Response, g, jsonify, request
from werkzeug import exceptions
from werkzeug.routing.exceptions import WebsocketMismatch

from serve.errors import BadRequest, InternalError, MethodNotAllowed, NotFound, ServeError
from serve.invoke import invoke, to_response
from serve.journal import Journal
from serve.metrics import CONTENT_TYPE, Metrics
from serve.models import Models
from serve.models_api import ask_target, models_api
from serve.openapi import openapi
from serve.openapi.described import NoModelInParticular
from serve.page import page
from serve.refusal import refuse
from serve.runtime_api import runtime_api
from serve.service import Service
from serve.visit import Visit

JOURNAL = "journal"
"""Among the application's extensions: the `Journal`, for what the server refuses by itself."""
_AUTOMATIC = frozenset({"HEAD", "OPTIONS"})  # Flask answers these by itself


def create_app(served: Service | Models) -> Flask:
    """The WSGI application around a model that may still be loading, or around several."""
    app = Flask("serve", static_folder=None)
    app.url_map.merge_slashes = False  # or // is answered by a redirect, to wherever Host says
    settings = served.settings
    serving = served.predictor if isinstance(served, Service) else served
    metrics = Metrics(serving, settings.metrics_namespace)
    journal = app.extensions[JOURNAL] = Journal(metrics)
    _keep_journal(app, journal, settings.request_timeout_s)
    _answer_errors(app)

    @app.get("/ping")
    def ping() -> Response:
        return Response(status=200 if serving.ready else 503)

    @app.get("/metrics")
    def exposed() -> Response:
        return Response(metrics.exposed(), content_type=CONTENT_TYPE)

    answer = _one(app, served) if isinstance(served, Service) else _many(app, served)
    if settings.serves_runtime_api:
        app.register_blueprint(runtime_api(answer))
    return app


def _one(app: Flask, service: Service) -> Callable[[], Response]:
    """Routes to the one model; returns what answers the request at hand."""

    @app.post("/invocations")
    def invocations() -> Response:
        return to_response(invoke(request, service, g.visit))

    @app.get("/execution-parameters")
    def execution_parameters() -> Response:
        return jsonify(service.settings.transform.parameters())

    app.register_blueprint(openapi(service))
    if service.settings.serves_page:
        app.register_blueprint(page(service))
    return invocations


def _many(app: Flask, models: Models) -> Callable[[], Response]:
    """Routes to models by name; what is returned goes by boto3's TargetModel."""
    app.register_blueprint(models_api(models))
    app.register_blueprint(openapi(NoModelInParticular(models.settings)))
    return partial(ask_target, models)


def _keep_journal(app: Flask, journal: Journal, timeout_s: float) -> None:
    @app.before_request
    def begin() -> None:
        g.visit = Visit(uuid.uuid4().hex, timeout_s, _hang_up_of(request))

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.visit.request_id
        # The request itself, not the proxy for it: what is called later has no context.
        asked = request._get_current_object()  # type: ignore[attr-defined]
        response.call_on_close(partial(journal.close, g.visit, asked, response))
        return response


def _hang_up_of(request: Request) -> Callable[[], bool]:
    """Says whether the client has hung up, where the server's socket can tell."""
    connection = request.environ.get("gunicorn.socket")
    return getattr(connection, "is_hung_up", lambda: False)


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(ServeError)
    def refused(error: ServeError) -> Response:
        response = jsonify(refuse(error, request, g.visit))
        response.status_code = error.status
        response.headers.update(error.headers)
        return response

    @app.errorhandler(exceptions.HTTPException)
    def unrouted(error: exceptions.HTTPException) -> Response:
        return refused(_in_our_words(error))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        failed = InternalError()
        failed.__cause__ = error
        return refused(failed)


def _in_our_words(error: exceptions.HTTPException) -> ServeError:
    match error:
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed(allowed=sorted({*(error.valid_methods or ())} - _AUTOMATIC))
        case exceptions.NotFound():
            return NotFound()
        case WebsocketMismatch():
            return BadRequest(reason="it asks for a WebSocket, and there are none here")
    return BadRequest(reason="it fits no route")
