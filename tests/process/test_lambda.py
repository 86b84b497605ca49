"""An app written for the Lambda against a real server: boto3's client, S3 by moto, the handler."""

import base64
import importlib
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.s3 import CREDENTIALS, RunningS3
from tests.server import CAT, RunningServer


@pytest.fixture(scope="module")
def server(s3: RunningS3) -> Iterator[RunningServer]:
    settings: dict[str, Any] = {"SEG_S3_ALLOW": "s3://pets/in/*, s3://pets/out/*", **s3.environment}
    with RunningServer(**settings) as running:
        yield running.wait_until_ready()


@pytest.fixture
def handle(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The Lambda handler, whose endpoint is the server."""
    address = f"http://127.0.0.1:{server.port}"
    environment = {"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": address, "SAGEMAKER_ENDPOINT": "pets"}
    for name, value in {**environment, **CREDENTIALS}.items():
        monkeypatch.setenv(name, value)
    handler = importlib.import_module("deploy.lambda.handler")
    handler.runtime.cache_clear()
    yield handler.handle
    handler.runtime().close()
    handler.runtime.cache_clear()


def ask(server: RunningServer, **fields: Any) -> tuple[int, Any]:
    status, content_type, body = server.post(
        json.dumps(fields).encode(), Content_Type="application/json"
    )
    assert content_type == "application/json"
    return status, json.loads(body)


def test_the_photo_and_the_picture_pass_through_s3(server: RunningServer, s3: RunningS3) -> None:
    s3.put("pets", "in/cat.jpg", CAT.read_bytes())
    photo = base64.b64encode(CAT.read_bytes()).decode()
    fields = {"TargetClassId": 1, "Alpha": 0.8, "MaskColorMap": "jet|dynamic"}
    status, returned = ask(server, ImageBase64=photo, **fields)
    picture = base64.b64decode(returned["MaskBase64"])
    assert (status, np.asarray(Image.open(io.BytesIO(picture))).shape) == (200, (300, 451, 4))

    named = {"ImageS3Uri": "s3://pets/in/cat.jpg", "OutputS3Uri": "s3://pets/out/cat.png"}
    status, told = ask(server, **named, **fields)
    assert (status, told["Bytes"]) == (200, len(picture))
    assert s3.get("pets", "out/cat.png") == (picture, "image/png")


def test_nothing_else_is_read(server: RunningServer, s3: RunningS3) -> None:
    s3.put("pets", "secret.jpg", CAT.read_bytes())
    status, refusal = ask(server, ImageS3Uri="s3://pets/secret.jpg")
    assert (status, refusal["code"]) == (403, "s3-not-allowed")
    _, same = ask(server, ImageS3Uri="s3://pets/nothing.jpg")
    assert refusal["message"].replace("secret", "nothing") == same["message"]


def test_the_log_says_what_s3_said_and_the_answer_does_not(server: RunningServer) -> None:
    status, refusal = ask(server, ImageS3Uri="s3://pets/in/none.jpg")
    assert (status, refusal["code"]) == (400, "s3-not-found")
    server.wait_for(refusal["request_id"])
    (line,) = (line for line in server.output.splitlines() if refusal["request_id"] in line)
    entry = json.loads(line)
    assert (entry["status"], entry["code"]) == (400, "s3-not-found")


def test_the_handler_is_the_lambda(handle: Any) -> None:
    photo = base64.b64encode(CAT.read_bytes()).decode()
    answer = handle({"ImageBase64": photo, "TargetClassId": 1, "EndpointName": "old"}, None)
    with Image.open(io.BytesIO(base64.b64decode(answer["MaskBase64"]))) as picture:
        assert (picture.mode, picture.size) == ("RGBA", (451, 300))
    with pytest.raises(RuntimeError, match="TargetClassId"):
        handle({"ImageBase64": photo, "TargetClassId": 99}, None)


def test_the_handler_passes_a_photo_from_api_gateway(handle: Any) -> None:
    event = {
        "requestContext": {},
        "headers": {"content-type": "image/jpeg", "accept": "image/png"},
        "body": base64.b64encode(CAT.read_bytes()).decode(),
        "isBase64Encoded": True,
    }
    answer = handle(event, None)
    assert (answer["statusCode"], answer["headers"]) == (200, {"Content-Type": "image/png"})
    with Image.open(io.BytesIO(base64.b64decode(answer["body"]))) as mask:
        assert (mask.mode, mask.size) == ("P", (451, 300))
    event["headers"] = {"accept": "text/csv"}
    assert handle(event, None)["statusCode"] == 406
