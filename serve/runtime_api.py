"""SageMaker's runtime API in small, so that boto3's client works against a local server.

    boto3.client("sagemaker-runtime", endpoint_url="http://localhost:8080").invoke_endpoint(...)

posts to /endpoints/<name>/invocations; any name is answered by the one model here, or by that which
TargetModel names. What SageMaker says when a container refuses is said here in the same shape:
status 424, error type ModelError, with the container's own status and body inside. Signatures are
not checked: this is for a desk, and off where SageMaker runs the container.

Source: botocore's service model of sagemaker-runtime (InvokeEndpoint, ModelError).
"""

import json
from collections.abc import Callable

from flask import Blueprint, Response, g, jsonify, request

from serve.errors import ServeError
from serve.refusal import refuse

_MODEL_ERROR = 424
_SERVER_FAULT = 500


def runtime_api(answer: Callable[[], Response]) -> Blueprint:
    """The one route of the runtime API that a model container can stand in for.

    Args:
        answer: to the request at hand, as from the container itself.
    """
    routes = Blueprint("runtime_api", __name__)

    @routes.post("/endpoints/<name>/invocations")
    def invoke_endpoint(name: str) -> Response:
        response = answer()
        response.headers["x-Amzn-Invoked-Production-Variant"] = "AllTraffic"
        return response

    @routes.errorhandler(ServeError)
    def model_error(error: ServeError) -> Response:
        whose = "server" if error.status >= _SERVER_FAULT else "client"
        received = f"Received {whose} error ({error.status})"
        original = json.dumps(refuse(error, request, g.visit))
        response = jsonify(
            Message=f'{received} from primary with message "{original}".',
            OriginalMessage=original,
            OriginalStatusCode=error.status,
            LogStreamArn="",
        )
        response.status_code = _MODEL_ERROR
        response.headers["x-amzn-ErrorType"] = "ModelError"
        return response

    return routes
