from typing import Any

import pytest

from container.deploy.aws import Aws, DeniedError
from container.deploy.image_uri import ImageUri
from container.deploy.sources import Sources, sources_of
from serve.s3_uri import S3Uri

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/segmentation-container:latest"


class ClosedAws(Aws):
    """Lets nobody look at anything."""

    def call(self, service: str, operation: str, **_: Any) -> Any:
        raise DeniedError(service, operation)


def test_what_may_not_be_looked_at_is_taken_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The role's rights count, not those of whoever deploys."""
    model = S3Uri("models", "model.tar.gz")
    assert sources_of(ClosedAws("eu-west-1"), ImageUri.parse(IMAGE), model) == Sources(IMAGE, None)
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"warning: {IMAGE} may not be looked at by you: taken as it is"
    assert second == f"warning: {model} may not be looked at by you: taken as it is"
