"""What docs/sagemaker.md has boto3 say: right by its model of SageMaker, and by our settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from serve import media
from serve.settings import Settings

PAGE = Path("docs/sagemaker.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ARN = "arn:aws:sagemaker:us-east-1:111122223333:model/m"
ANSWERS = {
    "create_model": {"ModelArn": ARN},
    "create_endpoint_config": {"EndpointConfigArn": ARN},
    "create_transform_job": {"TransformJobArn": ARN},
}
Call = tuple[str, dict[str, Any]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Call]]:
    """What a block asks SageMaker for; parameters that the service does not have raise."""
    made: list[Call] = []
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    client = boto3.client("sagemaker", region_name="us-east-1", **keys)
    client.meta.events.register(
        "provide-client-params.sagemaker.*",
        lambda params, model, **_: made.append((model.name, params)),
    )
    monkeypatch.setattr(boto3, "client", lambda _name: client)
    yield made
    client.close()


def stubbed(block: str) -> Stubber:
    stubber = Stubber(boto3.client("sagemaker"))
    for name in re.findall(r"\.(create_\w+)\(", block):
        stubber.add_response(name, ANSWERS[name])
    return stubber


def strings(value: Any, shape: Any) -> Iterator[tuple[str, Any]]:
    """Each text in a call, and its shape."""
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                yield from strings(member, shape.members[name])
        case "list":
            for member in value:
                yield from strings(member, shape.member)
        case "string":
            yield value, shape


@pytest.mark.parametrize("block", BLOCKS)
def test_sagemaker_knows_what_is_asked_of_it(block: str, calls: list[Call]) -> None:
    model = boto3.client("sagemaker").meta.service_model
    with stubbed(block) as stubber:
        exec(block, {})  # noqa: S102  # the page's own lines
        stubber.assert_no_pending_responses()
    assert calls
    for name, params in calls:
        for text, shape in strings(params, model.operation_model(name).input_shape):
            assert not shape.enum or text in shape.enum, text
            pattern = shape.metadata.get("pattern")
            assert not pattern or re.search(pattern, text), (text, pattern)


def test_the_environments_are_ours(calls: list[Call]) -> None:
    (block,) = [block for block in BLOCKS if "Environment" in block]
    with stubbed(block):
        exec(block, {})  # noqa: S102
    params = dict(calls)["CreateModel"]
    settings = Settings.from_env(params["PrimaryContainer"]["Environment"])
    assert (settings.request_timeout_s, settings.read_timeout_s) == (3600, 300)
    assert (settings.max_body_bytes, settings.max_pixels) == (1 << 30, 100_000_000)


def test_no_answer_but_json_is_captured_as_text(calls: list[Call]) -> None:
    (block,) = [block for block in BLOCKS if "DataCaptureConfig" in block]
    with stubbed(block):
        exec(block, {})  # noqa: S102
    listed = dict(calls)["CreateEndpointConfig"]["DataCaptureConfig"]["CaptureContentTypeHeader"]
    assert listed == {"JsonContentTypes": ["application/json"]}
    for media_type in media.ANSWERS:
        assert media_type.startswith("image/") or f"`{media_type}" in PAGE


def test_there_is_one_block_for_each_way_that_needs_one() -> None:
    assert len(BLOCKS) == 3
