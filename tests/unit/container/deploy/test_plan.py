from dataclasses import replace

import pytest

from container.deploy.image_uri import ImageUri
from container.deploy.options import Options, Scaling, Serverless
from container.deploy.plan import Plan, is_own_name, plan_of
from serve.s3_uri import S3Uri

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/segmentation-container:latest"
OPTIONS = Options(
    name="pets",
    image=ImageUri.parse(IMAGE),
    model_data=S3Uri("models", "model.tar.gz"),
    role="arn:aws:iam::111122223333:role/segmentation",
    environment={},
)


def plan(**changes: object) -> Plan:
    return plan_of(replace(OPTIONS, **changes), IMAGE, "etag")  # type: ignore[arg-type]


def test_the_plain_endpoint_is_this() -> None:
    tags = [{"Key": "segmentation-container:endpoint", "Value": "pets"}]
    made = plan()
    assert made.model == {
        "ModelName": made.model_name,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/model.tar.gz"},
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/segmentation",
        "Tags": tags,
    }
    assert made.config == {
        "EndpointConfigName": made.config_name,
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "ModelName": made.model_name,
                "InitialVariantWeight": 1.0,
                "InstanceType": "ml.c7i.xlarge",
                "InitialInstanceCount": 1,
                "ContainerStartupHealthCheckTimeoutInSeconds": 600,
                "ModelDataDownloadTimeoutInSeconds": 600,
            }
        ],
        "Tags": tags,
    }
    assert made.endpoint == {
        "EndpointName": "pets",
        "EndpointConfigName": made.config_name,
        "Tags": tags,
    }
    assert (made.target, made.policy) == (None, None)


@pytest.mark.parametrize(
    ("instance_type", "ami"),
    [
        ("ml.g4dn.xlarge", "al2-ami-sagemaker-inference-gpu-2-1"),
        ("ml.g5.2xlarge", "al2-ami-sagemaker-inference-gpu-2-1"),
        ("ml.g6.xlarge", None),
        ("ml.c7i.xlarge", None),
    ],
)
def test_where_the_driver_is_too_old_for_the_image_a_newer_one_is_asked_for(
    instance_type: str, ami: str | None
) -> None:
    assert plan(instance_type=instance_type).variant.get("InferenceAmiVersion") == ami


def test_the_same_options_give_the_same_names() -> None:
    assert plan() == plan()
    assert is_own_name(plan().model_name, "pets")
    assert is_own_name(plan().config_name, "pets")


@pytest.mark.parametrize(
    ("changes", "same_model"),
    [
        ({"model_data": S3Uri("models", "other.tar.gz")}, False),
        ({"environment": {"SEG_PRECISION": "f32"}}, False),
        ({"role": "arn:aws:iam::111122223333:role/other"}, False),
        ({"name": "birds"}, False),
        ({"instance_type": "ml.g5.xlarge"}, True),
        ({"serverless": Serverless()}, True),
        ({"output": S3Uri("answers", "masks")}, True),
        ({"scaling": Scaling(1, 2, 60)}, True),
    ],
)
def test_whatever_is_served_otherwise_has_another_name(
    changes: dict[str, object], same_model: bool
) -> None:
    assert plan(**changes).config_name != plan().config_name
    assert (plan(**changes).model_name == plan().model_name) == same_model


def test_other_bytes_are_another_model() -> None:
    assert plan_of(OPTIONS, IMAGE, "other").model_name != plan().model_name
    assert plan_of(OPTIONS, f"{IMAGE}2", "etag").model_name != plan().model_name


def test_counts_alone_change_no_name_and_the_least_is_started_with() -> None:
    few, many = plan(scaling=Scaling(1, 2, 60)), plan(scaling=Scaling(3, 9, 20))
    assert few.config_name == many.config_name
    assert many.variant["InitialInstanceCount"] == 3


@pytest.mark.parametrize(("timeout_s", "startup_s"), [("1", 60), ("61", 61), ("3600", 3600)])
def test_sagemaker_waits_as_long_as_the_container_may_take(timeout_s: str, startup_s: int) -> None:
    variant = plan(environment={"SAGEMAKER_STARTUP_TIMEOUT": timeout_s}).variant
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == startup_s


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("pets-0123456789ab", True),
        ("pets-0123456789a", False),
        ("pets-0123456789abc", False),
        ("pets-0123456789xy", False),
        ("pets-2-0123456789ab", False),
        ("my-pets-0123456789ab", False),
    ],
)
def test_names_of_others_are_told_apart(name: str, is_own: bool) -> None:
    assert is_own_name(name, "pets") == is_own
