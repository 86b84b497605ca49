"""What a server of several models says of names, classes and limits."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.algorithms import MAX_CLASSES
from serve.errors import BadJson, BadModelRequest, BadOption
from serve.json_request import parse_json
from serve.load_request import MAX_LOAD_BYTES, MAX_NAME_CHARACTERS, parse_load
from serve.openapi.described import NoModelInParticular
from serve.openapi.document import document
from serve.options import parse_options
from serve.settings import Settings
from serve.style import check_model
from tests.contract import Contract
from tests.http.conftest import LABELS

CONTRACT = Contract(document(NoModelInParticular(Settings(models="refuse")), []))
PARTS = st.text("./a-~! \x7f\u00e4", max_size=5)
# To Python's `$` a newline may follow; to that of JSON Schema, ECMA-262's, it may not.
TEXTS = st.text(st.characters(exclude_characters="\n"), max_size=3)
Make = Callable[..., dict[str, Any]]


def is_read(name: object) -> bool:
    try:
        return parse_load(json.dumps({"model_name": name, "url": "/"}).encode()).name == name
    except BadModelRequest:
        return False


def is_told(name: object) -> bool:
    validator = CONTRACT.validator("components", "schemas", "LoadRequest")
    return validator.is_valid({"model_name": name, "url": "/"})


@given(name=st.one_of(PARTS, TEXTS, st.none(), st.integers()))
@settings(max_examples=1000, deadline=None)
def test_a_name_is_read_just_where_its_schema_has_it(name: object) -> None:
    assert is_told(name) == is_read(name)


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("a" * 256, True),
        ("a" * 257, False),
        ("pets/cats.tar.gz", True),
        (".a/..b/a./...", True),
        ("a//b", False),
        ("a/./b", False),
        ("../b", False),
        ("/a", False),
        ("a/", False),
        ("", False),
    ],
)
def test_names_at_the_edge_of_what_is_allowed(name: str, is_allowed: bool) -> None:
    assert is_told(name) == is_read(name) == is_allowed


def test_both_fields_of_a_request_to_load_must_be_there() -> None:
    validator = CONTRACT.validator("components", "schemas", "LoadRequest")
    assert validator.is_valid({"model_name": "a", "url": "/a", "more": 1})
    assert not validator.is_valid({"model_name": "a"})
    assert not validator.is_valid({"url": "/a"})


@given(
    option=st.sampled_from(["class", "topk"]),
    value=st.one_of(st.integers(-1, 300), st.sampled_from(["cat", "Dog", "cat,1", "", "254", "7"])),
)
def test_what_one_of_the_models_reads_is_told(option: str, value: object) -> None:
    """The reverse cannot be: another model has other classes."""
    body = {"ImageBase64": "AAAA", "Options": {option: value}}
    validator = CONTRACT.validator("components", "schemas", "JsonRequest")
    try:
        check_model(parse_options(parse_json(json.dumps(body).encode(), classes=3).options), LABELS)
    except (BadJson, BadOption):
        return
    assert validator.is_valid(body)


@pytest.mark.parametrize(("option", "most"), [("class", MAX_CLASSES - 1), ("topk", MAX_CLASSES)])
def test_classes_are_as_many_as_a_model_may_have(option: str, most: int) -> None:
    validator = CONTRACT.validator("components", "schemas", "Options")
    assert validator.is_valid({option: most})
    assert not validator.is_valid({option: most + 1})


def test_names_of_classes_are_any() -> None:
    summary = CONTRACT.document["components"]["schemas"]["Summary"]["properties"]
    properties = summary["classes"]["items"]["properties"]
    assert properties["name"] == {"type": "string"}
    assert properties["id"]["maximum"] == MAX_CLASSES - 1
    assert CONTRACT.validator("components", "schemas", "Options").is_valid({"class": ["sky", 7]})


def test_the_target_model_is_a_header_of_several_models(
    document_of: Make, models_document_of: Make
) -> None:
    def headers(document: dict[str, Any]) -> set[str]:
        operation = document["paths"]["/endpoints/{name}/invocations"]["post"]
        return {each["name"] for each in operation["parameters"] if "name" in each}

    assert headers(document_of()) == {"name"}
    assert headers(models_document_of()) == {"name", "X-Amzn-SageMaker-Target-Model"}


def test_limits_on_models_are_told_where_there_are_several(
    document_of: Make, models_document_of: Make
) -> None:
    env = {"SEG_MODELS_MB": "64", "SEG_HTTP_THREADS": "21"}
    of_one, of_many = document_of(**env), models_document_of(**env)
    more = [limit for limit in of_many["x-limits"] if limit not in of_one["x-limits"]]
    assert [(limit["most"], limit["code"], limit["setting"]) for limit in more] == [
        (MAX_LOAD_BYTES, "bad-model-request", None),
        (MAX_NAME_CHARACTERS, "bad-model-request", None),
        (10, "overloaded", "SEG_HTTP_THREADS"),
        (64, "out-of-memory", "SEG_MODELS_MB"),
    ]
    del env["SEG_MODELS_MB"]
    assert models_document_of(**env)["x-limits"] == [*of_one["x-limits"], *more[:3]]


def test_the_one_models_schemas_are_not_burdened(document_of: Make) -> None:
    assert not {"ModelName", "LoadRequest"} & {*document_of()["components"]["schemas"]}
