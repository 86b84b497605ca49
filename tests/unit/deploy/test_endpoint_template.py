"""deploy/endpoint.yaml: what cfn-lint says of it, and that it makes what `deploy` makes."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from container.deploy.image_uri import ImageUri
from container.deploy.options import Options, Scaling
from container.deploy.plan import plan_of
from serve.s3_uri import S3Uri

FILE = Path("deploy/endpoint.yaml")


class TemplateLoader(yaml.SafeLoader):
    """Reads `!Ref a` as {"Ref": "a"}, as CloudFormation does; so every function of one argument."""


def _function(loader: TemplateLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


TemplateLoader.add_multi_constructor("!", _function)
TEMPLATE: dict[str, Any] = yaml.load(FILE.read_text(), TemplateLoader)  # noqa: S506  # a SafeLoader


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_cfn_lint_finds_nothing(region: str) -> None:
    linter = Path(sys.executable).parent / "cfn-lint"
    subprocess.run([linter, "--regions", region, "--", FILE], check=True)


def test_cfn_lint_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FILE.read_text().replace("ModelDataUrl:", "ModelDataURL:"))
    linter = Path(sys.executable).parent / "cfn-lint"
    ended = subprocess.run([linter, "--", wrong], capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "ModelDataURL" in ended.stdout


def test_every_parameter_says_what_it_is_and_what_is_allowed() -> None:
    for name, parameter in TEMPLATE["Parameters"].items():
        assert parameter["Description"].endswith("."), name
        assert {"AllowedValues", "AllowedPattern", "MinValue"} & parameter.keys(), name
        assert ("AllowedPattern" in parameter) == ("ConstraintDescription" in parameter), name


@pytest.mark.parametrize(
    ("parameter", "text", "is_allowed"),
    [
        ("EndpointName", "a" * 50, True),
        ("EndpointName", "a" * 51, False),
        ("EndpointName", f"a{'-' * 48}b", True),
        ("EndpointName", f"a{'-' * 49}b", False),
        ("EndpointName", "a-", False),
        ("EndpointName", "", False),
        ("ModelData", "s3://models/pets/model.tar.gz", True),
        ("ModelData", "s3://models/pets/*", True),
        ("ModelData", "s3://models/*/model.tar.gz", False),
        ("ModelData", "s3://models/model", False),
        ("ModelData", "https://models/model.tar.gz", False),
        ("Repository", "team/segmentation-container", True),
        ("Repository", "Team", False),
        ("Tag", "latest-gpu", True),
        ("Tag", "-latest", False),
        ("InstanceType", "ml.g5.48xlarge", True),
        ("InstanceType", "g5.xlarge", False),
        ("AsyncInput", "s3://photos/in", True),
        ("AsyncInput", "s3://photos/in/", False),
        ("AsyncOutput", "s3://photos/*", False),
        ("AlarmTopic", "", True),
        ("AlarmTopic", "arn:aws-cn:sns:cn-north-1:111122223333:alarms", True),
        ("AlarmTopic", "alarms", False),
    ],
)
def test_patterns_let_through_what_they_should(parameter: str, text: str, is_allowed: bool) -> None:
    bounds = TEMPLATE["Parameters"][parameter]
    fits = len(text) <= bounds.get("MaxLength", len(text))
    assert (fits and re.fullmatch(bounds["AllowedPattern"], text) is not None) == is_allowed


def without_functions(value: Any) -> Any:
    """A question mark for each function; what a template and a request have in common stays."""
    if isinstance(value, dict):
        named = {"Ref", "If", "Sub", "GetAtt"}
        return "?" if named & value.keys() else {k: without_functions(v) for k, v in value.items()}
    return [without_functions(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("is_async", [False, True])
def test_it_scales_as_the_command_does(is_async: bool) -> None:
    options = Options(
        name="pets",
        image=ImageUri.parse("111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1"),
        model_data=S3Uri("models", "model.tar.gz"),
        role="arn:aws:iam::111122223333:role/a",
        environment={},
        output=S3Uri("answers", "masks") if is_async else None,
        scaling=Scaling(1, 2, 60),
    )
    plan = plan_of(options, str(options.image), None)
    assert plan.target is not None
    assert plan.policy is not None
    tracked = plan.policy["TargetTrackingScalingPolicyConfiguration"]
    target, policy = (
        TEMPLATE["Resources"][name]["Properties"] for name in ("ScalingTarget", "ScalingPolicy")
    )
    for member in ("ServiceNamespace", "ScalableDimension"):
        assert target[member] == plan.target[member]
    assert target["ResourceId"] == {"Sub": "endpoint/${Endpoint.EndpointName}/variant/AllTraffic"}
    ours = policy["TargetTrackingScalingPolicyConfiguration"]
    for member in ("ScaleOutCooldown", "ScaleInCooldown"):
        assert ours[member] == tracked[member]
    if is_async:
        metric = without_functions(ours["CustomizedMetricSpecification"]["If"][1])
        expected = dict(tracked["CustomizedMetricSpecification"])
        expected["Dimensions"] = [{"Name": "EndpointName", "Value": "?"}]
        assert metric == expected
    else:
        metric = ours["PredefinedMetricSpecification"]["If"][2]
        assert metric == tracked["PredefinedMetricSpecification"]


def test_alarms_watch_this_endpoint_and_tell_whoever_is_named() -> None:
    alarms = {
        name: resource["Properties"]
        for name, resource in TEMPLATE["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert alarms.keys() == {"ServerFaults", "SlowAnswers", "NoInstance"}
    variant = [
        {"Name": "EndpointName", "Value": {"GetAtt": "Endpoint.EndpointName"}},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    latency = alarms["SlowAnswers"]["Metrics"][0]["MetricStat"]["Metric"]
    for watched in (alarms["ServerFaults"], alarms["NoInstance"], latency):
        assert watched["Dimensions"] == variant
    for alarm in alarms.values():
        told = {"If": ["HasTopic", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
        assert alarm["AlarmActions"] == alarm["OKActions"] == told
