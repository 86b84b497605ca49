"""SageMaker's API for a container that holds several models: load, list, ask, unload.

Source: Amazon SageMaker Developer Guide, "Custom Containers Contract for Multi-Model Endpoints".
docs/models.md is the page for callers.
"""

from flask import Blueprint, Response, g, jsonify, request

from model.engines.engine import is_out_of_memory
from serve.body import read_body
from serve.errors import BadModelRequest, InferenceFailed, ModelNotNamed, OurWords, OutOfMemory
from serve.invoke import invoke, to_response
from serve.load_request import LoadRequest, parse_load
from serve.models import Models

PAGE_MODELS = 100
"""Models in an answer to GET /models."""

_TARGET = "X-Amzn-SageMaker-Target-Model"


def models_api(models: Models) -> Blueprint:
    """The routes, and refusals in words of their own where one model would have been asked."""
    routes = Blueprint("models", __name__)

    @routes.post("/models")
    def load() -> Response:
        g.visit.bytes_in = len(body := read_body(request, models.settings))
        asked = parse_load(body)
        g.visit.model = asked.name
        with g.visit.stages.timed("load"):
            models.load(asked)
        response = jsonify(_told(asked))
        response.headers["Server-Timing"] = g.visit.stages.header()
        return response

    @routes.get("/models")
    def list_some() -> Response:
        return jsonify(_page(models.listed(), request.args.get("next_page_token", "")))

    @routes.get("/models/<path:name>")
    def get(name: str) -> Response:
        g.visit.model = name
        return jsonify(_told(models.get(name)))

    @routes.delete("/models/<path:name>")
    def unload(name: str) -> Response:
        g.visit.model = name
        models.unload(name)
        return Response(status=200)

    @routes.post("/models/<path:name>/invoke")
    def invoke_named(name: str) -> Response:
        return ask(models, name)

    @routes.route("/", methods=["GET"])
    @routes.route("/invocations", methods=["POST"])
    def unnamed() -> Response:
        raise ModelNotNamed

    return routes


def ask(models: Models, name: str) -> Response:
    """What the model of this name answers to the request at hand.

    Raises:
        ModelNotFound: it is not loaded.
        OutOfMemory: the photo takes more than there is.
        ServeError: any that a model by itself raises.
    """
    g.visit.model = name
    used = models.use(name)
    try:
        response = to_response(invoke(request, used.service, g.visit))
    except BaseException as err:
        used.give_back()
        cause = err.__cause__ if isinstance(err, InferenceFailed) else err
        if cause and is_out_of_memory(cause):
            raise OutOfMemory(reason="none was left for this photo") from cause
        raise
    response.call_on_close(used.give_back)
    return response


def ask_target(models: Models) -> Response:
    """The same of the model that the request's header names.

    Raises:
        ModelNotNamed: there is no such header.
    """
    name = request.headers.get(_TARGET)
    if not name:
        raise ModelNotNamed
    return ask(models, name)


def _told(asked: LoadRequest) -> dict[str, str]:
    return {"modelName": asked.name, "modelUrl": asked.url}


def _page(listed: list[LoadRequest], token: str) -> dict[str, object]:
    """The models after the one that the token stands for; it need not be loaded any more."""
    try:
        after = bytes.fromhex(token).decode("ascii")
    except ValueError as err:
        raise BadModelRequest(
            reason=OurWords("next_page_token must be one that GET /models has given")
        ) from err
    rest = [asked for asked in listed if asked.name > after]
    page: dict[str, object] = {"models": [_told(asked) for asked in rest[:PAGE_MODELS]]}
    if len(rest) <= PAGE_MODELS:
        return page
    return {**page, "nextPageToken": rest[PAGE_MODELS - 1].name.encode().hex()}
