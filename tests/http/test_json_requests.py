"""A request in JSON, as apps wrote it for the Lambda: what it answers and what it refuses."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from werkzeug.test import TestResponse

from tests.red import RedEngine

JSON = "application/json"


def photo_bytes() -> bytes:
    """Three pixels: of class 0, 1 and 2."""
    buffer = io.BytesIO()
    Image.fromarray(np.array([[[0, 0, 0], [150, 0, 0], [255, 0, 0]]], np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


PHOTO = photo_bytes()
TEXT = base64.b64encode(PHOTO).decode()


def ask(
    client: FlaskClient, path: str = "/invocations", accept: str | None = None, **fields: Any
) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    return client.post(path, json={"ImageBase64": TEXT, **fields}, headers=headers)


def rgba(response: TestResponse) -> NDArray[np.uint8]:
    assert response.status_code == 200, response.get_data()
    answer = response.get_json()
    assert set(answer) == {"MaskBase64"}
    with Image.open(io.BytesIO(base64.b64decode(answer["MaskBase64"], validate=True))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGBA")
        return np.asarray(picture)


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/*",
        JSON,
        "Application/JSON; charset=utf-8",
        "application/json, text/plain, */*",
        "text/html, */*;q=0.1",
        "application/json, image/png;q=0.5",
    ],
)
@pytest.mark.parametrize("path", ["/invocations", "/endpoints/any/invocations"])
def test_the_lambdas_answer_is_what_nobody_asked_otherwise(
    client: FlaskClient, accept: str | None, path: str
) -> None:
    response = ask(client, path, accept, TargetClassId=1, Alpha=0.8)
    assert response.headers["Content-Type"] == JSON
    expected = [[[0, 255, 255, 0], [0, 255, 255, 204], [0, 255, 255, 0]]]
    assert rgba(response).tolist() == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [(0, 255, 255, 255), (0, 255, 255, 0), (0, 255, 255, 0)]),
        (
            {"TargetClassId": 2, "Probabilistic": True, "MaskColor": [1, 0, 0.5]},
            [(255, 0, 127, 25), (255, 0, 127, 25), (255, 0, 127, 204)],
        ),
        (
            {"MaskColorMap": "jet|0|2", "Alpha": 0.5},
            [(0, 0, 127, 127), (124, 255, 121, 127), (127, 0, 0, 127)],
        ),
    ],
)
def test_the_lambdas_fields_draw_what_it_drew(
    client: FlaskClient, fields: dict[str, Any], expected: list[tuple[int, ...]]
) -> None:
    assert list(map(tuple, rgba(ask(client, **fields))[0].tolist())) == expected


TYPES = [
    "image/png",
    "image/png;palette=voc",
    "image/png-mask",
    "image/png-overlay",
    "image/jpeg-overlay;quality=70",
    "image/webp",
    "application/x-npy",
    "application/x-protobuf",
    "application/x-recordio-protobuf",
    "image/*",
]


@pytest.mark.parametrize("accept", TYPES)
@pytest.mark.parametrize("where", ["header", "field"])
def test_a_type_asked_for_is_a_plain_requests_answer(
    client: FlaskClient, accept: str, where: str
) -> None:
    fields: dict[str, Any] = {"TargetClassId": 2, "Alpha": 0.25, "MaskColorMap": "jet"}
    options = 'class=2;alpha=0.25;colormap="jet"'
    plain = client.post(
        "/invocations",
        data=PHOTO,
        headers={"Accept": accept, "X-Amzn-SageMaker-Custom-Attributes": options},
    )
    header, more = (accept, {}) if where == "header" else ("text/csv", {"Accept": accept})
    response = ask(client, accept=header, **fields, **more)
    assert (response.status_code, plain.status_code) == (200, 200)
    assert response.headers["Content-Type"] == plain.headers["Content-Type"]
    assert response.get_data() == plain.get_data()


def test_the_field_accept_can_ask_for_the_summary_and_for_the_default(client: FlaskClient) -> None:
    summary = ask(client, Accept="application/json").get_json()
    assert (summary["height"], summary["width"]) == (1, 3)
    default = ask(client, accept="image/png", Accept="*/*")
    assert default.headers["Content-Type"] == "application/x-recordio-protobuf"


def test_who_wins_where_several_choose(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(default_options="class=2;alpha=0.2;colormap=jet|0|2")

    def opacities(accept: str, attributes: str, **fields: Any) -> list[int]:
        headers = {"Accept": accept, "X-Amzn-SageMaker-Custom-Attributes": attributes}
        body = {"ImageBase64": TEXT, "MaskColorMap": "", **fields}
        alphas: list[int] = rgba(client.post("/invocations", json=body, headers=headers))[
            0, :, 3
        ].tolist()
        return alphas

    options = {"Options": {"alpha": 0.6}}
    assert opacities("*/*", "") == [0, 0, 51]
    assert opacities("*/*", "alpha=0.4") == [0, 0, 102]
    assert opacities("*/*", "alpha=0.4", **options) == [0, 0, 153]
    assert opacities("*/*;alpha=0.8", "alpha=0.4", **options) == [0, 0, 204]
    assert opacities("*/*;alpha=0.8", "alpha=0.4", **options, Alpha=1) == [0, 0, 255]
    assert opacities("*/*", "", TargetClassId=0) == [51, 0, 0]


def test_a_colormap_spans_the_photo_for_the_lambda_and_the_model_elsewhere(
    client: FlaskClient,
) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.array([[[0, 0, 0], [150, 0, 0]]], np.uint8)).save(buffer, "PNG")
    fields = {
        "ImageBase64": base64.b64encode(buffer.getvalue()).decode(),
        "MaskColorMap": "jet",
    }
    lambdas = rgba(ask(client, **fields))
    assert lambdas[0].tolist() == [[0, 0, 127, 255], [127, 0, 0, 255]]
    plain = ask(client, accept="image/png-mask", **fields)
    picture = np.asarray(Image.open(io.BytesIO(plain.get_data())))
    assert picture[0].tolist() == [[0, 0, 127, 255], [124, 255, 121, 255]]


@pytest.mark.parametrize(
    ("body", "accept", "status", "code", "says"),
    [
        (b"", None, 400, "bad-json", "no JSON"),
        (PHOTO, None, 400, "bad-json", "no JSON"),
        (b"[1]", None, 400, "bad-json", "no object"),
        ({}, None, 400, "bad-json", "neither ImageBase64 nor ImageS3Uri"),
        ({"ImageBase64": TEXT + "!"}, None, 400, "bad-json", "no base64"),
        ({"ImageBase64": "AAAA"}, None, 400, "undecodable-image", "JPEG"),
        ({"ImageBase64": "data:image/png;base64,"}, None, 400, "empty-body", "empty"),
        ({"TargetClassId": 3}, None, 400, "bad-option", "'TargetClassId' cannot be '3'"),
        ({"TargetClassId": -1}, None, 400, "bad-option", "whole number, 0 to 2"),
        ({"Alpha": 1.5}, None, 400, "bad-option", "'Alpha' cannot be '1.5'"),
        ({"MaskColor": [255, 0, 0]}, None, 400, "bad-option", "three numbers from 0 to 1"),
        ({"MaskColorMap": "jet|a"}, None, 400, "bad-option", "'MaskColorMap' cannot be 'jet|a'"),
        ({"Probabilistic": "maybe"}, None, 400, "bad-option", "true or false"),
        ({"Options": {"alpa": 1}}, None, 400, "bad-option", "no option 'alpa'"),
        ({"Options": {"alpha": 2}}, None, 400, "bad-option", "'alpha' cannot be '2'"),
        ({"Options": {"class": "bird"}}, None, 400, "bad-option", "cat"),
        ({}, "text/csv", 406, "not-acceptable", "image/png"),
        ({"Accept": "text/csv"}, "image/png", 406, "not-acceptable", "text/csv"),
        ({"Accept": 1}, None, 400, "bad-option", "Accept header"),
        ({"ImageBase64": "", "ImageS3Uri": "cat.jpg"}, None, 400, "bad-option", "s3://bucket/key"),
        ({"ImageBase64": "", "ImageS3Uri": "s3://b12/k"}, None, 403, "s3-not-allowed", "SEG_S3"),
        ({"OutputS3Uri": "s3://b12/k"}, None, 403, "s3-not-allowed", "SEG_S3_ALLOW"),
        ({"Unknown": "x" * (1 << 20)}, None, 413, "body-too-large", "1048576"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_runs_nothing(  # noqa: PLR0913, PLR0917
    client_of: Callable[..., FlaskClient],
    engine: RedEngine,
    body: bytes | dict[str, Any],
    accept: str | None,
    status: int,
    code: str,
    says: str,
) -> None:
    client = client_of(max_payload_mb=1)
    if isinstance(body, dict):
        has_photo = body and "ImageBase64" not in body
        photo = {"ImageBase64": TEXT} if has_photo or accept else {}
        body = json.dumps({**photo, **body}).encode()
    headers = {} if accept is None else {"Accept": accept}
    response = client.post("/invocations", data=body, headers=headers, content_type=JSON)
    answer = response.get_json()
    assert (response.status_code, answer["code"]) == (status, code)
    assert says in answer["message"]
    assert TEXT[:20] not in response.get_data(as_text=True)
    assert engine.seen == []


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON; charset=utf-8"])
def test_the_label_decides_what_is_json(client: FlaskClient, content_type: str) -> None:
    body = json.dumps({"ImageBase64": TEXT}).encode()
    assert client.post("/invocations", data=body, content_type=content_type).status_code == 200
    unlabelled = client.post("/invocations", data=body)
    assert (unlabelled.status_code, unlabelled.get_json()["code"]) == (400, "undecodable-image")


def test_a_refusal_and_an_answer_give_their_place_back(
    client_of: Callable[..., FlaskClient],
) -> None:
    client = client_of(queue_size=1)
    unread = ask(client)
    assert ask(client).status_code == 503
    unread.close()
    ask(client, ImageBase64="AAAA").close()
    assert ask(client).status_code == 200
