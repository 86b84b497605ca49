"""POST /endpoints/{name}/invocations, where SageMaker's runtime API is answered in small."""

from serve.errors import NotFound
from serve.openapi.answers import answers
from serve.openapi.described import Described, has_many
from serve.openapi.errors import refusals
from serve.openapi.headers import parameters, response_headers
from serve.openapi.photos import request_body
from serve.openapi.reference import Json, ref

_VARIANT = {"required": True, "schema": {"const": "AllTraffic"}}
_ERROR_TYPE = {"required": True, "schema": {"const": "ModelError"}}
_NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Any; it chooses nothing here.",
    "schema": {"type": "string", "pattern": "^[^/]+$"},
}
_TARGET_MODEL = {
    "name": "X-Amzn-SageMaker-Target-Model",
    "in": "header",
    "required": True,
    "description": "The model that answers; boto3's TargetModel.",
    "schema": ref("schemas", "ModelName"),
}
_MODEL_ERROR: Json = {
    "type": "object",
    "required": ["Message", "OriginalMessage", "OriginalStatusCode", "LogStreamArn"],
    "properties": {
        "Message": {"type": "string"},
        "OriginalMessage": {"type": "string", "contentMediaType": "application/json"},
        "OriginalStatusCode": {"type": "integer", "minimum": 400, "maximum": 599},
        "LogStreamArn": {"type": "string"},
    },
}


def invoke_endpoint(server: Described) -> Json:
    """As boto3's client of sagemaker-runtime has it."""
    answered = answers(server)
    target = [_TARGET_MODEL] if has_many(server) else []
    headers = answered["headers"] | {"x-Amzn-Invoked-Production-Variant": _VARIANT}
    return {
        "post": {
            "operationId": "invokeEndpoint",
            "tags": ["Runtime API"],
            "summary": "The same, as boto3's client of sagemaker-runtime asks it",
            "parameters": [_NAME, *target, *parameters()],
            "requestBody": request_body(server),
            "responses": {
                "200": answered | {"headers": headers},
                "424": _model_error(),
                **refusals(server, NotFound),
            },
        }
    }


def _model_error() -> Json:
    return {
        "description": "What the container itself refuses: its status and, as a text, its JSON.",
        "headers": response_headers("X-Request-Id") | {"x-amzn-ErrorType": _ERROR_TYPE},
        "content": {"application/json": {"schema": _MODEL_ERROR}},
    }
