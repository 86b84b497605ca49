"""GET /openapi.json describes this server: the routes it has, the answers it gives."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from serve import media
from serve.openapi import path_of
from serve.openapi.routes import ROUTES_OF_MANY, ROUTES_OF_ONE
from serve.s3_uri import parse_patterns
from tests.contract import Contract
from tests.http.conftest import MakeModelsApp
from tests.http.test_invocations import photo_bytes
from tests.red import RedEngine
from tests.s3 import CREDENTIALS, RunningS3

PHOTO = photo_bytes()
TEXT = base64.b64encode(PHOTO).decode()
HIDDEN = "/opt/ml/model/secret"
IMPLIED = {"HEAD", "OPTIONS"}


@pytest.fixture(params=["client_of", "models_client_of"])
def any_client_of(request: pytest.FixtureRequest) -> Callable[..., FlaskClient]:
    """Of a server of one model, and of one that holds several, with the given settings."""
    client_of: Callable[..., FlaskClient] = request.getfixturevalue(request.param)
    return client_of


@pytest.fixture
def models_client_of(models_app_of: MakeModelsApp) -> Callable[..., FlaskClient]:
    return lambda **settings: models_app_of(**settings).client


def contract_of(client: FlaskClient) -> Contract:
    response = client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    return Contract(response.get_json())


@pytest.mark.parametrize("choice", ["on", "off"])
def test_it_has_the_routes_that_the_server_has(
    any_client_of: Callable[..., FlaskClient], choice: str
) -> None:
    client = any_client_of(page=choice, runtime_api=choice)
    told = contract_of(client).document["paths"]
    routes: dict[str, set[str]] = {}
    for rule in client.application.url_map.iter_rules():
        routes.setdefault(path_of(rule.rule), set()).update(rule.methods or ())
    assert {path: {method.upper() for method in item} for path, item in told.items()} == {
        path: methods - IMPLIED for path, methods in routes.items()
    }
    assert ("/endpoints/{name}/invocations" in told) == (choice == "on")


def test_every_route_that_is_described_may_be_there(
    client: FlaskClient, models_app_of: MakeModelsApp
) -> None:
    assert {*contract_of(client).document["paths"]} == {*ROUTES_OF_ONE}
    assert {*contract_of(models_app_of().client).document["paths"]} == {*ROUTES_OF_MANY}


def test_the_page_is_told_of_where_it_is(client_of: Callable[..., FlaskClient]) -> None:
    told = contract_of(client_of(page="off")).document["paths"]
    assert not {"/", "/page.json"} & {*told}


def test_a_route_that_nobody_described_is_not_passed_over(
    any_client_of: Callable[..., FlaskClient],
) -> None:
    client = any_client_of()
    client.application.add_url_rule("/new", view_func=lambda: "")
    refused = client.get("/openapi.json")
    assert (refused.status_code, refused.get_json()["code"]) == (500, "internal-error")


def test_it_is_the_same_each_time(any_client_of: Callable[..., FlaskClient]) -> None:
    client = any_client_of()
    first, second = (client.get("/openapi.json").get_data() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "path", ["/ping", "/metrics", "/openapi.json", "/execution-parameters", "/", "/page.json"]
)
def test_answers_without_a_photo_are_as_told(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    contract_of(client).check(path, response)


@pytest.mark.parametrize(("path", "method"), [("/ping", "GET"), ("/invocations", "POST")])
def test_another_method_is_refused_as_told(client: FlaskClient, path: str, method: str) -> None:
    response = client.put(path, data=PHOTO)
    assert response.status_code == 405
    contract_of(client).check(path, response, method)


@pytest.mark.parametrize(
    "options",
    ["", ";class=dog", ";regions=rle", ";regions=polygons", ";class=cat;regions=polygons"],
)
@pytest.mark.parametrize("accept", [*media.ANSWERS, "*/*", "image/*"])
def test_answers_to_photos_are_as_told(client: FlaskClient, accept: str, options: str) -> None:
    response = client.post("/invocations", data=PHOTO, headers={"Accept": f"{accept}{options}"})
    assert response.status_code == 200
    contract_of(client).check("/invocations", response)


@pytest.mark.parametrize(
    ("default", "told"),
    [
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("image/*", "image/png"),
        ("text/html, image/png", "image/png"),
        (
            "image/png-mask;q=0.2, application/x-npy;array=mask;q=0.7",
            "application/x-npy;array=mask",
        ),
        ("*/*", "application/x-recordio-protobuf"),
        ("*/*;class=cat", "application/x-recordio-protobuf;class=cat"),
        ("image/png ; Palette=voc;score_threshold=0.5", "image/png;palette=voc"),
        ('application/json;class="cat,dog"', 'application/json;class="cat,dog"'),
    ],
)
def test_an_answer_to_who_asks_for_no_type_is_as_told(
    client_of: Callable[..., FlaskClient], default: str, told: str
) -> None:
    client = client_of(default_accept=default)
    answers = contract_of(client).document["paths"]["/invocations"]["post"]["responses"]["200"]
    assert f"are `{told}` on this server" in answers["description"]
    response = client.post("/invocations", data=PHOTO)
    assert response.content_type == told.partition(";")[0]


@pytest.mark.parametrize(
    ("fields", "schema"),
    [
        ({}, "MaskBase64"),
        ({"MaskColorMap": "jet|dynamic", "Alpha": 0.5}, "MaskBase64"),
        ({"Accept": media.JSON, "Options": {"regions": "rle"}}, "Summary"),
    ],
)
def test_answers_to_json_are_as_told(
    client: FlaskClient, fields: dict[str, Any], schema: str
) -> None:
    contract, sent = contract_of(client), {"ImageBase64": TEXT, **fields}
    contract.validator("components", "schemas", "JsonRequest").validate(sent)
    response = client.post("/invocations", json=sent)
    contract.check("/invocations", response)
    contract.validator("components", "schemas", schema).validate(response.get_json())


def test_what_is_told_of_a_stored_answer_is_as_told(
    client_of: Callable[..., FlaskClient], s3: RunningS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": s3.url}.items():
        monkeypatch.setenv(name, value)
    s3.put("told", "out/here.png", PHOTO)  # there is such a bucket
    client = client_of(s3_allow=parse_patterns("s3://told/out/*"))
    sent = {"ImageBase64": TEXT, "OutputS3Uri": "s3://told/out/told.png"}
    response = client.post("/invocations", json=sent)
    assert response.status_code == 200
    contract = contract_of(client)
    contract.check("/invocations", response)
    contract.validator("components", "schemas", "Stored").validate(response.get_json())
    missing = client.post("/invocations", json={"ImageS3Uri": "s3://told/out/none.png"})
    assert missing.get_json()["code"] == "s3-not-found"
    contract.check("/invocations", missing)


def long_png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((1, 16_384, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


REFUSED: dict[str, dict[str, Any]] = {
    "bad-option": {"headers": {"Accept": "image/png;palette=pink"}},
    "not-acceptable": {"headers": {"Accept": "text/html"}},
    "unsupported-media-type": {"headers": {"Content-Type": "text/csv"}},
    "empty-body": {"data": b""},
    "undecodable-image": {"data": b"no photo"},
    "bad-json": {"data": b"{", "headers": {"Content-Type": media.JSON}},
    "s3-not-allowed": {"data": None, "json": {"ImageS3Uri": "s3://photos/cat.png"}},
    "body-too-large": {"data": bytes((1 << 20) + 1)},
    "image-too-large": {"data": photo_bytes(size=(150, 150))},
    "picture-too-long": {"data": long_png(), "headers": {"Accept": media.WEBP_OVERLAY}},
}


@pytest.mark.parametrize("code", REFUSED)
def test_refusals_are_as_told(client_of: Callable[..., FlaskClient], code: str) -> None:
    client = client_of(max_payload_mb=1, max_pixels=20_000)
    response = client.post("/invocations", **{"data": PHOTO, **REFUSED[code]})
    assert response.get_json()["code"] == code
    contract_of(client).check("/invocations", response)


def test_a_server_that_fails_says_so_as_told(client: FlaskClient, engine: RedEngine) -> None:
    engine.predict = None  # type: ignore[assignment, method-assign]
    response = client.post("/invocations", data=PHOTO)
    assert response.get_json()["code"] == "inference-failed"
    contract_of(client).check("/invocations", response)


@pytest.mark.parametrize(
    ("method", "path", "broken"),
    [
        ("GET", "/metrics", "serve.metrics.Metrics.exposed"),
        ("GET", "/page.json", "serve.page.facts_of"),
        ("POST", "/invocations", "serve.order.read_body"),
        ("POST", "/invocations", "serve.answers.mask.encode_mask"),
    ],
)
def test_a_fault_that_is_not_the_networks_says_so_as_told(  # noqa: PLR0913, PLR0917
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    broken: str,
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise RuntimeError(HIDDEN)

    contract = contract_of(client)
    monkeypatch.setattr(broken, fail)
    response = client.open(path, method=method, data=PHOTO, headers={"Accept": media.PNG})
    assert response.get_json()["code"] == "internal-error"
    assert "model" not in response.get_json()["message"]
    assert HIDDEN not in response.text
    assert HIDDEN in caplog.text
    contract.check(path, response)


def test_a_full_queue_is_refused_as_told(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(queue_size=1)
    held = client.post("/invocations", data=PHOTO, buffered=False)  # until its answer is read
    response = client.post("/invocations", data=PHOTO)
    held.close()
    assert response.get_json()["code"] == "overloaded"
    contract_of(client).check("/invocations", response)


def test_the_runtime_apis_answers_are_as_told(client: FlaskClient) -> None:
    path, contract = "/endpoints/{name}/invocations", contract_of(client)
    answered = client.post("/endpoints/any/invocations", data=PHOTO)
    assert answered.status_code == 200
    contract.check(path, answered)
    refused = client.post("/endpoints/any/invocations", data=b"no photo")
    assert refused.status_code == 424
    contract.check(path, refused)
    inside = refused.get_json()["OriginalMessage"]
    assert "undecodable-image" in inside
