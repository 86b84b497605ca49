"""The types that are no plain picture, the three ways to choose options, and the cache."""

import io
import json
from collections.abc import Callable

import numpy as np
import pycocotools.mask
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from werkzeug.test import TestResponse

from tests.http.test_invocations import photo_bytes
from tests.red import RedEngine

RAMP = np.zeros((4, 6, 3), np.uint8)
RAMP[:, 2:4, 0], RAMP[:, 4:, 0] = 150, 250
MASK = np.repeat([[0, 0, 1, 1, 2, 2]], 4, axis=0)


def ramp(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RAMP).save(buffer, "PNG", **options)
    return buffer.getvalue()


def ask(
    client: FlaskClient, accept: str, body: bytes | None = None, **headers: str
) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/invocations", data=body or ramp(), headers={"Accept": accept, **named})


def array(response: TestResponse) -> NDArray[np.generic]:
    assert response.status_code == 200, response.get_data()
    assert response.content_type == "application/x-npy"
    loaded: NDArray[np.generic] = np.load(io.BytesIO(response.get_data()), allow_pickle=False)
    return loaded


def test_scores_as_an_array(client: FlaskClient) -> None:
    scores = array(ask(client, "application/x-npy"))
    assert (scores.shape, str(scores.dtype)) == ((3, 4, 6), "float32")
    np.testing.assert_array_equal(scores.argmax(axis=0), MASK)


@pytest.mark.parametrize(
    ("params", "shape", "dtype"),
    [
        ("dtype=float16", (3, 4, 6), "float16"),
        ("dtype=uint8", (3, 4, 6), "uint8"),
        ("class=cat", (1, 4, 6), "float32"),
        ('class="dog,0"', (2, 4, 6), "float32"),
        ("topk=2", (2, 2, 4, 6), "float32"),
        ("topk=3;dtype=uint8", (2, 3, 4, 6), "uint8"),
        ("array=mask", (4, 6), "uint8"),
    ],
)
def test_arrays_have_the_shape_asked_for(
    client: FlaskClient, params: str, shape: tuple[int, ...], dtype: str
) -> None:
    found = array(ask(client, f"application/x-npy;{params}"))
    assert (found.shape, str(found.dtype)) == (shape, dtype)


def test_classes_come_in_the_order_they_are_asked_for(client: FlaskClient) -> None:
    scores = array(ask(client, "application/x-npy"))
    picked = array(ask(client, 'application/x-npy;class="dog,0"'))
    np.testing.assert_array_equal(picked, scores[[2, 0]])


def test_the_most_probable_come_with_their_ids(client: FlaskClient) -> None:
    ids, scores = array(ask(client, "application/x-npy;topk=2"))
    np.testing.assert_array_equal(ids[0], MASK)
    np.testing.assert_allclose(scores[0], 0.8, atol=1e-6)
    np.testing.assert_allclose(scores[1], 0.1, atol=1e-6)


def test_a_summary(client: FlaskClient) -> None:
    response = ask(client, "application/json;regions=rle")
    assert response.content_type == "application/json"
    body = json.loads(response.get_data())
    assert (body["height"], body["width"]) == (4, 6)
    assert [entry["name"] for entry in body["classes"]] == ["background", "cat", "dog"]
    cat = body["classes"][1]
    assert (cat["pixels"], cat["share"], cat["mean_score"]) == (8, 0.333333, 0.8)
    assert cat["box"] == [2, 0, 2, 4]
    np.testing.assert_array_equal(pycocotools.mask.decode(cat["rle"]), MASK == 1)
    assert list(body["timing_ms"]) == ["decode", "queue", "predict", "render"]
    assert (body["engine"], body["precision"]) == ("red", "f32")


def test_a_summary_of_one_class(client: FlaskClient) -> None:
    body = json.loads(ask(client, "application/json;class=2;regions=polygons").get_data())
    (dog,) = body["classes"]
    assert (dog["id"], len(dog["polygons"])) == (2, 1)


@pytest.mark.parametrize(
    ("accept", "attributes", "environment", "opacity"),
    [
        ("image/png-mask", "", "", 255),
        ("image/png-mask", "", "alpha=0.2", 51),
        ("image/png-mask", "alpha=0.4", "alpha=0.2", 102),
        ("image/png-mask;alpha=0.6", "alpha=0.4", "alpha=0.2", 153),
        ("image/png-mask", "trace=7;alpha=0.4;legend=1", "", 102),
        ("image/png-mask", "550e8400-e29b-41d4", "alpha=0.2", 51),
        ("image/png-mask", "trace_id=1;alpha=0.4", "alpha=0.2", 102),
    ],
)
def test_options_come_three_ways(
    client_of: Callable[..., FlaskClient],
    accept: str,
    attributes: str,
    environment: str,
    opacity: int,
) -> None:
    client = client_of(default_options=environment)
    response = ask(client, accept, X_Amzn_SageMaker_Custom_Attributes=attributes)
    layer = np.asarray(Image.open(io.BytesIO(response.get_data())))
    assert layer[0, 3].tolist() == [220, 60, 60, opacity]


PARAMETERS = "name=value, the value in double quotes where it has spaces, separators or accents"
NAMES = "0 to 2, or a name: background, cat, dog"


@pytest.mark.parametrize(
    ("accept", "attributes", "refused"),
    [
        ("image/png-overlay;class=tiger", "", ("class", NAMES)),
        ("image/png-overlay;class=3", "", ("class", NAMES)),
        ("image/png-overlay", "alpha=2", ("alpha", "a number from 0 to 1")),
        ("application/x-npy;topk=4", "", ("topk", "whole number, 1 to 3")),
        ("image/png;topk=4", "", ("topk", "whole number, 1 to 3")),
        ("image/png;class=tiger", "", ("class", NAMES)),
        ("image/png-overlay;class=cat", "class=tiger", ("class", NAMES)),
        ("application/x-npy;topk=2", "topk=4", ("topk", "whole number, 1 to 3")),
        ("application/json;class=x", "", ("class", NAMES)),
        (f"application/json;class={'1' * 5000}", "", ("class", NAMES)),
        ("application/json;regions", "", ("", PARAMETERS)),
        ("application/json;regions rle", "", ("", PARAMETERS)),
        ("image/png-overlay;alpha:2", "", ("", PARAMETERS)),
        ("image/png-overlay;alpha=0·5", "", ("", PARAMETERS)),
        ('image/png-overlay;class="cat"x', "", ("", PARAMETERS)),
        ("text/html, image/png-overlay;alpha=", "", ("", PARAMETERS)),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_the_photo_is_looked_at(
    client: FlaskClient, engine: RedEngine, accept: str, attributes: str, refused: tuple[str, str]
) -> None:
    response = ask(client, accept, b"no photo", X_Amzn_SageMaker_Custom_Attributes=attributes)
    body = json.loads(response.get_data())
    assert (response.status_code, body["code"]) == (400, "bad-option")
    assert (body["details"]["option"], body["details"]["allowed"]) == refused
    assert not engine.seen


@pytest.mark.parametrize(
    ("accept", "size", "code"),
    [
        ("image/webp-overlay", (16384, 1), "picture-too-long"),
        ("image/webp-overlay;legend=1", (16383, 1), "picture-too-long"),
        ("application/x-npy", (7000, 7000), "answer-too-large"),
        ("application/x-npy;class=1;topk=3", (7000, 4000), "answer-too-large"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(
    client: FlaskClient, accept: str, size: tuple[int, int], code: str
) -> None:
    response = ask(client, accept, photo_bytes(size=size))
    assert (response.status_code, response.get_json()["code"]) == (413, code)


def test_overlays_are_upright_and_ids_lie_as_stored(client: FlaskClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    turned = ramp(exif=exif)
    sizes = {
        accept: Image.open(io.BytesIO(ask(client, accept, turned).get_data())).size
        for accept in (
            "image/png-overlay",
            "image/jpeg",
            "image/png-overlay;orientation=stored",
            "image/png-mask",
            "image/png-mask;orientation=shown",
            "image/png",
        )
    }
    assert list(sizes.values()) == [(4, 6), (4, 6), (6, 4), (6, 4), (4, 6), (6, 4)]


def test_the_same_photo_in_another_rendering_runs_the_network_once(
    client: FlaskClient, engine: RedEngine
) -> None:
    for accept in ("image/png-overlay", "image/png-overlay;alpha=0.1", "image/jpeg"):
        assert ask(client, accept).status_code == 200
    assert len(engine.seen) == 1
    ask(client, "image/png")  # as stored, which is the same where nothing is to be turned
    assert len(engine.seen) == 1
    ask(client, "application/json", photo_bytes())
    assert len(engine.seen) == 2


def test_a_photo_that_is_turned_is_another(client: FlaskClient, engine: RedEngine) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for accept in ("image/png", "image/png-overlay", "image/png-mask", "image/jpeg"):
        ask(client, accept, ramp(exif=exif))
    assert engine.seen == [(4, 6, 3), (6, 4, 3)]


def test_a_cache_of_nothing_keeps_nothing(
    client_of: Callable[..., FlaskClient], engine: RedEngine
) -> None:
    client = client_of(cache_mb=0)
    for _ in range(2):
        ask(client, "image/png")
    assert len(engine.seen) == 2
