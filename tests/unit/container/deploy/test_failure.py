import pytest

from container.deploy.failure import advice


@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        ("The primary container did not pass the ping health check. Check logs.", "own reason"),
        ("Unable to provision requested ML compute capacity due to ICE", "or later"),
        ("Endpoint failed with InsufficientInstanceCapacity error.", "or later"),
        (
            "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 0 Instances",
            "Service Quotas",
        ),
        ("Please ensure that the role grants ecr:BatchGetImage", "pull the image"),
        ("1.dkr.ecr.eu-west-1.amazonaws.com/pets:1 cannot be found", "pull the image"),
        (
            "Please make sure all images included in the model for the production variant "
            "AllTraffic exist, and that the execution role has permissions to access them.",
            "pull the image",
        ),
        ("Could not access model data at s3://models/model.tar.gz.", "read the model"),
        ("Could not access model data at s3://team-quota/model.tar.gz.", "read the model"),
        ("Failed to download model data from URL: s3://dkr.ecr/model.tar.gz", "read the model"),
        (
            'Failed to extract model data archive from URL "s3://models/model.tar.gz". Please '
            "ensure that the object located at the URL is a valid tar.gz archive.",
            "container inspect",
        ),
        ("Something new", "look at the container's log"),
        ("The role may not perform kms:Decrypt", "look at the container's log"),
        ("The endpoint is being recreated", "look at the container's log"),
        ("The container exceeded its memory limit", "look at the container's log"),
        ("The disk's capacity is exhausted", "look at the container's log"),
    ],
)
def test_what_to_do_follows_from_the_reason(reason: str, advised: str) -> None:
    assert advised in advice(reason)
