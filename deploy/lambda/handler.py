"""API Gateway → an endpoint of the container and back; needs what Lambda's Python has, no more.

Invoked by itself, without API Gateway, it takes the rendering Lambda's event and returns its dict.
"""

import base64
import json
import os
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_JSON = "application/json"
_ARGUMENTS = {
    "accept": "Accept",
    "content-type": "ContentType",
    "x-amzn-sagemaker-custom-attributes": "CustomAttributes",
}
runtime = cache(lambda: boto3.client("sagemaker-runtime"))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry point, for the proxy integration of REST and HTTP APIs."""
    if "requestContext" not in event:
        return _invoked(event)
    sent = event.get("body") or ""
    body = base64.b64decode(sent) if event.get("isBase64Encoded") else sent.encode()
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    status, media_type, answer = _ask(body, headers)
    is_text = media_type.startswith(_JSON)
    text = (answer if is_text else base64.b64encode(answer)).decode()
    told = {"Content-Type": media_type}
    return {"statusCode": status, "headers": told, "body": text, "isBase64Encoded": not is_text}


def _invoked(event: dict[str, Any]) -> dict[str, Any]:
    status, media_type, answer = _ask(json.dumps(event).encode(), {"content-type": _JSON})
    if status >= 400:  # noqa: PLR2004  # Lambda reports what is raised, as it did before
        raise RuntimeError(answer.decode())
    if not media_type.startswith(_JSON):  # the event's Accept asked for another type
        return {"ContentType": media_type, "BodyBase64": base64.b64encode(answer).decode()}
    return dict(json.loads(answer))


def _ask(body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
    passed = {_ARGUMENTS[name]: headers[name] for name in _ARGUMENTS if headers.get(name)}
    try:
        name = os.environ["SAGEMAKER_ENDPOINT"]
        answer = runtime().invoke_endpoint(EndpointName=name, Body=body, **passed)
        return 200, answer["ContentType"], answer["Body"].read()
    except ClientError as err:
        reason, told = err.response["Error"]["Code"], err.response
        if "OriginalMessage" in told:  # the container's own refusal
            return told["OriginalStatusCode"], _JSON, told["OriginalMessage"].encode()
    except BotoCoreError as err:
        reason = type(err).__name__
    return 502, _JSON, json.dumps({"code": "endpoint-failed", "message": reason}).encode()
