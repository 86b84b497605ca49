"""Errors in the document: each there is, with the facts that it has."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from serve.errors import ClientError, ModelNotNamed, NotFound, ServeError, ServerFault
from serve.openapi.examples import examples
from serve.service import Service
from tests.contract import Contract

EVERYTHING = {"SEG_S3_ALLOW": "s3://photos/*"}


def descendants(family: type[ServeError]) -> Iterator[type[ServeError]]:
    for child in family.__subclasses__():
        yield child
        yield from descendants(child)


def codes(operation: dict[str, Any]) -> set[str]:
    """Of its refusals."""
    contents = [each.get("content", {}) for each in operation["responses"].values()]
    told = [content.get("application/json", {}) for content in contents]
    return {code for each in told for code in each.get("examples", {})}


def statuses(document: dict[str, Any]) -> dict[str, set[str]]:
    """Statuses by code, over all operations."""
    found: dict[str, set[str]] = {}
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    for code in content.get("examples", {}):
                        found.setdefault(code, set()).add(status)
    return found


def test_every_error_has_an_example(service_of: Callable[..., Service]) -> None:
    told = [type(error) for error in examples(service_of())]
    assert {*told} == {*descendants(ServeError)} - {ClientError, ServerFault}
    assert len({*told}) == len(told)


def test_every_error_is_an_answer_of_some_operation(
    document_of: Callable[..., dict[str, Any]], models_document_of: Callable[..., dict[str, Any]]
) -> None:
    errors = {*descendants(ServeError)} - {ClientError, ServerFault}
    of_one, of_many = (
        statuses(document_of(**EVERYTHING)),
        statuses(models_document_of(**EVERYTHING)),
    )
    assert of_one | of_many == {error.code: {str(error.status)} for error in errors}
    assert {*of_one} <= {*of_many}
    assert {*of_many} - {*of_one} == {
        error.code for error in errors if error.__module__ == ModelNotNamed.__module__
    }


def test_s3s_errors_are_those_of_a_server_that_asks_s3(
    any_document_of: Callable[..., dict[str, Any]],
) -> None:
    told = {code for code in statuses(any_document_of()) if code.startswith("s3-")}
    assert told == {"s3-not-allowed"}


def test_a_path_that_takes_any_name_may_be_not_found(
    any_document_of: Callable[..., dict[str, Any]],
) -> None:
    paths = any_document_of()["paths"]
    for path, item in paths.items():
        for operation in item.values():
            assert (NotFound.code in codes(operation)) == ("{" in path)


def test_examples_fit_their_own_schemas_and_no_others(
    any_document_of: Callable[..., dict[str, Any]], service_of: Callable[..., Service]
) -> None:
    document = any_document_of(**EVERYTHING)
    contract = Contract(document)
    for error in examples(service_of()):
        body = document["components"]["examples"][error.code]["value"]
        assert body == json.loads(json.dumps(body))
        fitting = [
            type(other).__name__
            for other in examples(service_of())
            if contract.validator("components", "schemas", type(other).__name__).is_valid(body)
        ]
        assert fitting == [type(error).__name__]


def test_an_option_without_a_value_is_an_error_all_the_same(
    document_of: Callable[..., dict[str, Any]],
) -> None:
    details = document_of()["components"]["schemas"]["BadOption"]["properties"]["details"]
    assert details["required"] == ["option", "allowed"]
    assert set(details["properties"]) == {"option", "allowed", "value"}


@pytest.mark.parametrize(
    ("env", "code", "fact", "value"),
    [
        ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "6"}, "body-too-large", "max_body_bytes", 6 << 20),
        ({"SEG_MAX_PIXELS": "123456"}, "image-too-large", "max_pixels", 123456),
        ({"SEG_QUEUE_SIZE": "3"}, "overloaded", "queue_size", 3),
        ({"SEG_READ_TIMEOUT_S": "7"}, "read-timeout", "timeout_s", 7),
        ({"SAGEMAKER_MODEL_SERVER_TIMEOUT": "9"}, "deadline-exceeded", "timeout_s", 9),
    ],
)
def test_their_numbers_are_the_settings(
    any_document_of: Callable[..., dict[str, Any]],
    env: dict[str, str],
    code: str,
    fact: str,
    value: int,
) -> None:
    document = any_document_of(**env)
    assert document["components"]["examples"][code]["value"]["details"][fact] == value
    limits = [limit for limit in document["x-limits"] if limit["code"] == code]
    assert (value, *env) in {(limit["most"], limit["setting"]) for limit in limits}


@pytest.mark.parametrize("code", ["uri-too-long", "headers-too-large"])
def test_limits_that_nobody_sets_are_those_of_the_table(
    any_document_of: Callable[..., dict[str, Any]], code: str
) -> None:
    document = any_document_of()
    details = document["components"]["examples"][code]["value"]["details"]
    limits = [limit["most"] for limit in document["x-limits"] if limit["code"] == code]
    assert limits == [*details.values()]


def test_every_error_of_a_limit_has_a_limit_beside_it(
    document_of: Callable[..., dict[str, Any]], service_of: Callable[..., Service]
) -> None:
    facts = ("max_", "timeout_s", "queue_size")
    bounded = {
        error.code
        for error in examples(service_of())
        if any(fact.startswith(facts) for fact in error.details)
    }
    assert bounded <= {limit["code"] for limit in document_of()["x-limits"]}


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/models", "get", {"bad-model-request"}),
        (
            "/models",
            "post",
            {
                "bad-model",
                "bad-model-request",
                "body-too-large",
                "load-failed",
                "model-exists",
                "model-not-ready",
                "out-of-memory",
                "overloaded",
                "read-timeout",
            },
        ),
        ("/models/{name}", "get", {"model-not-found", "not-found"}),
        ("/models/{name}", "delete", {"model-not-found", "model-not-ready", "not-found"}),
        ("/invocations", "post", {"model-not-named"}),
        ("/", "get", {"model-not-named"}),
        ("/endpoints/{name}/invocations", "post", {"not-found"}),
    ],
)
def test_routes_of_several_models_have_the_refusals_that_docs_say(
    models_document_of: Callable[..., dict[str, Any]], path: str, method: str, expected: set[str]
) -> None:
    paths = models_document_of()["paths"]
    assert codes(paths[path][method]) - codes(paths["/metrics"]["get"]) == expected


def test_asking_a_model_by_name_is_refused_as_invocations_and_for_its_name_and_memory(
    document_of: Callable[..., dict[str, Any]], models_document_of: Callable[..., dict[str, Any]]
) -> None:
    of_one = codes(document_of()["paths"]["/invocations"]["post"])
    of_many = codes(models_document_of()["paths"]["/models/{name}/invoke"]["post"])
    assert of_many - of_one == {"model-not-found", "not-found", "out-of-memory"}
    assert of_one <= of_many
