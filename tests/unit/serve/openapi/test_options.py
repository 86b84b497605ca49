"""What the document says of options and of JSON is what their readers take."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serve import media
from serve.errors import BadJson, BadOption
from serve.inference_queue import InferenceQueue
from serve.json_request import field_kinds, parse_json
from serve.kinds import FLAGS, Kind
from serve.openapi.document import document
from serve.openapi.options import options_of
from serve.options import KINDS, Options, parse_options
from serve.predictor import Predictor
from serve.service import Service
from serve.settings import Settings
from serve.style import check_model
from tests.contract import Contract
from tests.http.conftest import LABELS
from tests.red import RedEngine

PHOTO = base64.b64encode(b"a photo").decode()
CONTRACT = Contract(
    document(Service(Settings(), Predictor(RedEngine, InferenceQueue(1)), LABELS), [])
)

numbers = st.one_of(
    st.integers(-3, 260),
    st.floats(0, 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 20).map(float),
)
scalars = st.one_of(st.none(), st.booleans(), numbers)
values = st.one_of(scalars, st.lists(scalars, max_size=4), st.dictionaries(st.just("a"), scalars))
WORDS = (*FLAGS, *map(str, range(-1, 257)), "", "0.5", ".5", "1.0", "1.5", "0.", ".", *LABELS.names)
PALETTES = KINDS["palette"].schema["enum"]
texts = st.sampled_from([*WORDS, *PALETTES, "mask", "scores", "uint8", "rle", "none", "shown"])


def is_read(**fields: Any) -> bool:
    try:
        body = json.dumps({"ImageBase64": PHOTO, **fields}).encode()
        check_model(parse_options(parse_json(body, classes=3).options), LABELS)
    except (BadJson, BadOption):
        return False
    return True


def is_told(**fields: Any) -> bool:
    validator = CONTRACT.validator("components", "schemas", "JsonRequest")
    return validator.is_valid({"ImageBase64": PHOTO, **fields})


@given(option=st.sampled_from([*KINDS]), value=values)
@settings(max_examples=400, deadline=None)
def test_an_option_in_json_is_read_just_where_its_schema_has_it(option: str, value: Any) -> None:
    assert is_told(Options={option: value}) == is_read(Options={option: value})


@given(option=st.sampled_from([*KINDS]), value=texts)
@settings(max_examples=400, deadline=None)
def test_a_text_that_its_schema_has_is_read(option: str, value: str) -> None:
    is_open = option in {"color", "colormap"}  # of formats, which say no more than a name
    assert is_open or is_told(Options={option: value}) == is_read(Options={option: value})


@given(
    field=st.sampled_from(["TargetClassId", "Alpha", "Probabilistic", "MaskColor"]), value=values
)
@settings(max_examples=400, deadline=None)
def test_the_lambdas_fields_are_read_just_where_their_schemas_have_them(
    field: str, value: Any
) -> None:
    assert is_told(**{field: value}) == is_read(**{field: value})


def test_a_photo_must_be_there() -> None:
    validator = CONTRACT.validator("components", "schemas", "JsonRequest")
    assert not validator.is_valid({})
    assert not validator.is_valid({"ImageBase64": ""})
    assert not validator.is_valid([])


def test_every_option_and_field_is_told_of(document_of: Callable[..., dict[str, Any]]) -> None:
    schemas = document_of(SEG_S3_ALLOW="s3://a-b/c")["components"]["schemas"]
    assert list(schemas["Options"]["properties"]) == [*KINDS]
    assert list(schemas["JsonRequest"]["properties"]) == ["ImageBase64", *field_kinds(3)]


def test_a_new_option_cannot_be_left_untold(
    document_of: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "blur", Kind("a number", float))
    with pytest.raises(KeyError, match="blur"):
        document_of()


def test_an_option_is_for_the_types_that_docs_say() -> None:
    assert options_of(media.PNG) == ["palette", "orientation"]
    assert options_of(media.NPY) == ["class", "array", "dtype", "topk", "orientation"]
    assert "quality" in options_of(media.WEBP_OVERLAY)
    assert "quality" not in options_of(media.PNG_OVERLAY)
    assert "legend" not in options_of(media.PNG_MASK)


def test_classes_are_the_models(document_of: Callable[..., dict[str, Any]]) -> None:
    told = document_of()["components"]["schemas"]["Options"]["properties"]["class"]["anyOf"]
    assert {"type": "string", "enum": ["background", "cat", "dog"]} in told
    assert {"type": "integer", "minimum": 0, "maximum": 2} in told


def test_defaults_are_those_of_options(document_of: Callable[..., dict[str, Any]]) -> None:
    told = document_of()["components"]["schemas"]["Options"]["properties"]
    others = {"outline": 0, "array": "scores", "regions": "none"}
    for name, schema in told.items():
        assert schema.get("default") == others.get(name, getattr(Options(), name, None))


def test_defaults_are_what_the_settings_say(document_of: Callable[..., dict[str, Any]]) -> None:
    given = "class=cat;Alpha=0.4;legend;outline=2;palette=VOC;color=red;colormap=jet"
    document = document_of(SEG_OPTIONS=given)
    told = document["components"]["schemas"]["Options"]["properties"]
    default = {name: schema["default"] for name, schema in told.items() if "default" in schema}
    assert default.items() >= {
        ("alpha", 0.4),
        ("legend", True),
        ("outline", 2),
        ("palette", "voc"),
        ("color", "red"),
        ("colormap", "jet"),
    }
    assert default["class"] == ["cat"]
    Contract(document).validator("components", "schemas", "Options").validate(default)
    fields = document["components"]["schemas"]["JsonRequest"]["properties"]
    assert [name for name in fields if "default" in fields[name]] == ["Probabilistic"]


def test_s3s_fields_are_there_where_s3_is(document_of: Callable[..., dict[str, Any]]) -> None:
    assert "ImageS3Uri" not in document_of()["components"]["schemas"]["JsonRequest"]["properties"]
    document = document_of(SEG_S3_ALLOW="s3://photos/in.*,s3://masks/one.png")
    validator = Contract(document).validator("components", "schemas", "JsonRequest")
    assert validator.is_valid({"ImageS3Uri": "s3://photos/in.cat"})
    assert validator.is_valid({"ImageBase64": PHOTO, "OutputS3Uri": "S3://masks/one.png"})
    assert validator.is_valid({"ImageBase64": None, "ImageS3Uri": "s3://masks/one.png"})
    assert not validator.is_valid({"ImageS3Uri": "s3://photos/inner"})
    assert not validator.is_valid({"ImageS3Uri": None})
    assert not validator.is_valid({"ImageBase64": PHOTO, "OutputS3Uri": "s3://masks/one.png2"})
