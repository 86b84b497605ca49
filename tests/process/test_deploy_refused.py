"""What `python -m container deploy` says when AWS has not, or will not."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from container.__main__ import main
from tests.sagemaker import (
    DEPLOY,
    REPOSITORY,
    SageMaker,
)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--model-data", "s3://models/none.tar.gz"], "there is no s3://models/none.tar.gz"),
        (["--image", f"{REPOSITORY}:none"], f"there is no image {REPOSITORY}:none"),
        (["--image", f"{REPOSITORY}-2:latest"], f"there is no image {REPOSITORY}-2:latest"),
    ],
)
def test_what_is_not_there_is_said_before_anything_is_made(
    sagemaker: SageMaker,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    assert main([*DEPLOY, *arguments]) == 8
    assert complaint in capsys.readouterr().err
    assert sagemaker.names("Model") == []


def test_a_refusal_by_aws_is_one_line_and_the_next_run_goes_on(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.sagemaker.exceptions import ValidationError  # noqa: PLC0415  # as SageMaker's own
    from moto.sagemaker.models import SageMakerModelBackend  # noqa: PLC0415

    def refuse(*_: Any, **__: Any) -> None:
        msg = "The account-level service limit is 0 Instances"
        raise ValidationError(msg)

    with monkeypatch.context() as refusing:
        refusing.setattr(SageMakerModelBackend, "create_endpoint", refuse)
        assert main(DEPLOY) == 8
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: AWS refused create_endpoint: The account-level service limit")
    assert main(DEPLOY) == 0


def test_missing_credentials_are_one_line(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(Path(__file__).parent))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert main(DEPLOY) == 8
    (line,) = capsys.readouterr().err.splitlines()
    assert "Unable to locate credentials" in line
