"""`python -m container deploy` against SageMaker by moto (tests/sagemaker.py), over HTTP."""

import re

import pytest

from container.__main__ import main
from tests.sagemaker import (
    DELETE,
    DEPLOY,
    MODEL,
    REPOSITORY,
    ROLE,
    SCALED,
    SageMaker,
    scaling,
    served,
)


def test_an_endpoint_is_made_with_its_model_and_configuration(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = sagemaker.push_image("pushed")
    assert main([*DEPLOY, "--env", "SEG_PRECISION=f32", "--env", "SEG_OPTIONS=alpha=0.4"]) == 0
    endpoint, config, model = served(sagemaker)
    assert endpoint["EndpointStatus"] == "InService"
    (variant,) = config["ProductionVariants"]
    assert variant["VariantName"] == "AllTraffic"
    assert variant["InstanceType"] == "ml.c7i.xlarge"
    assert variant["InitialInstanceCount"] == 1
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 600
    assert variant["ModelDataDownloadTimeoutInSeconds"] == 600
    assert model["ExecutionRoleArn"] == ROLE
    assert model["PrimaryContainer"] == {
        "Image": f"{REPOSITORY}@{digest}",
        "ModelDataUrl": MODEL,
        "Environment": {"SEG_PRECISION": "f32", "SEG_OPTIONS": "alpha=0.4"},
    }
    assert scaling(sagemaker) == ([], [])
    assert "endpoint pets in eu-west-1: created" in capsys.readouterr().out


def test_the_same_again_changes_nothing(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*DEPLOY, *SCALED]) == 0
    before, (_, (policy,)) = served(sagemaker), scaling(sagemaker)
    capsys.readouterr()
    assert main([*DEPLOY, *SCALED]) == 0
    assert "endpoint pets in eu-west-1: up to date" in capsys.readouterr().out
    assert served(sagemaker) == before
    assert sagemaker.updates == []
    (again,) = scaling(sagemaker)[1]
    tracked = "TargetTrackingScalingPolicyConfiguration"
    assert again[tracked] == policy[tracked]


def test_other_counts_are_no_other_configuration(sagemaker: SageMaker) -> None:
    assert main([*DEPLOY, *SCALED]) == 0
    assert main([*DEPLOY, "--min", "2", "--max", "9"]) == 0
    assert sagemaker.updates == []
    ((target,), _) = scaling(sagemaker)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 9)


@pytest.mark.parametrize(
    "change", ["image", "model", "environment", "model_uri", "instance_type", "role"]
)
def test_what_has_changed_is_updated_and_the_old_removed(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    assert main(DEPLOY) == 0
    _, config, model = served(sagemaker)
    sagemaker.client("s3").put_object(Bucket="models", Key="b.tar.gz", Body=b"weights")
    if change == "image":
        sagemaker.push_image("second")
    if change == "model":
        sagemaker.put_model(b"other weights under the same key")
    more = {
        "environment": ["--env", "SEG_PRECISION=f32"],
        "model_uri": ["--model-data", "s3://models/b.tar.gz"],
        "instance_type": ["--instance-type", "ml.g5.xlarge"],
        "role": ["--role", f"{ROLE}-2"],
    }.get(change, [])
    assert main([*DEPLOY, *more]) == 0
    said = capsys.readouterr()
    assert "endpoint pets in eu-west-1: updated" in said.out
    _, config_now, model_now = served(sagemaker)
    assert sagemaker.updates == [
        {
            "EndpointName": "pets",
            "EndpointConfigName": config_now["EndpointConfigName"],
            "RetainAllVariantProperties": False,
        }
    ]
    assert config_now["EndpointConfigName"] != config["EndpointConfigName"]
    assert sagemaker.names("EndpointConfig") == [config_now["EndpointConfigName"]]
    assert sagemaker.names("Model") == [model_now["ModelName"]]
    assert f"removed endpoint config {config['EndpointConfigName']}, no longer used" in said.err
    is_same_model = change == "instance_type"
    assert (model_now["ModelName"] == model["ModelName"]) == is_same_model


def test_delete_removes_what_was_made_and_nothing_else(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    """`pets-2` begins alike; `pets-0123456789ab` is named as ours are, and is not ours."""
    client = sagemaker.client("sagemaker")
    client.create_model(ModelName="pets-0123456789ab", ExecutionRoleArn=ROLE)
    assert main([*DEPLOY, *SCALED]) == 0
    assert main([*DEPLOY, "--name", "pets-2", *SCALED]) == 0
    capsys.readouterr()
    assert main(DELETE) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "removed endpoint pets"
    assert re.fullmatch(r"removed endpoint config pets-[0-9a-f]{12}", said[1])
    assert re.fullmatch(r"removed model pets-[0-9a-f]{12}", said[2])
    assert sagemaker.names("Endpoint") == ["pets-2"]
    assert len(sagemaker.names("EndpointConfig")) == 1
    assert sagemaker.names("Model")[0] == "pets-0123456789ab"
    assert len(sagemaker.names("Model")) == 2
    targets, policies = scaling(sagemaker)
    resource = "endpoint/pets-2/variant/AllTraffic"
    assert [each["ResourceId"] for each in (*targets, *policies)] == [resource] * 2

    assert main(DELETE) == 0
    assert capsys.readouterr().out == "nothing of pets is in eu-west-1\n"


def test_delete_takes_up_what_broke_off(sagemaker: SageMaker) -> None:
    assert main(DEPLOY) == 0
    sagemaker.client("sagemaker").delete_endpoint(EndpointName="pets")
    assert main(DELETE) == 0
    assert sagemaker.names("EndpointConfig") + sagemaker.names("Model") == []


@pytest.mark.parametrize("arguments", [DEPLOY, DELETE])
def test_what_somebody_else_made_is_left_alone(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    client = sagemaker.client("sagemaker")
    client.create_model(ModelName="theirs", ExecutionRoleArn=ROLE)
    variant = {"VariantName": "a", "ModelName": "theirs", "InstanceType": "ml.m5.large"}
    client.create_endpoint_config(
        EndpointConfigName="theirs", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    client.create_endpoint(EndpointName="pets", EndpointConfigName="theirs")
    assert main(arguments) == 8
    assert "endpoint pets was not made by this command" in capsys.readouterr().err
    assert sagemaker.names("Endpoint") == ["pets"]
    assert sagemaker.names("Model") == ["theirs"]


def test_serverless_has_memory_and_concurrency_and_no_instances(sagemaker: SageMaker) -> None:
    more = ["--serverless", "--memory-mb", "6144", "--max-concurrency", "20"]
    assert main([*DEPLOY, *more]) == 0
    (variant,) = served(sagemaker)[1]["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 6144, "MaxConcurrency": 20}
    assert not {"InstanceType", "InitialInstanceCount"} & variant.keys()
    assert "ContainerStartupHealthCheckTimeoutInSeconds" not in variant


def test_instances_are_not_made_serverless(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DEPLOY) == 0
    assert main([*DEPLOY, "--serverless"]) == 8
    assert "SageMaker makes none of those serverless" in capsys.readouterr().err
    assert len(sagemaker.names("EndpointConfig")) == 1


def test_the_python_that_is_printed_is_python(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--async", "--output", "s3://answers/masks"]):
        name = f"pets{len(more)}"
        assert main([*DEPLOY, *more, "--name", name]) == 0
        said = capsys.readouterr().out
        code = said[said.index("import boto3") : said.index("remove it:")]
        compile(code, "printed", "exec")
        assert f'EndpointName="{name}"' in code
        assert f"--endpoint-name {name}" in said
