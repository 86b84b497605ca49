"""The whole contract of an instance network, with an engine that finds what it is told to."""

import base64
import io
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pycocotools.mask
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from werkzeug.test import TestResponse

from serve.app import create_app
from serve.batch_limit import batch_limit_for
from serve.inference_queue import InferenceQueue
from serve.instances.labels import thing_labels_of
from serve.predictor import Predictor
from serve.s3_uri import parse_patterns
from serve.service import Service
from serve.settings import Settings
from serve.task import INSTANCES
from tests.contract import Contract
from tests.s3 import CREDENTIALS, RunningS3
from tests.things import ThingsEngine, Told
from tests.unit.serve.instances.scene import literal_counts, literal_paste

HEIGHT, WIDTH = 40, 60
JSON = "application/json"


def photo_bytes(orientation: int = 1, file_format: str = "PNG") -> bytes:
    rng = np.random.default_rng(0)
    photo = Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    photo.save(buffer, file_format, exif=exif)
    return buffer.getvalue()


PHOTO = photo_bytes()
NAMED = {"img_id": "cat.jpg", "img_data": base64.b64encode(PHOTO).decode()}


@pytest.fixture
def engine() -> ThingsEngine:
    return ThingsEngine()


@pytest.fixture
def client_of(engine: ThingsEngine) -> Callable[..., FlaskClient]:
    def client(**settings: object) -> FlaskClient:
        chosen = Settings(**settings)  # type: ignore[arg-type]
        predictor = Predictor(
            lambda: engine,
            InferenceQueue(chosen.queue_size),
            cache_bytes=chosen.cache_mb << 20,
            batch_limit=lambda loaded: batch_limit_for(chosen.batch_size, loaded),
        )
        give_up_at = time.monotonic() + 30
        while not predictor.ready:
            assert time.monotonic() < give_up_at
        engine.seen.clear()
        service = Service(chosen, predictor, thing_labels_of(80), task=INSTANCES)
        return create_app(service).test_client()

    return client


@pytest.fixture
def client(client_of: Callable[..., FlaskClient]) -> FlaskClient:
    return client_of()


def ask(client: FlaskClient, accept: str | None = None, **fields: Any) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    return client.post("/invocations", json={**NAMED, **fields}, headers=headers)


def send(client: FlaskClient, accept: str, body: bytes = PHOTO, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {"Accept": accept, "Content-Type": "image/png", **named}
    return client.post("/invocations", data=body, headers=headers)


def told(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.get_data()
    assert response.content_type == JSON
    annotations: list[dict[str, Any]] = response.get_json()["annotations"]
    return annotations


def refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = response.get_json()
    assert (response.status_code, body["code"]) == (status, code)
    return body


def picture(response: TestResponse) -> Image.Image:
    assert response.status_code == 200, response.get_data()
    return Image.open(io.BytesIO(response.get_data()))


def pixels(thing: Told, engine: ThingsEngine, threshold: float = 0.5) -> NDArray[np.bool_]:
    """By the literal formula."""
    found = engine.predict(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    place = [*engine.told].index(thing)
    x1, y1, x2, y2 = found.mask_boxes[place].tolist()
    mask: NDArray[np.bool_] = (
        literal_paste(found.masks[place], (x1, y1, x2, y2), (HEIGHT, WIDTH)) >= threshold
    )
    return mask


@pytest.mark.parametrize("accept", [None, "", "*/*", "application/*", JSON])
def test_the_containers_answer_to_the_letter(
    client: FlaskClient, engine: ThingsEngine, accept: str | None
) -> None:
    response = ask(client, accept)
    assert response.content_type == JSON
    answer = json.loads(response.get_data())
    assert list(answer) == ["img_id", "annotations"]
    assert answer["img_id"] == "cat.jpg"
    first, second, third = answer["annotations"]
    assert list(first) == ["bbox", "category_id", "category_name", "segmentation"]
    assert list(first["segmentation"]) == ["counts", "size"]
    # 0.1 and 0.2 of the photo, to 0.5 and 0.9.
    assert first["bbox"] == [6, 8, 24, 28]
    assert (first["category_id"], first["category_name"]) == (16, "cat")
    assert (second["category_id"], second["category_name"]) == (17, "dog")
    assert third["category_id"] == 16
    for thing, annotation in zip(engine.told, answer["annotations"], strict=False):
        assert annotation["segmentation"]["size"] == [HEIGHT, WIDTH]
        assert annotation["segmentation"]["counts"] == literal_counts(pixels(thing, engine))


def test_a_photo_alone_has_the_same_annotations(client: FlaskClient) -> None:
    response = send(client, JSON)
    assert list(response.get_json()) == ["annotations"]
    assert told(response) == told(ask(client))
    assert told(send(client, "*/*")) == told(ask(client))


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["cat", "dog", "cat"]),
        ({"score_threshold": 0.8}, ["cat", "dog"]),
        ({"score_threshold": 0.81}, ["cat", "dog"]),
        ({"score_threshold": 0.82}, ["cat"]),
        ({"score_threshold": 0}, ["cat", "dog", "cat", "person"]),
        ({"class": "dog"}, ["dog"]),
        ({"class": [16]}, ["cat", "cat"]),
        ({"class": [17], "ids": "coco"}, ["cat", "cat"]),
        ({"rpn": True}, ["cat", "dog", "cat"]),
    ],
)
def test_what_is_told_of(client: FlaskClient, fields: dict[str, Any], names: list[str]) -> None:
    assert [thing["category_name"] for thing in told(ask(client, **fields))] == names


def test_the_masks_threshold(client: FlaskClient, engine: ThingsEngine) -> None:
    (thing,) = told(ask(client, mask_threshold=0.8, **{"class": "dog"}))
    assert thing["segmentation"]["counts"] == literal_counts(pixels(engine.told[1], engine, 0.8))


def test_everything_that_may_be_asked_for_besides(
    client: FlaskClient, engine: ThingsEngine
) -> None:
    fields: dict[str, Any] = {"scores": True, "boxes": "float", "ids": "coco", "regions": "rle"}
    first = told(ask(client, **fields))[0]
    assert first["score"] == pytest.approx(0.98)
    assert first["bbox"] == [6.0, 8.0, 24.0, 28.0]
    assert first["category_id"] == 17
    mask = pycocotools.mask.decode(first["segmentation"])
    np.testing.assert_array_equal(mask, pixels(engine.told[0], engine))
    # The same as an answer's parameters and as attributes.
    params = "".join(f";{name}={value}" for name, value in fields.items())
    assert told(send(client, JSON + params.lower()))[0] == first
    attributes = params.lower()[1:] + ";trace_id=1-67891233"
    response = send(client, JSON, X_Amzn_SageMaker_Custom_Attributes=attributes)
    assert told(response)[0] == first


def test_polygons_are_in_pixels_of_the_photo(client: FlaskClient, engine: ThingsEngine) -> None:
    first = told(ask(client, regions="polygons"))[0]
    assert "segmentation" not in first
    ((ring,),) = first["polygons"]
    columns = np.flatnonzero(pixels(engine.told[0], engine).any(axis=0))
    assert min(x for x, _ in ring) == columns[0]
    assert max(x for x, _ in ring) == columns[-1] + 1


def test_boxes_alone(client: FlaskClient) -> None:
    assert {*told(ask(client, regions="none"))[0]} == {"bbox", "category_id", "category_name"}


def test_nothing_found_is_an_empty_list(client: FlaskClient, engine: ThingsEngine) -> None:
    engine.told = ()
    assert told(ask(client)) == []
    with picture(send(client, "image/png-overlay;legend=1")) as overlay:
        assert overlay.size == (WIDTH, HEIGHT)
    assert np.load(io.BytesIO(send(client, "application/x-npy").get_data())).shape == (0, 6)


@pytest.mark.parametrize(("options", "threshold"), [("", 0.5), ("score_threshold=0.75", 0.75)])
def test_the_page_begins_with_the_least_score_in_force(
    client_of: Callable[..., FlaskClient], options: str, threshold: float
) -> None:
    facts = client_of(default_options=options).get("/page.json").get_json()
    assert facts["score_threshold"] == threshold


def test_what_lies_partly_beyond_the_photo_is_told_of_within_it(
    client: FlaskClient, engine: ThingsEngine
) -> None:
    engine.told = (Told(15, 0.98, (-0.4, 0.5, 0.3, 1.7)),)
    (thing,) = told(ask(client, regions="rows"))
    assert thing["bbox"] == [0, 20, 18, 20]
    assert thing["segmentation"]["counts"] == literal_counts(pixels(engine.told[0], engine))


def test_a_box_thinner_than_a_pixel_is_no_failure(
    client: FlaskClient, engine: ThingsEngine
) -> None:
    engine.told = (Told(0, 0.9, (0.5 + 0.6 / WIDTH, 0.1, 0.5 + 1.4 / WIDTH, 0.9)),)
    (thing,) = told(ask(client))
    assert thing["bbox"] == [30, 4, 0, 32]
    assert thing["segmentation"]["counts"] == [HEIGHT * WIDTH]
    assert send(client, "image/png-overlay").status_code == 200


def test_a_turned_photo_is_answered_as_it_is_shown(
    client: FlaskClient, engine: ThingsEngine
) -> None:
    """As OpenCV reads photos, which the containers and their notebook use."""
    turned = photo_bytes(orientation=6)
    first = told(send(client, JSON, turned))[0]
    assert first["segmentation"]["size"] == [WIDTH, HEIGHT]
    assert engine.seen == [(WIDTH, HEIGHT, 3)]
    stored = told(send(client, f"{JSON};orientation=stored", turned))[0]
    assert stored["segmentation"]["size"] == [HEIGHT, WIDTH]


@pytest.mark.parametrize(
    ("media_type", "file_format"),
    [
        ("image/png-overlay", "PNG"),
        ("image/jpeg-overlay", "JPEG"),
        ("image/webp-overlay", "WEBP"),
        ("image/jpeg", "JPEG"),
        ("image/webp", "WEBP"),
    ],
)
def test_overlays(client: FlaskClient, media_type: str, file_format: str) -> None:
    response = ask(client, media_type)
    assert response.content_type == media_type
    with picture(response) as overlay, Image.open(io.BytesIO(PHOTO)) as photo:
        assert (overlay.format, overlay.size) == (file_format, photo.size)
        assert (np.asarray(overlay) != np.asarray(photo)).any()


def test_an_overlay_of_nothing_is_the_photo(client: FlaskClient) -> None:
    asked = "image/png-overlay;alpha=0;outline=0;labels=0"
    with picture(send(client, asked)) as overlay, Image.open(io.BytesIO(PHOTO)) as photo:
        np.testing.assert_array_equal(np.asarray(overlay), np.asarray(photo))


def test_a_legend_widens_the_picture(client: FlaskClient) -> None:
    with picture(send(client, "image/png-overlay;legend=1")) as overlay:
        assert overlay.width > WIDTH


def test_the_layer_alone_is_one_color_a_thing(client: FlaskClient, engine: ThingsEngine) -> None:
    with picture(send(client, "image/png-mask;color=lime")) as layer:
        rgba = np.asarray(layer)
    inside = np.any([pixels(thing, engine) for thing in engine.told[:3]], axis=0)
    np.testing.assert_array_equal(rgba[..., 3] == 255, inside)
    assert (rgba[inside][:, :3] == [0, 255, 0]).all()


def test_numbers_of_things_as_png_and_as_an_array(
    client: FlaskClient, engine: ThingsEngine
) -> None:
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    for place in (2, 1, 0):
        expected[pixels(engine.told[place], engine)] = place + 1
    with picture(send(client, "image/png")) as ids:
        assert ids.mode == "P"
        np.testing.assert_array_equal(np.asarray(ids), expected)
        assert (ids.getpalette() or [])[3:6] == [1, 1, 1]
    with picture(send(client, "image/png;palette=model")) as colored:
        colors = np.asarray(colored.convert("RGB"))[expected == 1]
    with picture(send(client, "image/png-mask")) as layer:
        assert (np.asarray(layer)[expected == 1][:, :3] == colors).all()
    array = np.load(io.BytesIO(send(client, "application/x-npy;array=mask").get_data()))
    np.testing.assert_array_equal(array, expected)


def test_boxes_as_an_array(client: FlaskClient) -> None:
    array = np.load(io.BytesIO(send(client, "application/x-npy;ids=coco").get_data()))
    assert array.dtype == np.float32
    np.testing.assert_allclose(array[0], [6, 8, 30, 36, 0.98, 17])
    assert array.shape == (3, 6)


@pytest.mark.parametrize("accept", ["application/x-recordio-protobuf", "application/x-protobuf"])
def test_there_are_no_probabilities_of_pixels(client: FlaskClient, accept: str) -> None:
    allowed = refused(send(client, accept), 406, "not-acceptable")["details"]["allowed"]
    assert accept not in allowed
    assert {JSON, "image/png", "image/png-overlay", "application/x-npy"} <= {*allowed}


@pytest.mark.parametrize(
    "asked", ["colormap=jet", "probabilistic=1", "background=1", "topk=3", "dtype=uint8"]
)
def test_options_of_other_networks_are_refused(client: FlaskClient, asked: str) -> None:
    for response in (
        send(client, f"image/png-overlay;{asked}"),
        send(client, JSON, X_Amzn_SageMaker_Custom_Attributes=asked),
    ):
        details = refused(response, 400, "bad-option")["details"]
        assert details["option"] == asked.partition("=")[0]
        assert "score_threshold" in details["allowed"]


def test_defaults_for_other_networks_are_passed_over(
    client_of: Callable[..., FlaskClient],
) -> None:
    settings = Settings.from_env({"SEG_OPTIONS": "score_threshold=0.75;colormap=jet;scores=1"})
    client = client_of(default_options=settings.default_options)
    assert [thing["score"] for thing in told(ask(client))] == pytest.approx([0.98, 0.81])
    assert len(told(ask(client, score_threshold=0.5))) == 3


def test_so_are_those_of_the_default_type(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(default_accept=f"{JSON};scores=1;colormap=jet;probabilistic=1")
    assert "score" in told(send(client, "*/*"))[0]
    assert "score" not in told(send(client, "*/*;scores=0"))[0]
    assert refused(send(client, "*/*;colormap=jet"), 400, "bad-option")["details"]["option"] == (
        "colormap"
    )


@pytest.mark.parametrize(
    ("setting", "content_type"),
    [(None, JSON), ("image/png-overlay", "image/png-overlay"), ("application/x-protobuf", JSON)],
)
def test_what_no_accept_means(
    client_of: Callable[..., FlaskClient], setting: str | None, content_type: str
) -> None:
    client = client_of(**({} if setting is None else {"default_accept": setting}))
    assert send(client, "*/*").content_type == content_type
    assert ask(client).content_type == JSON


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"img_data": NAMED["img_data"]}, "bad-json"),
        ({"img_id": "a"}, "bad-json"),
        ({"ImageBase64": NAMED["img_data"], "TargetClassId": 8}, "bad-json"),
        ({**NAMED, "img_data": "no base64!"}, "bad-json"),
        ({**NAMED, "img_data": ""}, "bad-json"),
        ({**NAMED, "img_data": "AAAA"}, "undecodable-image"),
        ({**NAMED, "score_threshold": 7}, "bad-option"),
        ({**NAMED, "class": "unicorn"}, "bad-option"),
        ({**NAMED, "img_id": "\ud800"}, "bad-option"),
        ({**NAMED, "Accept": "image/\udfff"}, "bad-option"),
        ([NAMED], "bad-json"),
    ],
)
def test_requests_that_cannot_be_used(client: FlaskClient, body: object, code: str) -> None:
    answer = refused(client.post("/invocations", json=body), 400, code)
    assert {*answer} == {"code", "message", "request_id", "details"}


def test_the_same_photo_runs_the_network_once(client: FlaskClient, engine: ThingsEngine) -> None:
    told(ask(client))
    told(ask(client, score_threshold=0.1, mask_threshold=0.7))
    assert send(client, "image/png-overlay").status_code == 200
    assert len(engine.seen) == 1


@pytest.mark.parametrize("size", ["auto", "4"])
def test_there_are_no_batches(
    client_of: Callable[..., FlaskClient], size: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    told(ask(client_of(batch_size=size)))
    assert "no batches: this network takes photos one by one" in caplog.messages


def test_the_log_and_the_metrics_tell_of_things_as_of_classes(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "serve.requests")
    ask(client).close()
    (record,) = [record for record in caplog.records if record.name == "serve.requests"]
    assert (record.height, record.width, record.answer) == (HEIGHT, WIDTH, JSON)  # type: ignore[attr-defined]
    assert record.render_ms >= 0  # type: ignore[attr-defined]
    exposed = client.get("/metrics").text
    assert 'seg_model_info{engine="things",precision="f32"} 1.0' in exposed
    assert 'seg_requests_total{code="",status="200"} 1.0' in exposed


def test_a_photo_too_long_for_a_format_is_refused(client: FlaskClient) -> None:
    buffer = io.BytesIO()
    Image.new("L", (16_400, 1)).save(buffer, "PNG")
    refused(send(client, "image/webp-overlay", buffer.getvalue()), 413, "picture-too-long")


@pytest.mark.parametrize("fields", [{}, {"scores": True, "regions": "rle"}, {"boxes": "float"}])
def test_answers_are_as_the_document_has_them(client: FlaskClient, fields: dict[str, Any]) -> None:
    contract = Contract(client.get("/openapi.json").get_json())
    contract.validator("components", "schemas", "JsonRequest").validate({**NAMED, **fields})
    answer = contract.validator("components", "schemas", "Annotations")
    answer.validate(client.post("/invocations", json={**NAMED, **fields}).get_json())


def test_photo_and_annotations_may_be_in_s3(
    client_of: Callable[..., FlaskClient], s3: RunningS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": s3.url}.items():
        monkeypatch.setenv(name, value)
    s3.put("photos", "in/cat.png", PHOTO)
    s3.put("annotations", "out/cat.json", b"older")
    client = client_of(s3_allow=parse_patterns("s3://photos/in/*, s3://annotations/out/*"))
    named = {"img_id": "cat.jpg", "ImageS3Uri": "s3://photos/in/cat.png"}
    expected = ask(client).get_json()
    assert client.post("/invocations", json=named).get_json() == expected
    uri = "s3://annotations/out/cat.json"
    stored = client.post("/invocations", json={**named, "OutputS3Uri": uri}).get_json()
    assert (stored["OutputS3Uri"], stored["ContentType"]) == (uri, JSON)
    assert json.loads(s3.get("annotations", "out/cat.json")[0]) == expected


def test_the_request_may_name_the_answers_type(client: FlaskClient) -> None:
    response = ask(client, JSON, Accept="image/png", palette="voc")
    assert response.content_type == "image/png"
    with picture(response) as ids:
        assert (ids.getpalette() or [])[3:6] == [128, 0, 0]
