"""POST /invocations."""

from serve.openapi import instances
from serve.openapi.answers import answers
from serve.openapi.described import Described
from serve.openapi.errors import of_photos, refusals
from serve.openapi.headers import parameters
from serve.openapi.photos import request_body
from serve.openapi.reference import Json

_SUMMARY = "Answer which pixel of a photo is of which class"


def invocations(server: Described) -> Json:
    """A photo in, an answer out."""
    return {
        "post": {
            "operationId": "invoke",
            "tags": ["SageMaker"],
            "summary": instances.SUMMARY if server.task.finds_things else _SUMMARY,
            "parameters": parameters(),
            "requestBody": request_body(server),
            "responses": {"200": answers(server), **refusals(server, *of_photos(server))},
        }
    }
