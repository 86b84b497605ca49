"""The routes, and how an error becomes a response. Nothing is decided here."""

import logging
import uuid

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from serve import errors
from serve.body import drop_body
from serve.errors import ServeError
from serve.invoke import invoke
from serve.predictor import Predictor
from serve.runtime_api import runtime_api
from serve.settings import Settings

_log = logging.getLogger(__name__)


def create_app(settings: Settings, predictor: Predictor) -> Flask:
    """The WSGI application around a predictor that may still be loading."""
    app = Flask("serve", static_folder=None)

    @app.before_request
    def number() -> None:
        g.request_id = uuid.uuid4().hex

    @app.get("/ping")
    def ping() -> Response:
        predictor.engine()
        return Response(status=200)

    @app.post("/invocations")
    def invocations() -> Response:
        answer = invoke(request, settings, predictor)
        return Response(answer.body, content_type=answer.media_type)

    if settings.serves_runtime_api:
        app.register_blueprint(runtime_api(settings, predictor))

    @app.errorhandler(ServeError)
    def refused(error: ServeError) -> Response:
        return _error(error, settings)

    @app.errorhandler(HTTPException)
    def unrouted(error: HTTPException) -> Response:
        if isinstance(error, MethodNotAllowed):
            return _error(
                errors.MethodNotAllowed(allowed=sorted(error.valid_methods or ())), settings
            )
        return _error(errors.NotFound(), settings)

    @app.errorhandler(Exception)
    def broken(_error_: Exception) -> Response:
        _log.exception("request %s failed", g.request_id)
        return _error(errors.InferenceFailed(), settings)

    return app


def _error(error: ServeError, settings: Settings) -> Response:
    drop_body(request, settings)
    response = jsonify(error.body(g.request_id))
    response.status_code = error.status
    return response
