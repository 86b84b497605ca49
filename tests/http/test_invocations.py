"""POST /invocations: a request, and its status, type and code. The engine is not asked in vain."""

import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from werkzeug.test import TestResponse

from serve.encode.recordio import read_scores
from tests.red import RedEngine

RECORDIO = "application/x-recordio-protobuf"
PROTOBUF = "application/x-protobuf"


def photo_bytes(file_format: str = "PNG", size: tuple[int, int] = (5, 4), **options: Any) -> bytes:
    """A photo (width, height) whose left column is red and whose right one is half so."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, 0, 0] = 255
    pixels[:, -1, 0] = 150
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format, **options)
    return buffer.getvalue()


EXPECTED = np.array([[2, 0, 0, 0, 1]] * 4, np.uint8)


def ids(response: TestResponse) -> NDArray[np.uint8]:
    assert response.status_code == 200, response.get_data()
    return np.asarray(Image.open(io.BytesIO(response.get_data())))


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, RECORDIO),
        ("", RECORDIO),
        ("*/*", RECORDIO),
        ("application/*", RECORDIO),
        (RECORDIO, RECORDIO),
        (PROTOBUF, PROTOBUF),
        ("Application/X-Protobuf", PROTOBUF),
        ("application/x-protobuf; charset=utf-8", PROTOBUF),
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("image/*", "image/png"),
        ("image/png;palette=voc", "image/png"),
        ("text/csv, image/png", "image/png"),
        ("text/html, image/*;q=0.8, */*;q=0.1", "image/png"),
        ("image/png;q=0.1, application/x-protobuf", PROTOBUF),
        ("*/*, image/png", "image/png"),
        ("image/png;q=0, */*", RECORDIO),
        ("application/x-protobuf, application/x-recordio-protobuf", PROTOBUF),
    ],
)
def test_accept_picks_the_type_and_the_answer_says_it(
    client: FlaskClient, accept: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.post("/invocations", data=photo_bytes(), headers=headers)
    assert response.status_code == 200, response.get_data()
    assert response.headers["Content-Type"] == media_type


def test_a_mask_is_an_indexed_png_of_the_photos_size(client: FlaskClient) -> None:
    response = client.post("/invocations", data=photo_bytes(), headers={"Accept": "image/png"})
    picture = Image.open(io.BytesIO(response.get_data()))
    assert picture.mode == "P"
    np.testing.assert_array_equal(np.asarray(picture), EXPECTED)
    np.testing.assert_array_equal(np.asarray(picture.convert("RGB"))[:, :, 1], EXPECTED)


def test_a_palette_colours_the_mask_and_leaves_the_ids(client: FlaskClient) -> None:
    headers = {"Accept": 'image/png; palette="VOC"'}
    response = client.post("/invocations", data=photo_bytes(), headers=headers)
    np.testing.assert_array_equal(ids(response), EXPECTED)
    colours = Image.open(io.BytesIO(response.get_data())).convert("RGB")
    assert [colours.getpixel((x, 0)) for x in (0, 1, 4)] == [(0, 128, 0), (0, 0, 0), (128, 0, 0)]


def test_scores_come_as_one_record_whose_argmax_is_the_mask(client: FlaskClient) -> None:
    scores = read_scores(client.post("/invocations", data=photo_bytes()).get_data())
    assert scores.shape == (3, 4, 5)
    np.testing.assert_array_equal(scores.argmax(axis=0), EXPECTED)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "image/jpeg",
        "image/png",
        "image/jpg",
        "IMAGE/JPEG",
        "image/webp",
        "image/bmp",
        "image/tiff",
        "application/x-image",
        "application/octet-stream",
        "binary/octet-stream",
        "application/x-www-form-urlencoded",
        "file-path/raw-bytes",
        "image/jpeg; charset=binary",
    ],
)
def test_a_photo_may_be_called_many_things(client: FlaskClient, content_type: str | None) -> None:
    response = client.post(
        "/invocations",
        data=photo_bytes(),
        headers={"Accept": "image/png"},
        content_type=content_type,
    )
    np.testing.assert_array_equal(ids(response), EXPECTED)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "BMP", "TIFF"])
def test_the_bytes_decide_what_a_photo_is(client: FlaskClient, file_format: str) -> None:
    options: dict[str, Any] = {"lossless": True} if file_format == "WEBP" else {}
    response = client.post(
        "/invocations",
        data=photo_bytes(file_format, **options),
        headers={"Accept": "image/png"},
        content_type="image/jpeg",
    )
    np.testing.assert_array_equal(ids(response), EXPECTED)


def turned() -> bytes:
    exif = Image.Exif()
    exif[274] = 6  # to be shown turned a quarter to the right
    return photo_bytes(exif=exif)


def test_the_answer_matches_the_photo_as_stored_unless_asked_otherwise(client: FlaskClient) -> None:
    stored = client.post("/invocations", data=turned(), headers={"Accept": "image/png"})
    np.testing.assert_array_equal(ids(stored), EXPECTED)
    shown = client.post(
        "/invocations", data=turned(), headers={"Accept": "image/png;orientation=shown"}
    )
    np.testing.assert_array_equal(ids(shown), np.rot90(EXPECTED, -1))


@pytest.mark.parametrize(
    ("headers", "content_type", "body", "status", "code", "says"),
    [
        ({"Accept": "text/csv"}, None, photo_bytes(), 406, "not-acceptable", "image/png"),
        ({"Accept": "image/png;q=0"}, None, photo_bytes(), 406, "not-acceptable", "image/png"),
        ({"Accept": "nonsense"}, None, photo_bytes(), 406, "not-acceptable", "nonsense"),
        ({}, "text/json", b"{}", 415, "unsupported-media-type", "application/x-image"),
        ({}, "text/csv", b"1,2", 415, "unsupported-media-type", "text/csv"),
        (
            {"Accept": "image/png;palette=pink"},
            None,
            photo_bytes(),
            400,
            "bad-option",
            "gray or voc",
        ),
        ({"Accept": "image/png;pallete=voc"}, None, photo_bytes(), 400, "bad-option", "pallete"),
        ({}, None, b"", 400, "empty-body", "empty"),
        ({}, None, b"not a photo", 400, "undecodable-image", "JPEG"),
        ({}, None, photo_bytes()[:-30], 400, "undecodable-image", "PNG"),
        ({}, None, photo_bytes("GIF"), 400, "undecodable-image", "JPEG"),
        ({}, None, photo_bytes(size=(101, 100)), 413, "image-too-large", "10000"),
        ({}, None, bytes((1 << 20) + 1), 413, "body-too-large", "1048576"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_runs_nothing(  # noqa: PLR0913, PLR0917
    client_of: Callable[..., FlaskClient],
    engine: RedEngine,
    headers: dict[str, str],
    content_type: str | None,
    body: bytes,
    status: int,
    code: str,
    says: str,
) -> None:
    client = client_of(max_pixels=10_000, max_payload_mb=1)
    response = client.post("/invocations", data=body, headers=headers, content_type=content_type)
    answer = response.get_json()
    assert (response.status_code, answer["code"]) == (status, code)
    assert says in answer["message"]
    assert set(answer) == {"code", "message", "request_id", "details"}
    assert len(answer["request_id"]) == 32
    assert engine.seen == []


def test_limits_hold_at_the_limit(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(max_pixels=20)
    assert client.post("/invocations", data=photo_bytes()).status_code == 200
    client = client_of(max_pixels=19)
    assert client.post("/invocations", data=photo_bytes()).status_code == 413


def test_an_answer_too_large_for_its_format_is_refused_before_inference(
    client_of: Callable[..., FlaskClient], engine: RedEngine
) -> None:
    client = client_of(classes=254)
    buffer = io.BytesIO()
    Image.new("L", (1000, 530)).save(buffer, "PNG")
    response = client.post("/invocations", data=buffer.getvalue())
    answer = response.get_json()
    assert (response.status_code, answer["code"]) == (413, "answer-too-large")
    assert answer["details"]["max_pixels"] < 530_000
    assert str(answer["details"]["max_pixels"]) in answer["message"]
    assert engine.seen == []
    mask = client.post("/invocations", data=buffer.getvalue(), headers={"Accept": "image/png"})
    assert mask.status_code == 200


@pytest.mark.parametrize(
    ("default", "media_type"),
    [
        ("image/png", "image/png"),
        ("*/*", RECORDIO),
        (PROTOBUF, PROTOBUF),
        ("image/png;palette=voc;score_threshold=0.5;array=boxes", "image/png"),
    ],
)
def test_the_default_type_is_a_setting(
    client_of: Callable[..., FlaskClient], default: str, media_type: str
) -> None:
    response = client_of(default_accept=default).post("/invocations", data=photo_bytes())
    assert response.headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("asked", "settings", "palette"),
    [
        ("", "", "gray"),
        ("", "palette=voc", "voc"),
        (";palette=voc", "palette=gray", "voc"),
        (";palette=gray", "", "gray"),
    ],
)
def test_what_a_request_asks_for_wins_over_the_defaults_own_options(
    client_of: Callable[..., FlaskClient], asked: str, settings: str, palette: str
) -> None:
    client = client_of(default_accept="image/png;palette=gray", default_options="palette=voc")
    headers = {"Accept": f"*/*{asked}"}
    if settings:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = settings
    answer = client.post("/invocations", data=photo_bytes(), headers=headers).get_data()
    exact = {"Accept": f"image/png;palette={palette}"}
    assert answer == client.post("/invocations", data=photo_bytes(), headers=exact).get_data()


def test_a_full_queue_refuses_at_once(
    client_of: Callable[..., FlaskClient], engine: RedEngine
) -> None:
    client = client_of(queue_size=2)
    engine.may_run.clear()
    answers: list[int] = []

    def ask() -> None:
        with client.application.test_client().post("/invocations", data=photo_bytes()) as response:
            answers.append(response.status_code)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    while len(answers) < 3:  # the three that found no place answer while the engine stands still
        threading.Event().wait(0.001)
    assert answers == [503] * 3
    assert client.get("/ping").status_code == 200
    engine.may_run.set()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 200, 503, 503, 503]
    assert client.post("/invocations", data=photo_bytes()).status_code == 200


def test_a_place_is_kept_until_the_answer_has_gone(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(queue_size=1)
    unread = client.post("/invocations", data=photo_bytes())
    assert client.post("/invocations", data=photo_bytes()).status_code == 503
    unread.close()
    for body in (b"no photo", photo_bytes()[:-30], photo_bytes()):
        client.post("/invocations", data=body).close()
    assert client.post("/invocations", data=photo_bytes()).status_code == 200


def test_scores_too_many_for_the_engine_are_refused_for_every_type(
    client_of: Callable[..., FlaskClient], engine: RedEngine
) -> None:
    client = client_of(classes=254)
    buffer = io.BytesIO()
    Image.new("L", (3000, 2900)).save(buffer, "PNG")
    response = client.post("/invocations", data=buffer.getvalue(), headers={"Accept": "image/png"})
    assert (response.status_code, response.get_json()["code"]) == (413, "answer-too-large")
    assert engine.seen == []


def test_an_engine_that_raises_is_a_500_without_its_words(
    client: FlaskClient, engine: RedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_image: object) -> None:
        message = "/opt/ml/model/secret"
        raise RuntimeError(message)

    monkeypatch.setattr(engine, "predict", fails)
    response = client.post("/invocations", data=photo_bytes(), headers={"Accept": "image/png"})
    assert (response.status_code, response.get_json()["code"]) == (500, "inference-failed")
    assert b"secret" not in response.get_data()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/invocations", 405, "method-not-allowed"),
        ("POST", "/ping", 405, "method-not-allowed"),
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/../etc/passwd", 404, "not-found"),
    ],
)
def test_other_routes_are_refused_in_the_same_words(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.open(path, method=method)
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_a_websocket_is_told_that_there_are_none(client: FlaskClient) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    answer = client.get("/metrics", headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-request")
    assert "WebSocket" in answer.get_json()["details"]["reason"]


def test_the_runtime_api_is_off_where_sagemaker_runs_the_container(
    client_of: Callable[..., FlaskClient],
) -> None:
    path = "/endpoints/any/invocations"
    assert client_of().post(path, data=photo_bytes()).status_code == 200
    assert client_of(on_sagemaker=True).post(path, data=photo_bytes()).status_code == 404
    assert client_of(runtime_api="off").post(path, data=photo_bytes()).status_code == 404
    forced = client_of(on_sagemaker=True, runtime_api="on")
    assert forced.post(path, data=photo_bytes()).status_code == 200


@pytest.mark.parametrize("accept", ["image/png", "*/*"])
def test_the_stages_of_a_request_are_timed(client: FlaskClient, accept: str) -> None:
    response = client.post("/invocations", data=photo_bytes(), headers={"Accept": accept})
    stages = [part.split(";dur=") for part in response.headers["Server-Timing"].split(", ")]
    assert [name for name, _ in stages] == ["decode", "queue", "predict", "encode"]
    assert all(float(milliseconds) >= 0 for _, milliseconds in stages)
