"""`python -m container deploy` against SageMaker by moto (tests/sagemaker.py), over HTTP."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from container.__main__ import main
from tests.sagemaker import IMAGE, MODEL, REGION, REPOSITORY, ROLE, SageMaker

DEPLOY = ["deploy", "--model-data", MODEL, "--image", IMAGE, "--role", ROLE, "--name", "pets"]
DELETE = ["deploy", "delete", "pets", "--region", REGION]
SCALED = ["--min", "1", "--max", "4"]


def served(sagemaker: SageMaker, name: str = "pets") -> tuple[Any, Any, Any]:
    """An endpoint, its configuration and its model, as they are described."""
    client = sagemaker.client("sagemaker")
    endpoint = client.describe_endpoint(EndpointName=name)
    config = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    (variant,) = config["ProductionVariants"]
    model = client.describe_model(ModelName=variant["ModelName"])
    for answer in (endpoint, config, model):
        del answer["ResponseMetadata"]
    return endpoint, config, model


def scaling(sagemaker: SageMaker) -> tuple[list[Any], list[Any]]:
    """Targets and policies."""
    client = sagemaker.client("application-autoscaling")
    asked = {"ServiceNamespace": "sagemaker"}
    targets = client.describe_scalable_targets(**asked)["ScalableTargets"]
    return targets, client.describe_scaling_policies(**asked)["ScalingPolicies"]


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


def test_scaling_aims_at_invocations_an_instance(sagemaker: SageMaker) -> None:
    assert main([*DEPLOY, *SCALED, "--invocations-per-instance", "90"]) == 0
    ((target,), (policy,)) = scaling(sagemaker)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert policy["PolicyType"] == "TargetTrackingScaling"
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["TargetValue"] == 90
    metric = tracked["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "SageMakerVariantInvocationsPerInstance"


def test_scaling_that_is_no_longer_wanted_is_taken_away(sagemaker: SageMaker) -> None:
    assert main([*DEPLOY, *SCALED]) == 0
    assert main(DEPLOY) == 0
    assert scaling(sagemaker) == ([], [])
    assert [update["RetainAllVariantProperties"] for update in sagemaker.updates] == [False]


@pytest.mark.parametrize(
    ("more", "is_kept"), [([], True), (["--instance-type", "ml.g5.xlarge"], False)]
)
def test_under_an_update_scaling_keeps_its_count_and_lets_go_of_the_instance_type(
    sagemaker: SageMaker, monkeypatch: pytest.MonkeyPatch, more: list[str], is_kept: bool
) -> None:
    """SageMaker updates no instance type under a scalable target, so it must be gone by then."""
    assert main([*DEPLOY, *SCALED]) == 0
    there = []
    monkeypatch.setattr(sagemaker, "on_update", lambda: there.append(len(scaling(sagemaker)[0])))
    assert main([*DEPLOY, *SCALED, *more, "--env", "SEG_PRECISION=f32"]) == 0
    assert there == [int(is_kept)]
    assert [update["RetainAllVariantProperties"] for update in sagemaker.updates] == [True]
    assert len(scaling(sagemaker)[0]) == 1


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


def test_async_writes_to_s3_and_scales_by_what_waits(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--async", "--output", "s3://answers/masks/", *SCALED]
    assert main([*DEPLOY, *more]) == 0
    assert served(sagemaker)[1]["AsyncInferenceConfig"]["OutputConfig"] == {
        "S3OutputPath": "s3://answers/masks",
        "S3FailurePath": "s3://answers/masks/failures",
    }
    (policy,) = scaling(sagemaker)[1]
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["TargetValue"] == 5
    metric = tracked["CustomizedMetricSpecification"]
    assert metric["MetricName"] == "ApproximateBacklogSizePerInstance"
    assert metric["Dimensions"] == [{"Name": "EndpointName", "Value": "pets"}]
    assert "invoke-endpoint-async" in capsys.readouterr().out


def test_progress_is_told_state_by_state(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    creating = {"EndpointStatus": "Creating"}
    sagemaker.states += [creating, creating, {"EndpointStatus": "InService"}]
    assert main(DEPLOY) == 0
    said = capsys.readouterr().err.splitlines()
    assert [line.split(None, 1)[1] for line in said] == ["pets: Creating", "pets: InService"]
    assert all(re.match(r" +\d+:\d\d  ", line) for line in said)


FAILED = {"EndpointStatus": "Failed", "FailureReason": "It did not pass the ping health check."}


def test_a_failure_has_its_reason_the_containers_last_words_and_what_to_do(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    logs, group = sagemaker.client("logs"), "/aws/sagemaker/Endpoints/pets"
    stream = {"logGroupName": group, "logStreamName": "AllTraffic/i-0"}
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(**stream)
    words = "error: model_best.params is missing"
    now_ms = 1000 * int(Path(__file__).stat().st_mtime)
    logs.put_log_events(**stream, logEvents=[{"timestamp": now_ms, "message": words}])
    sagemaker.states += [{"EndpointStatus": "Creating"}, FAILED]
    assert main(DEPLOY) == 8
    said = capsys.readouterr().err
    assert f"  | {words}\n" in said
    last = said.splitlines()[-1]
    assert last.startswith("error: endpoint pets failed: It did not pass the ping health check.")
    assert "aws logs tail /aws/sagemaker/Endpoints/pets --region eu-west-1" in last


def test_an_endpoint_that_failed_is_made_anew(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    sagemaker.states += [FAILED]
    assert main(DEPLOY) == 8
    gone = {"EndpointStatus": "Gone"}
    sagemaker.states = [FAILED, {"EndpointStatus": "Deleting"}, gone]
    sagemaker.keeps_deleted = True
    assert main(DEPLOY) == 0
    said = capsys.readouterr()
    assert "endpoint pets had failed: it is made anew" in said.err
    assert "created" in said.out


def test_an_update_that_was_rolled_back_is_a_failure(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DEPLOY) == 0
    old = served(sagemaker)[0]["EndpointConfigName"]
    back = {
        "EndpointStatus": "InService",
        "EndpointConfigName": old,
        "FailureReason": "no capacity",
    }
    sagemaker.states += [{}, {"EndpointStatus": "Updating"}, back]
    assert main([*DEPLOY, "--instance-type", "ml.g5.xlarge"]) == 8
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: endpoint pets is InService, as it was before: no capacity")
    assert old in sagemaker.names("EndpointConfig")


def test_an_endpoint_under_way_elsewhere_is_waited_for_or_refused(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DEPLOY) == 0
    moving = {
        "EndpointStatus": "Updating",
        "PendingDeploymentSummary": {"EndpointConfigName": "another"},
    }
    sagemaker.states += [moving]
    assert main([*DEPLOY, "--no-wait"]) == 8
    assert "endpoint pets is Updating; run the same once it is done" in capsys.readouterr().err
    sagemaker.states = [moving, moving, {}]
    assert main(DEPLOY) == 0


def test_without_waiting_it_starts_and_the_same_again_finishes(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DEPLOY) == 0
    more = [*SCALED, "--instance-type", "ml.g5.xlarge"]
    assert main([*DEPLOY, *more, "--no-wait"]) == 0
    assert "run the same without --no-wait" in capsys.readouterr().out
    assert len(sagemaker.names("EndpointConfig")) == 2
    assert scaling(sagemaker) == ([], [])
    assert main([*DEPLOY, *more]) == 0
    assert len(sagemaker.names("EndpointConfig")) == 1
    assert len(scaling(sagemaker)[0]) == 1


def test_delete_waits_until_the_endpoint_is_gone(
    sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DEPLOY) == 0
    sagemaker.keeps_deleted = True
    sagemaker.states += [{}, {"EndpointStatus": "Deleting"}, {"EndpointStatus": "Gone"}]
    assert main(DELETE) == 0
    assert "pets: Deleting" in capsys.readouterr().err
    assert sagemaker.names("Endpoint") + sagemaker.names("Model") == []


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


def test_ctrl_c_ends_the_waiting_and_says_that_sagemaker_goes_on(sagemaker: SageMaker) -> None:
    sagemaker.states += [{"EndpointStatus": "Creating"}]
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "container", *DEPLOY],
        env={"PATH": os.environ["PATH"], **sagemaker.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert first.endswith("pets: Creating\n"), first + process.stderr.read()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (
        "SageMaker goes on. To look: aws sagemaker describe-endpoint --endpoint-name pets" in said
    )
    assert "Traceback" not in said
    assert sagemaker.names("Endpoint") == ["pets"]


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
