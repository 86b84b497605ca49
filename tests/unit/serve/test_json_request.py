import base64
import json
from typing import Any

import pytest

from serve.errors import BadJson, BadOption
from serve.json_fields import JsonRequest
from serve.json_request import parse_json
from serve.labels import labels_of
from serve.options import Colormap, Options, parse_options
from serve.s3_uri import S3Uri
from serve.style import class_ids

PHOTO = b"\xff\xd8\xff photo \x00"
TEXT = base64.b64encode(PHOTO).decode()


def read(**fields: Any) -> JsonRequest:
    return parse_json(json.dumps({"ImageBase64": TEXT, **fields}).encode(), classes=21)


def test_a_photo_alone_leaves_everything_open() -> None:
    assert read() == JsonRequest(PHOTO, None, None, {}, {})
    assert read().over(Options(alpha=0.3)) == Options(alpha=0.3)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"data:image/jpeg;base64,{TEXT}",
        f"DATA:image/svg+xml;BASE64,{TEXT}",
        "\n".join(TEXT) + "\r\n ",
        f" data:image/png;base64, {TEXT[:4]}\n{TEXT[4:]}",
    ],
)
def test_base64_may_have_white_space_and_a_browsers_prefix(text: str) -> None:
    assert read(ImageBase64=text).image == PHOTO


@pytest.mark.parametrize(
    "value",
    [
        "not base64!",
        TEXT[:-1],
        TEXT + "=",
        TEXT + TEXT[:1],
        "_-__",
        "data:text/plain;base64," + TEXT,
        "data:image/png," + TEXT,
        "é" * 4,
        [TEXT],
        7,
        True,
        {"a": 1},
    ],
)
def test_anything_else_is_no_base64_and_is_not_repeated(value: object) -> None:
    with pytest.raises(BadJson) as refused:
        read(ImageBase64=value)
    assert refused.value.details == {"reason": "ImageBase64 is no base64"}


def test_a_uri_stands_for_the_photo_where_there_is_no_photo() -> None:
    uri = S3Uri("photos", "cat.jpg")
    assert read(ImageS3Uri=str(uri)).image == PHOTO
    for unread in ("cat.jpg", 5, "s3://My_Bucket/key"):
        assert read(ImageS3Uri=unread).image == PHOTO
    assert read(ImageBase64=None, ImageS3Uri=str(uri)).image == uri
    assert read(ImageBase64="", ImageS3Uri=str(uri)).image == uri
    assert read(OutputS3Uri=str(uri)).output == uri
    assert read(OutputS3Uri="").output is None


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({"TargetClassId": 0}, Options(class_=("0",))),
        ({"TargetClassId": 20}, Options(class_=("20",))),
        ({"TargetClassId": 14.0}, Options(class_=("14",))),
        ({"TargetClassId": "14"}, Options(class_=("14",))),
        ({"TargetClassId": "014"}, Options(class_=("14",))),
        ({"Alpha": 0}, Options(alpha=0.0)),
        ({"Alpha": 1}, Options(alpha=1.0)),
        ({"Alpha": 0.30000000000000004}, Options(alpha=0.30000000000000004)),
        ({"Alpha": 1e-7}, Options(alpha=1e-7)),
        ({"Probabilistic": True}, Options(probabilistic=True)),
        ({"Probabilistic": False}, Options()),
        ({"Probabilistic": "false"}, Options()),
        ({"Probabilistic": "True"}, Options(probabilistic=True)),
        ({"Probabilistic": 1}, Options(probabilistic=True)),
        ({"MaskColor": [0, 0.5, 1]}, Options(color=(0, 127, 255))),
        ({"MaskColor": [128 / 255, 1, 1]}, Options(color=(128, 255, 255))),
        ({"MaskColorMap": "JET | dynamic"}, Options(colormap=Colormap("jet", dynamic=True))),
        ({"MaskColorMap": "jet|1|2"}, Options(colormap=Colormap("jet", low=1, high=2))),
        ({"MaskColorMap": "jet|dynamic|3"}, Options(colormap=Colormap("jet", True, 3))),
        ({"MaskColorMap": "jet|"}, Options(colormap=Colormap("jet"))),
        ({"TargetClassId": None, "Alpha": None, "MaskColor": None}, Options()),
        ({"EndpointName": 7, "Unknown": {"a": [1]}, "alpha": "x", "targetclassid": 99}, Options()),
    ],
)
def test_the_lambdas_fields_are_options(fields: dict[str, Any], options: Options) -> None:
    assert read(**fields).over(Options()) == options


def test_the_lambdas_fields_win_and_an_empty_colormap_takes_one_away() -> None:
    settled = read(Alpha=0.5, MaskColorMap="").over(Options(alpha=0.1, colormap=Colormap("jet")))
    assert settled == Options(alpha=0.5)


@pytest.mark.parametrize(
    ("name", "value", "shown", "allowed"),
    [
        ("TargetClassId", -1, "-1", "0 to 20"),
        ("TargetClassId", 21, "21", "0 to 20"),
        ("TargetClassId", 1.5, "1.5", "whole number"),
        ("TargetClassId", 1e300, "1e+300", "whole number"),
        ("TargetClassId", True, "true", "whole number"),
        ("TargetClassId", "cat", "cat", "whole number"),
        ("TargetClassId", "-1", "-1", "whole number"),
        ("TargetClassId", "٣", "٣", "whole number"),
        ("TargetClassId", [1], "[1]", "whole number"),
        ("Alpha", 1.5, "1.5", "0 to 1"),
        ("Alpha", -0.1, "-0.1", "0 to 1"),
        ("Alpha", 255, "255", "0 to 1"),
        ("Alpha", True, "true", "0 to 1"),
        ("Alpha", "0.5", "0.5", "0 to 1"),
        ("Probabilistic", "perhaps", "perhaps", "true or false"),
        ("Probabilistic", 2, "2", "true or false"),
        ("Probabilistic", [], "[]", "true or false"),
        ("MaskColor", [0, 255, 255], "[0, 255, 255]", "three numbers from 0 to 1"),
        ("MaskColor", [0, 1], "[0, 1]", "three numbers"),
        ("MaskColor", [0, 1, 1, 1], "[0, 1, 1, 1]", "three numbers"),
        ("MaskColor", "0,1,1", "0,1,1", "three numbers"),
        ("MaskColor", {"0": 1, "1": 1, "2": 1}, '{"0": 1, "1": 1, "2": 1}', "three numbers"),
        ("MaskColorMap", "rainbows", "rainbows", "matplotlib"),
        ("MaskColorMap", "jet|a|b", "jet|a|b", "|min|max"),
        ("MaskColorMap", "jet|24|0", "jet|24|0", "|min|max"),
        ("MaskColorMap", "jet|0|1|2", "jet|0|1|2", "|min|max"),
        ("MaskColorMap", 7, "7", "matplotlib"),
        ("OutputS3Uri", 7, "7", "s3://bucket/key"),
        ("Accept", ["image/png"], '["image/png"]', "Accept header"),
        ("Accept", "x" * 8001, "x" * 80, "Accept header; a text has at most 8000 characters"),
        ("MaskColorMap", "x" * 8001, "x" * 80, "if wanted; a text has at most 8000 characters"),
        ("Options", {"class": "x" * 8001}, None, "by option; a text has at most 8000 characters"),
        ("Options", "alpha=1", "alpha=1", "object"),
        ("Options", {"class": {"a": 1}}, '{"class": {"a": 1}}', "object"),
        ("Options", {"class": [[1]]}, '{"class": [[1]]}', "object"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    name: str, value: object, shown: str | None, allowed: str
) -> None:
    with pytest.raises(BadOption) as refused:
        read(**{name: value})
    details = refused.value.details
    assert details["option"] == name
    assert details["value"] == (json.dumps(value)[:80] if shown is None else shown)
    assert allowed in str(details["allowed"])


def test_a_bad_uri_is_named_where_it_is_needed() -> None:
    with pytest.raises(BadOption) as refused:
        read(ImageBase64=None, ImageS3Uri="s3://b")
    assert refused.value.details["option"] == "ImageS3Uri"
    assert "s3://bucket/key" in str(refused.value.details["allowed"])


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (1e20, "1" + 20 * "0"), (5e-324, None)])
def test_a_number_is_written_as_json_means_it(value: float, text: str | None) -> None:
    options = read(Options={"alpha": value}).options
    assert options == {"alpha": text or f"0.{'0' * 323}5"}
    assert text or parse_options(options).alpha == value


@pytest.mark.parametrize("option", ["alpha", "outline", "topk", "class", "palette"])
def test_truth_is_no_number_and_no_name(option: str) -> None:
    with pytest.raises(BadOption):
        class_ids(parse_options(read(Options={option: True}).options), labels_of(21))


def test_a_list_is_for_options_that_have_parts() -> None:
    with pytest.raises(BadOption) as refused:
        read(Options={"alpha": [0.5]})
    assert refused.value.details["option"] == "Options"


def test_options_are_texts_by_name() -> None:
    given = {
        "alpha": 0.30000000000000004,
        "legend": True,
        "background": False,
        "class": ["cat", 4],
        "color": [0, 0.5, 1e-5],
        "outline": 2,
        "palette": "voc",
        "topk": None,
    }
    assert read(Options=given).options == {
        "alpha": "0.30000000000000004",
        "legend": "true",
        "background": "false",
        "class": "cat,4",
        "color": "0,0.5,0.00001",
        "outline": "2",
        "palette": "voc",
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is no JSON"),
        (b"{", "it is no JSON"),
        (b"\xff\xd8\xff", "it is no JSON"),
        (b'{"Alpha": NaN}', "it is no JSON"),
        (b'{"Alpha": -Infinity}', "it is no JSON"),
        (b'{"Alpha": ' + b"9" * 5000 + b"}", "it is no JSON"),
        (b"[" * 9_000, "it is no JSON"),
        (b"[" * 10_001, "it has more than 10000 values"),
        (b'{"a":[' + b"0," * 10_001 + b"0]}", "it has more than 10000 values"),
        (b"[]", "it is no object"),
        (b'"photo"', "it is no object"),
        (b"null", "it is no object"),
        (b"{}", "it has neither ImageBase64 nor ImageS3Uri"),
        (b'{"ImageBase64": null, "ImageS3Uri": ""}', "it has neither ImageBase64 nor ImageS3Uri"),
    ],
)
def test_what_is_no_request_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(BadJson) as refused:
        parse_json(body, classes=21)
    assert refused.value.details == {"reason": reason}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_comes_in_any_of_its_encodings(encoding: str) -> None:
    body = json.dumps({"ImageBase64": TEXT, "é": "é"}, ensure_ascii=False).encode(encoding)
    assert parse_json(body, classes=3).image == PHOTO
