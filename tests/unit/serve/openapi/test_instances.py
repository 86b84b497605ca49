"""The document of a network that finds things."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from serve.instances.answers import INSTANCE_ANSWERS
from serve.instances.labels import thing_labels_of
from serve.instances.options import INSTANCE_KINDS
from serve.openapi.document import document
from serve.openapi.routes import ROUTES_OF_ONE
from serve.service import Service
from serve.task import INSTANCES
from tests.contract import Contract

S3 = {"SEG_S3_ALLOW": "s3://photos/incoming/*"}


@pytest.fixture
def document_of(service_of: Callable[..., Service]) -> Callable[..., dict[str, Any]]:
    def told(**env: str) -> dict[str, Any]:
        service = service_of(thing_labels_of(80), **env)
        return document(replace(service, task=INSTANCES), ROUTES_OF_ONE)

    return told


@pytest.mark.parametrize("env", [{}, S3, {"SEG_OPTIONS": "score_threshold=0.8;colormap=jet"}])
def test_it_is_openapi(document_of: Callable[..., dict[str, Any]], env: dict[str, str]) -> None:
    assert [*OpenAPIV31SpecValidator(document_of(**env)).iter_errors()] == []


def test_types_and_options_are_its_own(document_of: Callable[..., dict[str, Any]]) -> None:
    told = document_of()
    answer = told["paths"]["/invocations"]["post"]["responses"]["200"]
    assert list(answer["content"]) == [*INSTANCE_ANSWERS]
    schemas = told["components"]["schemas"]
    assert schemas["Options"]["properties"].keys() == INSTANCE_KINDS.keys()
    assert INSTANCE_KINDS.keys() < schemas["JsonRequest"]["properties"].keys()
    assert "MaskBase64" not in schemas
    assert "`application/json` on this server" in answer["description"]
    assert told["info"]["title"] == "Instance segmentation"
    assert not [limit for limit in told["x-limits"] if "RecordIO" in limit["of"]]


def test_defaults_are_those_in_force(document_of: Callable[..., dict[str, Any]]) -> None:
    def default(name: str, **env: str) -> Any:
        return document_of(**env)["components"]["schemas"]["Options"]["properties"][name]["default"]

    assert default("score_threshold") == 0.5
    assert default("score_threshold", SEG_OPTIONS="colormap=jet;score_threshold=0.75") == 0.75
    assert default("regions") == "rows"


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("application/x-protobuf", "application/json"),
        ("application/x-protobuf, image/*", "image/png"),
        ("image/png-mask;scores=1;probabilistic=1", "image/png-mask;scores=1"),
    ],
)
def test_the_type_that_is_not_asked_for_is_one_of_its_own(
    document_of: Callable[..., dict[str, Any]], accept: str, told: str
) -> None:
    document = document_of(SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT=accept)
    answer = document["paths"]["/invocations"]["post"]["responses"]["200"]
    assert f"are `{told}` on this server" in answer["description"]


@pytest.mark.parametrize("env", [{}, S3])
def test_requests_fit_or_do_not(
    document_of: Callable[..., dict[str, Any]], env: dict[str, str]
) -> None:
    request = Contract(document_of(**env)).validator("components", "schemas", "JsonRequest")
    named = {"img_id": "cat.jpg", "img_data": "aGVsbG8="}
    request.validate({**named, "score_threshold": 0.8, "rpn": False, "class": ["cat", 17]})
    request.validate({**named, "mask_threshold": None, "scores": True})
    for wrong in (
        {"img_data": "aGVsbG8="},
        {"img_id": "cat.jpg"},
        {**named, "score_threshold": 2},
        {**named, "class": 0},
        {**named, "ids": "voc"},
    ):
        with pytest.raises(ValidationError):
            request.validate(wrong)
