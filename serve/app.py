"""The routes, and how an error becomes a response. Nothing is decided here."""

import uuid

from flask import Flask, Response, g, jsonify, request
from werkzeug import exceptions

from serve.errors import BadRequest, InferenceFailed, MethodNotAllowed, NotFound, ServeError
from serve.invoke import Service, invoke, to_response
from serve.page import page
from serve.refusal import refuse
from serve.runtime_api import runtime_api

_AUTOMATIC = frozenset({"HEAD", "OPTIONS"})  # Flask answers these by itself


def create_app(service: Service) -> Flask:
    """The WSGI application around a predictor that may still be loading."""
    app = Flask("serve", static_folder=None)

    @app.before_request
    def number() -> None:
        g.request_id = uuid.uuid4().hex

    @app.get("/ping")
    def ping() -> Response:
        return Response(status=200 if service.predictor.ready else 503)

    @app.post("/invocations")
    def invocations() -> Response:
        return to_response(invoke(request, service))

    if service.settings.serves_runtime_api:
        app.register_blueprint(runtime_api(service))
    if service.settings.serves_page:
        app.register_blueprint(page(service))

    @app.errorhandler(ServeError)
    def refused(error: ServeError) -> Response:
        response = jsonify(refuse(error, request))
        response.status_code = error.status
        return response

    @app.errorhandler(exceptions.HTTPException)
    def unrouted(error: exceptions.HTTPException) -> Response:
        return refused(_in_our_words(error))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        failed = InferenceFailed()
        failed.__cause__ = error
        return refused(failed)

    return app


def _in_our_words(error: exceptions.HTTPException) -> ServeError:
    match error:
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed(allowed=sorted({*(error.valid_methods or ())} - _AUTOMATIC))
        case exceptions.NotFound():
            return NotFound()
    return BadRequest()
