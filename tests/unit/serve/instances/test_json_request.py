"""The containers' request, and what is ours in it."""

import base64
import json
from typing import Any

import pytest

from serve.errors import BadJson, BadOption
from serve.instances.json_request import parse_instances_json
from serve.instances.options import INSTANCE_KINDS
from serve.json_fields import JsonRequest
from serve.options import parse_options
from serve.s3_uri import S3Uri

PHOTO = b"\xff\xd8\xff photo \x00"
TEXT = base64.b64encode(PHOTO).decode()


def read(**fields: Any) -> JsonRequest:
    body = {"img_id": "cat.jpg", "img_data": TEXT, **fields}
    return parse_instances_json(json.dumps(body).encode())


def test_the_notebooks_request() -> None:
    assert read() == JsonRequest(PHOTO, None, None, {}, {}, "cat.jpg")


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({"score_threshold": 0.8, "mask_threshold": 0.5}, {"score_threshold": "0.8"}),
        ({"score_threshold": "0.25", "rpn": True}, {"score_threshold": "0.25"}),
        ({"score_threshold": 1}, {"score_threshold": "1"}),
        ({"score_threshold": None}, {}),
        ({"class": ["cat", 17], "scores": True}, {"class": "cat,17", "scores": "true"}),
        ({"ids": "COCO", "boxes": "float", "regions": "rle"}, {"ids": "COCO", "regions": "rle"}),
        ({"unknown": {"a": [1]}, "alpha": 0.25}, {"alpha": "0.25"}),
    ],
)
def test_options_are_fields(fields: dict[str, Any], options: dict[str, str]) -> None:
    wish = read(**fields)
    assert {name: wish.options[name] for name in options} == options
    assert wish.options.keys() == {*fields} - {"rpn", "unknown"} - {
        name for name in fields if fields[name] is None
    }
    parse_options(wish.options, kinds=INSTANCE_KINDS)


@pytest.mark.parametrize(("img_id", "told"), [("", ""), ("ä/../x", "ä/../x"), (139, "139")])
def test_an_id_is_any_text_or_number(img_id: object, told: str) -> None:
    assert read(img_id=img_id).img_id == told


def test_a_photo_may_be_in_s3() -> None:
    body = {"img_id": "7", "ImageS3Uri": "s3://bucket/cat.jpg", "OutputS3Uri": "s3://bucket/out"}
    wish = parse_instances_json(json.dumps(body).encode())
    assert (wish.image, wish.output) == (S3Uri("bucket", "cat.jpg"), S3Uri("bucket", "out"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is no JSON"),
        (b"[1]", "it is no object"),
        (b"{}", "it has no img_id"),
        (b'{"img_id": null, "img_data": "AAAA"}', "it has no img_id"),
        (b'{"img_id": "a"}', "it has neither img_data nor ImageS3Uri"),
        (b'{"img_id": "a", "img_data": ""}', "it has neither img_data nor ImageS3Uri"),
        (b'{"img_id": "a", "img_data": 7}', "img_data is no base64"),
        (b'{"img_id": "a", "img_data": "%"}', "img_data is no base64"),
    ],
)
def test_what_is_no_request_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(BadJson) as refused:
        parse_instances_json(body)
    assert refused.value.details == {"reason": reason}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score_threshold", 1.5),
        ("score_threshold", "high"),
        ("score_threshold", [0.5, 0.6]),
        ("mask_threshold", -0.1),
        ("mask_threshold", {}),
        ("scores", "maybe"),
        ("ids", "voc"),
        ("img_id", ["a"]),
        ("img_id", True),
        ("img_id", "x" * 8001),
    ],
)
def test_a_field_of_another_kind_is_named(name: str, value: object) -> None:
    with pytest.raises(BadOption) as refused:
        read(**{name: value})
    assert refused.value.details["option"] == name
    assert refused.value.details["allowed"]


@pytest.mark.parametrize("name", ["img_id", "score_threshold"])
def test_a_number_too_large_to_be_one_is_named(name: str) -> None:
    fields = {"img_id": 7, "img_data": TEXT, name: 400}
    with pytest.raises(BadOption) as refused:
        parse_instances_json(json.dumps(fields).replace("400", "1e400").encode())
    assert refused.value.details["option"] == name
