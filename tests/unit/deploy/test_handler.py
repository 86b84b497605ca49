"""API Gateway's events and the Lambda's own, with a stand-in for SageMaker's client."""

import ast
import base64
import importlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

FILE = Path("deploy/lambda/handler.py")
handler = importlib.import_module("deploy.lambda.handler")
PICTURE = b"\x89PNG \xff\x00"
REFUSAL = '{"code": "bad-option", "message": "no"}'


class Endpoint:
    """Answers every call alike, or raises; notes what it was called with."""

    def __init__(self, answer: bytes | Exception, content_type: str) -> None:
        self._answer, self._content_type = answer, content_type
        self.called: list[dict[str, Any]] = []

    def invoke_endpoint(self, **arguments: Any) -> dict[str, Any]:
        self.called.append(arguments)
        if isinstance(self._answer, Exception):
            raise self._answer
        return {"ContentType": self._content_type, "Body": io.BytesIO(self._answer)}


Stand = Callable[..., Endpoint]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Stand:
    monkeypatch.setenv("SAGEMAKER_ENDPOINT", "pets")

    def put(answer: bytes | Exception = PICTURE, content_type: str = "image/png") -> Endpoint:
        endpoint = Endpoint(answer, content_type)
        monkeypatch.setattr(handler, "runtime", lambda: endpoint)
        return endpoint

    return put


def gateway(body: str | None, *, binary: bool = False, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    context = {"requestContext": {}, "isBase64Encoded": binary}
    return {**context, "headers": named or None, "body": body}


def failed(**facts: Any) -> ClientError:
    response: Any = {"Error": {"Code": "ModelError"}, **facts}
    return ClientError(response, "InvokeEndpoint")


def test_a_photo_goes_in_and_a_picture_comes_out_as_bytes(stand_in: Stand) -> None:
    endpoint = stand_in()
    sent = base64.b64encode(b"\xff\xd8 photo").decode()
    names = {"CONTENT_TYPE": "image/jpeg", "accept": "image/png", "Host": "x"}
    attributes = {"X_Amzn_SageMaker_Custom_Attributes": "alpha=0.4"}
    answer = handler.handle(gateway(sent, binary=True, **names, **attributes), None)
    assert endpoint.called == [
        {
            "EndpointName": "pets",
            "Body": b"\xff\xd8 photo",
            "Accept": "image/png",
            "ContentType": "image/jpeg",
            "CustomAttributes": "alpha=0.4",
        }
    ]
    assert answer == {
        "statusCode": 200,
        "headers": {"Content-Type": "image/png"},
        "body": base64.b64encode(PICTURE).decode(),
        "isBase64Encoded": True,
    }


def test_json_goes_in_and_comes_out_as_text(stand_in: Stand) -> None:
    endpoint = stand_in(b'{"MaskBase64": "AAAA"}', "application/json")
    sent = '{"ImageBase64": "é"}'
    answer = handler.handle(gateway(sent, content_type="application/json"), None)
    assert endpoint.called[0]["Body"] == sent.encode()
    assert endpoint.called[0]["ContentType"] == "application/json"
    assert (answer["body"], answer["isBase64Encoded"]) == ('{"MaskBase64": "AAAA"}', False)


def test_nothing_sent_is_the_containers_to_refuse(stand_in: Stand) -> None:
    endpoint = stand_in()
    handler.handle(gateway(None), None)
    assert endpoint.called == [{"EndpointName": "pets", "Body": b""}]


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (failed(OriginalStatusCode=400, OriginalMessage=REFUSAL), 400, REFUSAL),
        (failed(OriginalStatusCode=503, OriginalMessage=REFUSAL), 503, REFUSAL),
        (failed(), 502, '{"code": "endpoint-failed", "message": "ModelError"}'),
        (
            EndpointConnectionError(endpoint_url="https://secret"),
            502,
            '{"code": "endpoint-failed", "message": "EndpointConnectionError"}',
        ),
    ],
)
def test_a_refusal_keeps_its_status_and_json(
    stand_in: Stand, error: Exception, status: int, body: str
) -> None:
    stand_in(error)
    answer = handler.handle(gateway("{}"), None)
    assert answer == {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": body,
        "isBase64Encoded": False,
    }


def test_the_lambdas_own_event_answers_its_dict(stand_in: Stand) -> None:
    endpoint = stand_in(b'{"MaskBase64": "AAAA"}', "application/json")
    event = {"ImageBase64": "AAAA", "TargetClassId": 14, "EndpointName": "another"}
    assert handler.handle(event, None) == {"MaskBase64": "AAAA"}
    called = endpoint.called[0]
    assert json.loads(called.pop("Body")) == event
    assert called == {"EndpointName": "pets", "ContentType": "application/json"}


def test_the_lambdas_own_event_may_ask_for_a_picture_and_raises_when_refused(
    stand_in: Stand,
) -> None:
    stand_in()
    answer = handler.handle({"ImageBase64": "AAAA", "Accept": "image/png"}, None)
    body = base64.b64encode(PICTURE).decode()
    assert answer == {"ContentType": "image/png", "BodyBase64": body}
    stand_in(failed(OriginalStatusCode=400, OriginalMessage=REFUSAL))
    with pytest.raises(RuntimeError, match="bad-option"):
        handler.handle({}, None)


def test_it_is_short_and_needs_what_lambda_has() -> None:
    text = FILE.read_text()
    assert len(text.splitlines()) < 60
    nodes = list(ast.walk(ast.parse(text)))
    imported = {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    tops = {name.split(".")[0] for name in imported}
    assert tops - set(sys.stdlib_module_names) == {"boto3", "botocore"}
