"""POST /invocations."""

from serve.invoke import Service
from serve.openapi.answers import answers
from serve.openapi.errors import of_photos, refusals
from serve.openapi.headers import parameters
from serve.openapi.photos import request_body
from serve.openapi.reference import Json


def invocations(service: Service) -> Json:
    """A photo in, an answer out."""
    return {
        "post": {
            "operationId": "invoke",
            "tags": ["SageMaker"],
            "summary": "Answer which pixel of a photo is of which class",
            "parameters": parameters(),
            "requestBody": request_body(service),
            "responses": {"200": answers(service), **refusals(service, *of_photos(service))},
        }
    }
