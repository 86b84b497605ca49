"""deploy/endpoint.yaml made into stacks by the real aws CLI and moto's CloudFormation.

moto makes roles, models, configurations and endpoints out of a template; of
scaling and alarms it knows nothing, and names endpoints itself: those are tests/unit/deploy's.
"""

import ast
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws_cli import ACCOUNT, BIN, REGION, RunningMoto, skip_without

GIVEN = {"EndpointName": "pets", "ModelData": "s3://models/pets/model.tar.gz"}
ASYNC = {"AsyncInput": "s3://photos/in", "AsyncOutput": "s3://photos/out"}


class Aws:
    """The CLI, and where it finds moto."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def __call__(self, *words: str) -> Any:
        """What it prints, which is JSON or nothing worth reading."""
        ended = subprocess.run(
            [BIN / "aws", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.startswith(("{", "[")) else None

    def make(self, stack: str, **parameters: str) -> dict[str, str]:
        """A stack; physical names by logical ones."""
        pairs = [f"{name}={text}" for name, text in (GIVEN | parameters).items()]
        file = ["--template-file", "deploy/endpoint.yaml", "--capabilities", "CAPABILITY_IAM"]
        named = ["--stack-name", stack]
        self("cloudformation", "deploy", *named, *file, "--parameter-overrides", *pairs)
        made = self("cloudformation", "describe-stack-resources", *named)["StackResources"]
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in made
            if each.get("PhysicalResourceId")  # moto lists what it does not know, too, nameless
        }

    def allowed(self, role: str) -> dict[str, Any]:
        """Statements of a role's policy by their Sid."""
        named = ["--role-name", role, "--policy-name", "endpoint"]
        text = self("iam", "get-role-policy", *named)["PolicyDocument"]
        policy = ast.literal_eval(text)  # moto's CloudFormation stores Python's way of writing it
        statements = filter(None, policy["Statement"])  # and leaves None where AWS::NoValue was
        return {each["Sid"]: each for each in statements}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    skip_without()
    with RunningMoto(tmp_path_factory.mktemp("moto") / "log") as moto:
        yield Aws(moto.environment)


def test_a_role_alone_may_do_what_an_endpoint_needs_and_no_more(aws: Aws) -> None:
    made = aws.make("role", Kind="role")
    assert made.keys() == {"Role"}
    allowed = aws.allowed(made["Role"])
    assert allowed.keys() == {
        "ReadModel",
        "PullImage",
        "LogInToRegistry",
        "WriteLog",
        "WriteMetrics",
    }
    assert allowed["ReadModel"]["Action"] == "s3:GetObject"
    assert allowed["ReadModel"]["Resource"] == "arn:aws:s3:::models/pets/model.tar.gz"
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/segmentation-container"
    assert allowed["PullImage"]["Resource"] == repository
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/pets"
    assert allowed["WriteLog"]["Resource"] == [group, f"{group}:*"]
    for sid, statement in allowed.items():
        everything = statement["Resource"] == "*"
        assert everything == (sid in {"LogInToRegistry", "WriteMetrics"})


def test_asynchronous_it_may_read_photos_and_write_answers(aws: Aws) -> None:
    allowed = aws.allowed(aws.make("async-role", Kind="role", **ASYNC)["Role"])
    assert allowed["ReadPhotos"]["Resource"] == "arn:aws:s3:::photos/in/*"
    assert allowed["WriteAnswers"]["Resource"] == "arn:aws:s3:::photos/out/*"
    assert allowed["WriteAnswers"]["Action"] == ["s3:PutObject", "s3:AbortMultipartUpload"]


EVERYWHERE = {"Role", "Model", "Config", "Endpoint"}


@pytest.mark.parametrize("kind", ["instances", "serverless", "async"])
def test_each_kind_has_its_model_configuration_and_endpoint(aws: Aws, kind: str) -> None:
    made = aws.make(kind, Kind=kind, **(ASYNC if kind == "async" else {}))
    assert made.keys() >= EVERYWHERE
    names = {logical: physical.split("/")[-1] for logical, physical in made.items()}
    model = aws("sagemaker", "describe-model", "--model-name", names["Model"])
    container = model["PrimaryContainer"]
    registry = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
    assert container["Image"] == f"{registry}/segmentation-container:latest"
    assert container["ModelDataUrl"] == "s3://models/pets/model.tar.gz"
    assert container["Environment"]["SEG_PRECISION"] == "auto"
    role = aws("iam", "get-role", "--role-name", names["Role"])["Role"]
    assert model["ExecutionRoleArn"] == role["Arn"]
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"Service": "sagemaker.amazonaws.com"}

    named = ["--endpoint-config-name", names["Config"]]
    config = aws("sagemaker", "describe-endpoint-config", *named)
    (variant,) = config["ProductionVariants"]
    assert variant["ModelName"] == names["Model"]
    if kind == "serverless":
        assert variant["ServerlessConfig"] == {"MemorySizeInMB": 4096, "MaxConcurrency": 5}
        assert "InstanceType" not in variant
    else:
        assert variant["InstanceType"] == "ml.c7i.xlarge"
        assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 600
    output = config.get("AsyncInferenceConfig", {}).get("OutputConfig")
    wanted = {"S3OutputPath": "s3://photos/out", "S3FailurePath": "s3://photos/out/failures"}
    assert output == (wanted if kind == "async" else None)


def test_a_stack_is_removed_with_all_that_it_made(aws: Aws) -> None:
    names = aws.make("gone", Kind="serverless")
    aws("cloudformation", "delete-stack", "--stack-name", "gone")
    roles = [each["RoleName"] for each in aws("iam", "list-roles")["Roles"]]
    assert names["Role"] not in roles
