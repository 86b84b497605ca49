"""The whole document, as OpenAPI's own validator reads it."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from serve import media
from serve.answers.mask import MaskAnswer
from serve.labels import labels_of
from serve.openapi import path_of
from serve.openapi.document import document
from serve.openapi.routes import ROUTES_OF_ONE
from serve.service import Service
from serve.task import INSTANCES, SEMANTIC, Task


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"SEG_S3_ALLOW": "s3://photos/incoming/*,s3://masks/one.png"},
        {"SEG_OPTIONS": "class=cat;Alpha=0.4;legend=1;outline=2;palette=voc;color=red"},
    ],
)
def test_it_is_openapi(any_document_of: Callable[..., dict[str, Any]], env: dict[str, str]) -> None:
    assert [*OpenAPIV31SpecValidator(any_document_of(**env)).iter_errors()] == []


def test_it_is_openapi_for_the_most_classes_there_may_be(
    document_of: Callable[..., dict[str, Any]],
) -> None:
    assert [*OpenAPIV31SpecValidator(document_of(labels_of(254))).iter_errors()] == []


def test_title_version_and_licence_are_the_repositorys(
    document_of: Callable[..., dict[str, Any]],
) -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    told = document_of()["info"]
    assert told["version"] == project["version"]
    assert told["license"]["identifier"] == project["license"]
    assert "red with 3 classes" in told["description"]


def test_every_type_that_is_taken_or_answered_is_told_of(
    document_of: Callable[..., dict[str, Any]], models_document_of: Callable[..., dict[str, Any]]
) -> None:
    invoke = document_of()["paths"]["/invocations"]["post"]
    of_many = models_document_of()["paths"]["/models/{name}/invoke"]["post"]
    assert of_many["requestBody"] == invoke["requestBody"]
    assert of_many["responses"]["200"] == invoke["responses"]["200"]
    told = {*invoke["requestBody"]["content"], "application/x-www-form-urlencoded"}
    assert told == {*media.BODIES, *media.ALSO_PHOTOS}
    assert "application/x-www-form-urlencoded" in invoke["requestBody"]["description"]
    assert list(invoke["responses"]["200"]["content"]) == [*media.ANSWERS]
    assert all(
        f"| `{name}` |" in invoke["responses"]["200"]["description"] for name in media.ANSWERS
    )


@pytest.mark.parametrize("task", [SEMANTIC, INSTANCES])
def test_a_new_type_cannot_be_left_untold(service_of: Callable[..., Service], task: Task) -> None:
    more = replace(task, answers={**task.answers, "image/avif": MaskAnswer})
    with pytest.raises(KeyError, match="image/avif"):
        document(replace(service_of(), task=more), ROUTES_OF_ONE)


def test_every_operation_has_a_name_of_its_own(
    any_document_of: Callable[..., dict[str, Any]],
) -> None:
    items = any_document_of()["paths"].values()
    names = [operation["operationId"] for item in items for operation in item.values()]
    assert len({*names}) == len(names)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/", "/"),
        ("/endpoints/<name>/invocations", "/endpoints/{name}/invocations"),
        ("/models/<path:name>/<int:part>", "/models/{name}/{part}"),
    ],
)
def test_werkzeugs_rules_are_openapis_paths(rule: str, path: str) -> None:
    assert path_of(rule) == path
