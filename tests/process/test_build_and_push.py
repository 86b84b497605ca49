"""build_and_push.sh with stand-ins for aws and docker, and with the real aws against moto's ECR."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3
import pytest

from tests.aws_cli import BIN, skip_without
from tests.s3 import CREDENTIALS, RunningS3
from tests.stand_ins import Answer, StandIns

ROOT = Path.cwd()
SCRIPT = ROOT / "build_and_push.sh"
ACCOUNT = "111122223333"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
URI = f"{REGISTRY}/segmentation-container:latest"
MISSING = (254, "", "An error occurred (RepositoryNotFoundException): it does not exist\n")
ANSWERS: dict[str, Answer] = {
    "aws configure get region": (1, "", ""),
    "aws sts": (0, f"{ACCOUNT}\n", ""),
    "aws ecr get-login-password": (0, "secret\n", ""),
}
CREATE = (
    "aws ecr create-repository --repository-name segmentation-container --region eu-west-1 "
    "--image-scanning-configuration scanOnPush=true"
)


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandIns:
    programs = StandIns.of(tmp_path / "bin", ["aws", "docker"])
    programs.answer(ANSWERS)
    return programs


def run(stand_ins: StandIns, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_by(SCRIPT, ROOT, stand_ins, options, environment)


def run_by(
    script: Path | str,
    cwd: Path,
    stand_ins: StandIns,
    options: Sequence[str],
    environment: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    path = f"{stand_ins.folder}:/usr/bin:/bin"
    return subprocess.run(
        [script, *options],
        env={"PATH": path, "HOME": str(stand_ins.folder), **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def pushed_calls(registry: str = REGISTRY, region: str = "eu-west-1") -> list[str]:
    """All that a run does where the repository is there."""
    uri = f"{registry}/segmentation-container:latest"
    return [
        f"aws sts get-caller-identity --query Account --output text --region {region}",
        "aws ecr describe-repositories --repository-names segmentation-container "
        f"--region {region}",
        f"aws ecr get-login-password --region {region}",
        f"docker login --username AWS --password-stdin {registry} <secret",
        f"docker build --platform linux/amd64 --tag segmentation-container:latest {ROOT}",
        f"docker tag segmentation-container:latest {uri}",
        f"docker push {uri}",
    ]


def test_an_image_is_built_tagged_and_pushed_and_stdout_is_its_uri(stand_ins: StandIns) -> None:
    ended = run(stand_ins, "--region", "eu-west-1")
    assert (ended.returncode, ended.stdout) == (0, f"{URI}\n")
    assert stand_ins.said == pushed_calls()
    assert "secret" not in ended.stderr


def test_what_the_programs_say_goes_to_stderr(stand_ins: StandIns) -> None:
    told: dict[str, Answer] = {"docker": (0, "layers\n", "steps\n")}
    stand_ins.answer(ANSWERS | told)
    ended = run(stand_ins, "--region", "eu-west-1")
    assert ended.stdout == f"{URI}\n"
    assert {"layers", "steps"} <= set(ended.stderr.splitlines())


def test_a_missing_repository_is_made_and_the_second_run_finds_it(stand_ins: StandIns) -> None:
    stand_ins.answer(ANSWERS | {"aws ecr describe-repositories": MISSING})
    assert run(stand_ins, "--region", "eu-west-1").stdout == f"{URI}\n"
    first = stand_ins.said
    expected = pushed_calls()
    assert first == [*expected[:2], CREATE, *expected[2:]]
    stand_ins.answer(ANSWERS)
    assert run(stand_ins, "--region", "eu-west-1").stdout == f"{URI}\n"
    assert stand_ins.said[len(first) :] == expected


@pytest.mark.parametrize(
    ("region", "registry"),
    [
        ("us-gov-west-1", f"{ACCOUNT}.dkr.ecr.us-gov-west-1.amazonaws.com"),
        ("cn-northwest-1", f"{ACCOUNT}.dkr.ecr.cn-northwest-1.amazonaws.com.cn"),
        ("mx-central-1", f"{ACCOUNT}.dkr.ecr.mx-central-1.amazonaws.com"),
    ],
)
def test_each_partition_has_its_registry(stand_ins: StandIns, region: str, registry: str) -> None:
    ended = run(stand_ins, "--region", region)
    assert ended.stdout == f"{registry}/segmentation-container:latest\n"
    assert stand_ins.said == pushed_calls(registry, region)


def test_the_gpus_image_has_its_build_argument_and_its_tag(stand_ins: StandIns) -> None:
    assert run(stand_ins, "--gpu", "--region=eu-west-1").stdout == f"{URI}-gpu\n"
    (build,) = [said for said in stand_ins.said if said.startswith("docker build")]
    assert (
        "--platform linux/amd64 --build-arg ONNXRUNTIME=cu12 --build-arg MXNET=cu112 --tag" in build
    )


def test_names_are_the_users(stand_ins: StandIns) -> None:
    options = ["--gpu", "--repository", "team/segmentation", "--tag", "latest"]
    ended = run(stand_ins, *options, "--region", "eu-west-1")
    assert ended.stdout == f"{REGISTRY}/team/segmentation:latest\n"


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({}, "eu-west-3"),
    ],
)
def test_the_region_is_looked_for(
    stand_ins: StandIns, environment: dict[str, str], region: str
) -> None:
    stand_ins.answer(ANSWERS | {"aws configure get region": (0, "eu-west-3\n", "")})
    assert f".ecr.{region}." in run(stand_ins, **environment).stdout


def test_it_runs_from_any_folder_and_by_a_relative_path(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    for script in (str(SCRIPT), os.path.relpath(SCRIPT, tmp_path)):
        run_by(script, tmp_path, stand_ins, ["--region", "eu-west-1"], {})
    assert stand_ins.said == pushed_calls() * 2


def test_it_builds_where_it_lies_and_not_where_a_link_to_it_does(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    (tmp_path / "a link").symlink_to(SCRIPT)
    (tmp_path / "root").symlink_to(ROOT)
    for script in (str(tmp_path / "a link"), "root/build_and_push.sh"):
        settings = {"CDPATH": str(tmp_path)}
        run_by(script, tmp_path, stand_ins, ["--region", "eu-west-1"], settings)
    assert stand_ins.said == pushed_calls() * 2


FAILURES = {
    "aws sts": "aws sts get-caller-identity",
    "aws ecr describe-repositories": "aws ecr describe-repositories",
    "aws ecr create-repository": "aws ecr create-repository",
    "aws ecr get-login-password": "aws ecr get-login-password",
    "docker login": "docker login",
    "docker build": "docker build",
    "docker tag": "docker tag",
    "docker push": "docker push",
}


@pytest.mark.parametrize("step", FAILURES)
def test_a_step_that_fails_is_named_and_the_last(stand_ins: StandIns, step: str) -> None:
    answers = ANSWERS | {step: (17, "", "no luck\n")}
    if step == "aws ecr create-repository":
        answers["aws ecr describe-repositories"] = MISSING
    stand_ins.answer(answers)
    ended = run(stand_ins, "--region", "eu-west-1")
    assert (ended.returncode, ended.stdout) == (1, "")
    *_, before, last = ended.stderr.splitlines()
    assert before == "no luck"
    assert last.startswith("error: ")
    assert FAILURES[step] in last
    assert "failed (exit code 17)" in last
    assert stand_ins.said[-1].startswith(step)


def test_an_account_that_is_none_is_not_used(stand_ins: StandIns) -> None:
    stand_ins.answer(ANSWERS | {"aws sts": (0, "None\n", "")})
    ended = run(stand_ins, "--region", "eu-west-1")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == "error: the account 'None' is not 12 digits"


@pytest.mark.parametrize("program", ["aws", "docker"])
def test_a_program_that_is_missing_is_named(
    stand_ins: StandIns, tmp_path: Path, program: str
) -> None:
    """PATH has what the script itself needs, and the one of the two that is there."""
    (stand_ins.folder / program).unlink()
    for needed in ("bash", "env", "dirname"):
        (stand_ins.folder / needed).symlink_to(shutil.which(needed) or needed)
    ended = run(stand_ins, "--region", "eu-west-1", PATH=str(stand_ins.folder))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"error: {program} is not installed, or not on PATH\n"
    assert stand_ins.calls == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--regoin", "eu-west-1"], "--regoin is no option; allowed: --gpu, --region R"),
        (["ireland"], "ireland is no option; allowed"),
        (["us-east-1", "us-west-2"], "two regions: 'us-east-1' and 'us-west-2'"),
        (["--region", "us-east-1", "us-west-2"], "two regions: 'us-east-1' and 'us-west-2'"),
        (["eu-west-1-1"], "--region 'eu-west-1-1' cannot be used"),
        (["--region"], "--region needs a value"),
        (["--tag", "--gpu"], "--tag needs a value"),
        (["--repository="], "--repository needs a value"),
        (["--gpu=yes"], "--gpu=yes is no option"),
        (["--region", "Ireland"], "--region 'Ireland' cannot be used; allowed: a region's code"),
        (["--region", "us-iso-east-1"], "--region 'us-iso-east-1' cannot be used"),
        (["--repository", "Segmentation"], "--repository 'Segmentation' cannot be used; allowed"),
        (["--repository", "a"], "--repository 'a' cannot be used; allowed: 2 to 256"),
        (["--repository", "a" * 257], "cannot be used; allowed: 2 to 256"),
        (["--repository", "a//b"], "--repository 'a//b' cannot be used"),
        (["--tag", ".hidden"], "--tag '.hidden' cannot be used; allowed: 1 to 128"),
        (["--tag", "a" * 129], "cannot be used; allowed: 1 to 128"),
        (["--tag", "a b"], "--tag 'a b' cannot be used"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_before_anything_runs(
    stand_ins: StandIns, options: list[str], complaint: str
) -> None:
    ended = run(stand_ins, *options, AWS_REGION="eu-west-1")
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: ")
    assert complaint in line
    assert stand_ins.calls == []


@pytest.mark.parametrize(
    "options", [["--repository", "a" * 256], ["--repository", "ab"], ["--tag", "_" * 128]]
)
def test_names_at_their_limits_are_taken(stand_ins: StandIns, options: list[str]) -> None:
    assert run(stand_ins, *options, "--region", "eu-west-1").returncode == 0


def test_no_region_is_an_error_that_says_how_to_give_one(stand_ins: StandIns) -> None:
    ended = run(stand_ins)
    assert ended.returncode == 2
    assert "no region: give --region, set AWS_REGION, or `aws configure set" in ended.stderr


def test_help_says_every_option(stand_ins: StandIns) -> None:
    ended = run(stand_ins, "--help")
    assert ended.returncode == 0
    for option in ("--gpu", "--region R", "--repository NAME", "--tag T", "--dry-run", "--help"):
        assert option in ended.stdout


@pytest.mark.parametrize(
    ("environment", "account"), [({}, "000000000000"), ({"AWS_ACCOUNT_ID": ACCOUNT}, ACCOUNT)]
)
def test_a_dry_run_runs_nothing_and_prints_what_a_shell_can_run(
    stand_ins: StandIns, tmp_path: Path, environment: Mapping[str, str], account: str
) -> None:
    """What it printed is run by a shell, and does what the script does."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    script = shutil.copy(SCRIPT, folder)
    path = f"{stand_ins.folder}:/usr/bin:/bin"
    options = ["--dry-run", "--region", "eu-west-1"]
    env = {"PATH": path, **environment}
    ended = subprocess.run([script, *options], env=env, capture_output=True, text=True, check=True)
    assert stand_ins.calls == []
    assert ended.stdout == URI.replace(ACCOUNT, account) + "\n"

    subprocess.run(["bash", "-ec", ended.stderr], env=env, check=True)  # noqa: S607  # its own lines
    _, describe, *others = pushed_calls()  # nobody is asked for the account
    expected = "|".join([describe, CREATE, *others]).replace("<secret", "<secret\n")
    expected = expected.replace(ACCOUNT, account).replace(str(ROOT), str(folder))
    assert stand_ins.said == expected.split("|")


def test_a_region_may_stand_alone_as_the_older_containers_scripts_took_it(
    stand_ins: StandIns,
) -> None:
    for region in ("us-west-2", "us-gov-west-1", "cn-north-1"):
        alone, named = (
            run(stand_ins, "--dry-run", *words) for words in ([region], ["--region", region])
        )
        assert f".ecr.{region}." in alone.stdout
        assert (alone.stdout, alone.stderr) == (named.stdout, named.stderr)


def test_a_dry_run_looks_the_region_up_where_it_is_not_given(stand_ins: StandIns) -> None:
    stand_ins.answer({"aws configure get region": (0, "eu-west-3\n", "")})
    assert ".ecr.eu-west-3." in run(stand_ins, "--dry-run").stdout
    assert stand_ins.said == ["aws configure get region"]


def test_shellcheck_finds_nothing() -> None:
    shellcheck = Path(sys.executable).parent / "shellcheck"
    if not shellcheck.exists():
        pytest.skip("shellcheck is not in this environment: make setup")
    subprocess.run([shellcheck, SCRIPT, ".ci/run"], check=True)


@pytest.fixture
def real_aws(stand_ins: StandIns) -> StandIns:
    """The real aws instead of its stand-in."""
    skip_without()
    (stand_ins.folder / "aws").unlink()
    (stand_ins.folder / "aws").symlink_to(BIN / "aws")
    return stand_ins


def test_the_real_aws_makes_the_repository_once_and_logs_docker_in(
    real_aws: StandIns, s3: RunningS3
) -> None:
    """ECR and STS are moto's, as S3 is."""
    region = "eu-west-3"
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": s3.url, "AWS_REGION": region}
    ecr = boto3.client("ecr", endpoint_url=s3.url, region_name=region, **keys())
    try:
        for _ in range(2):
            ended = run(real_aws, "--repository", "team/pushed", **environment)
            assert ended.returncode == 0, ended.stderr
            assert (
                ended.stdout == f"123456789012.dkr.ecr.{region}.amazonaws.com/team/pushed:latest\n"
            )
        (repository,) = ecr.describe_repositories(repositoryNames=["team/pushed"])["repositories"]
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
        token = ecr.get_authorization_token()["authorizationData"][0]
        assert token["proxyEndpoint"].endswith(f"123456789012.dkr.ecr.{region}.amazonaws.com")
    finally:
        ecr.close()
    logins = [call for call in real_aws.calls if call[1] == "login"]
    assert len(logins) == 2
    assert all(call[-1] == "<123456789012-auth-token" for call in logins)
    assert [call[1] for call in real_aws.calls] == ["login", "build", "tag", "push"] * 2


def test_credentials_that_are_missing_end_it_at_the_account(
    real_aws: StandIns, s3: RunningS3
) -> None:
    ended = run(
        real_aws, AWS_ENDPOINT_URL=s3.url, AWS_REGION="eu-west-1", AWS_EC2_METADATA_DISABLED="true"
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Unable to locate credentials" in ended.stderr
    assert "aws sts get-caller-identity" in ended.stderr.splitlines()[-1]
    assert real_aws.calls == []


def keys() -> dict[str, str]:
    """What boto3 wants and nobody checks."""
    return {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
