"""ImageS3Uri and OutputS3Uri over HTTP: moto's S3, and ones that fail in every way."""

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

import serve.s3
from serve.s3_uri import parse_patterns
from tests.http.test_json_requests import PHOTO, TEXT
from tests.red import RedEngine
from tests.s3 import CREDENTIALS, RunningS3, ScriptedS3, SilentS3

NAMED = "s3://photos/in/cat.png"


@pytest.fixture
def allowed(
    client_of: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., FlaskClient]:
    """Builds a client of an application that may use two folders of the S3 at an address."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)

    def client(url: str, **settings: object) -> FlaskClient:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        return client_of(s3_allow=parse_patterns("s3://photos/in/*, s3://masks/out/*"), **settings)

    return client


def ask(client: FlaskClient, accept: str = "image/png", **fields: Any) -> TestResponse:
    return client.post("/invocations", json=fields, headers={"Accept": accept})


def refused(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


@pytest.mark.parametrize("key", ["in/cat.png", "in/%2e%2e/a b+c?é#.png"])
def test_a_photo_is_read_from_s3(
    allowed: Callable[..., FlaskClient], s3: RunningS3, key: str
) -> None:
    s3.put("photos", key, PHOTO)
    response = ask(allowed(s3.url), ImageS3Uri=f"s3://photos/{key}")
    assert response.status_code == 200, response.get_data()
    assert np.asarray(Image.open(io.BytesIO(response.get_data()))).tolist() == [[0, 1, 2]]
    assert "fetch;dur=" in response.headers["Server-Timing"]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "image/png"),
        ("image/png", "image/png"),
        ("image/png-overlay", "image/png"),
        ("image/jpeg-overlay", "image/jpeg"),
        ("application/x-npy", "application/x-npy"),
    ],
)
def test_an_answer_is_put_with_its_type(
    allowed: Callable[..., FlaskClient], s3: RunningS3, accept: str, content_type: str
) -> None:
    s3.put("masks", "out/mask.png", b"older")
    client, uri = allowed(s3.url), "s3://masks/out/mask.png"
    fields = {"ImageBase64": TEXT, "TargetClassId": 1}
    response = ask(client, accept, OutputS3Uri=uri, **fields)
    assert response.headers["Content-Type"] == "application/json"
    body, stored_type = s3.get("masks", "out/mask.png")
    told = {"OutputS3Uri": uri, "ContentType": content_type, "Bytes": len(body)}
    assert (response.status_code, response.get_json()) == (200, told)
    assert stored_type == content_type
    returned = ask(client, accept, **fields)
    if accept == "*/*":
        assert body == base64.b64decode(returned.get_json()["MaskBase64"])
    else:
        assert body == returned.get_data()
    assert "store;dur=" in response.headers["Server-Timing"]


@pytest.mark.parametrize(
    ("uri", "status", "code"),
    [
        ("s3://photos/secret.png", 403, "s3-not-allowed"),
        ("s3://photos/in", 403, "s3-not-allowed"),
        ("s3://photos/In/cat.png", 403, "s3-not-allowed"),
        ("s3://photos/inner/cat.png", 403, "s3-not-allowed"),
        ("s3://photos/%69n/cat.png", 403, "s3-not-allowed"),
        ("s3://photos-evil/in/cat.png", 403, "s3-not-allowed"),
        ("s3://masks/in/cat.png", 403, "s3-not-allowed"),
        ("s3://photos/in/../secret.png", 400, "bad-option"),
        ("s3://photos/in//cat.png", 400, "bad-option"),
        ("s3://photos/", 400, "bad-option"),
        ("http://photos/in/cat.png", 400, "bad-option"),
    ],
)
@pytest.mark.parametrize("field", ["ImageS3Uri", "OutputS3Uri"])
def test_what_is_not_listed_is_refused_unasked(  # noqa: PLR0913, PLR0917
    allowed: Callable[..., FlaskClient],
    engine: RedEngine,
    field: str,
    uri: str,
    status: int,
    code: str,
) -> None:
    with ScriptedS3(lambda _: (200, {}, b"")) as s3:
        photo = {"ImageBase64": TEXT} if field == "OutputS3Uri" else {}
        assert refused(ask(allowed(s3.url), **photo, **{field: uri})) == (status, code)
        assert s3.asked == []
    assert engine.seen == []


def test_an_output_that_is_not_listed_keeps_the_photo_from_being_fetched(
    allowed: Callable[..., FlaskClient],
) -> None:
    with ScriptedS3(lambda _: (200, {}, b"")) as s3:
        client = allowed(s3.url)
        for fields in (
            {"OutputS3Uri": "s3://masks/mask.png"},
            {"Alpha": 2},
            {"Accept": "text/csv"},
        ):
            assert ask(client, ImageS3Uri=NAMED, **fields).status_code >= 400
        assert s3.asked == []


def test_a_photo_in_the_request_needs_no_object(allowed: Callable[..., FlaskClient]) -> None:
    with ScriptedS3(lambda _: (200, {}, b"")) as s3:
        other = "s3://elsewhere/cat.png"
        assert ask(allowed(s3.url), ImageBase64=TEXT, ImageS3Uri=other).status_code == 200
        assert s3.asked == []


def test_size_is_judged_at_the_limit_and_before_the_download(
    allowed: Callable[..., FlaskClient], s3: RunningS3
) -> None:
    s3.put("photos", "in/fits", bytes(1 << 20))
    s3.put("photos", "in/large", bytes((1 << 20) + 1))
    client = allowed(s3.url, max_payload_mb=1)
    fits = refused(ask(client, ImageS3Uri="s3://photos/in/fits"))
    assert fits == (400, "undecodable-image")
    assert refused(ask(client, ImageS3Uri="s3://photos/in/large")) == (413, "body-too-large")
    length = {"Content-Length": str((1 << 20) + 1)}
    with ScriptedS3(lambda _: (200, length, b"")) as scripted:
        client = allowed(scripted.url, max_payload_mb=1)
        assert refused(ask(client, ImageS3Uri=NAMED)) == (413, "body-too-large")
        assert scripted.asked == ["HEAD"]


def test_an_object_that_grew_since_is_not_read_on(allowed: Callable[..., FlaskClient]) -> None:
    large = bytes(3 << 20)

    def grown(method: str) -> tuple[int, Mapping[str, str], bytes]:
        return 200, {"Content-Length": "10" if method == "HEAD" else str(len(large))}, large

    with ScriptedS3(grown) as s3:
        client = allowed(s3.url, max_payload_mb=1)
        assert refused(ask(client, ImageS3Uri=NAMED)) == (413, "body-too-large")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, (502, "s3-denied")),
        (403, (502, "s3-denied")),
        (404, (400, "s3-not-found")),
        (400, (502, "s3-unavailable")),
        (500, (502, "s3-unavailable")),
        (503, (502, "s3-unavailable")),
    ],
)
def test_what_s3_refuses_is_one_clear_refusal(
    allowed: Callable[..., FlaskClient], status: int, expected: tuple[int, str]
) -> None:
    secret = b"<Error><Code>Odd</Code><Message>AKIASECRET</Message></Error>"
    with ScriptedS3(lambda _: (status, {"Content-Length": str(len(secret))}, secret)) as s3:
        client = allowed(s3.url)
        for fields in ({"ImageS3Uri": NAMED}, {"ImageBase64": TEXT, "OutputS3Uri": NAMED}):
            response = ask(client, **fields)
            assert refused(response) == expected
            assert b"AKIASECRET" not in response.get_data()
        assert len(s3.asked) <= 4


def test_a_missing_object_and_a_missing_bucket_are_said(
    allowed: Callable[..., FlaskClient], s3: RunningS3
) -> None:
    client = allowed(s3.url)
    assert refused(ask(client, ImageS3Uri="s3://photos/in/none")) == (400, "s3-not-found")
    s3.client.create_bucket(Bucket="masks")
    s3.client.delete_object(Bucket="masks", Key="out/mask.png")
    s3.client.delete_bucket(Bucket="masks")
    response = ask(client, ImageBase64=TEXT, OutputS3Uri="s3://masks/out/mask.png")
    assert refused(response) == (400, "s3-not-found")


def test_no_connection_is_said(allowed: Callable[..., FlaskClient]) -> None:
    gone = SilentS3()
    gone.close()
    assert refused(ask(allowed(gone.url), ImageS3Uri=NAMED)) == (502, "s3-unavailable")


def test_a_download_cut_short_is_said(allowed: Callable[..., FlaskClient]) -> None:
    with ScriptedS3(lambda _: (200, {"Content-Length": "1000"}, b"begun")) as s3:
        assert refused(ask(allowed(s3.url), ImageS3Uri=NAMED)) == (502, "s3-unavailable")


def test_silence_is_a_timeout_and_keeps_no_place(
    allowed: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve.s3, "_READ_TIMEOUT_S", 0.05)
    silent = SilentS3()
    client = allowed(silent.url, queue_size=1)
    assert refused(ask(client, ImageS3Uri=NAMED)) == (502, "s3-timeout")
    assert refused(ask(client, ImageBase64=TEXT, OutputS3Uri=NAMED)) == (502, "s3-timeout")
    assert ask(client, ImageBase64=TEXT).status_code == 200
    silent.close()


def test_no_credentials_are_said(
    allowed: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with ScriptedS3(lambda _: (200, {}, b"")) as s3:
        assert refused(ask(allowed(s3.url), ImageS3Uri=NAMED)) == (502, "s3-denied")
        assert s3.asked == []
