import pytest

from container.deploy.image_uri import ImageUri

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "region", "partition"),
    [
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1", "eu-west-1", "aws"),
        ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a:1", "cn-north-1", "aws-cn"),
        ("111122223333.dkr.ecr.us-gov-west-1.amazonaws.com/a:1", "us-gov-west-1", "aws-us-gov"),
        (f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/a_b-c@{DIGEST}", "eu-west-1", "aws"),
    ],
)
def test_an_image_says_where_it_is(text: str, region: str, partition: str) -> None:
    image = ImageUri.parse(text)
    assert (image.account, image.region, image.partition) == ("111122223333", region, partition)
    assert str(image) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "segmentation-container",
        "docker.io/library/python:3.11",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a",
        "11112222333.dkr.ecr.eu-west-1.amazonaws.com/a:1",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com.cn/a:1",
        "111122223333.dkr.ecr.cn-north-1.amazonaws.com/a:1",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/A:1",
        f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:{'1' * 129}",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:0123",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1\n",
    ],
)
def test_what_is_no_image_in_ecr_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an image in ECR with its tag or digest"):
        ImageUri.parse(text)


def test_pinned_it_goes_by_its_digest_alone() -> None:
    image = ImageUri.parse("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/a:latest")
    assert image.pinned(DIGEST) == f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/a@{DIGEST}"
