"""The scaling that `python -m container deploy` sets and takes away, by moto over HTTP."""

import pytest

from container.__main__ import main
from tests.sagemaker import DEPLOY, SCALED, SageMaker, scaling, served


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
