import pytest

from container.deploy.failure import advice


@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        ("The primary container did not pass the ping health check. Check logs.", "own reason"),
        ("Unable to provision requested ML compute capacity due to ICE", "another --instance-type"),
        ("Please ensure that the role grants ecr:BatchGetImage", "pull the image"),
        ("Could not access model data at s3://models/model.tar.gz.", "read the model"),
        ("Something new", "look at the container's log"),
    ],
)
def test_what_to_do_follows_from_the_reason(reason: str, advised: str) -> None:
    assert advised in advice(reason)
