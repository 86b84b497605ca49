"""What `deploy` refuses, before AWS is asked for anything: nothing here could answer."""

import pytest

from container.__main__ import main

GIVEN = {
    "--image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/segmentation-container:latest",
    "--model-data": "s3://models/model.tar.gz",
    "--role": "arn:aws:iam::111122223333:role/segmentation",
}


@pytest.fixture(autouse=True)
def _nothing_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No role, no region, and no way out: what gets past the judgement is a failed connection."""
    for name in ("SAGEMAKER_ROLE_ARN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def ended(options: dict[str, str], *more: str) -> int:
    words = [word for pair in options.items() for word in pair]
    return main(["deploy", *words, *more])


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--image", "a:1"], "--image: 'a:1' cannot be used; allowed: an image in ECR"),
        (["--model-data", "model.tar.gz"], "--model-data: 'model.tar.gz' cannot be used"),
        (["--model-data", "s3://models/model"], "allowed: s3://bucket/key that ends in .tar.gz"),
        (["--role", "segmentation"], "allowed: a role's ARN in the image's part of AWS"),
        (["--role", "arn:aws-cn:iam::111122223333:role/a"], "arn:aws:iam::ACCOUNT:role/NAME"),
        (["--name", "my_endpoint"], "--name: 'my_endpoint' cannot be used; allowed: 1 to 50"),
        (["--name", "a" * 51], "allowed: 1 to 50 letters, digits"),
        (["--name", "a-"], "--name: 'a-' cannot be used"),
        (["--name", ""], "--name: '' cannot be used"),
        (["--region", "eu-west-2"], "--region eu-west-2: the image is in eu-west-1"),
        (["--instance-type", "c7i.xlarge"], "'c7i.xlarge' cannot be used; allowed: SageMaker's"),
        (["--instance-type", "ml.c7i.huge"], "'ml.c7i.huge' cannot be used"),
        (["--instance-type", "ml.c7g.xlarge"], "allowed: x86-64; this one has ARM cores"),
        (["--instance-type", "ml.m6gd.large"], "allowed: x86-64; this one has ARM cores"),
        (["--serverless", "--memory-mb", "0"], "--memory-mb: '0' cannot be used; allowed: 1024, 2"),
        (["--serverless", "--memory-mb", "1500"], "allowed: 1024, 2048, 3072, 4096, 5120, 6144"),
        (["--serverless", "--memory-mb", "7168"], "--memory-mb: '7168' cannot be used"),
        (["--serverless", "--max-concurrency", "0"], "allowed: 1 to 200"),
        (["--serverless", "--max-concurrency", "201"], "allowed: 1 to 200"),
        (["--memory-mb", "1024"], "--memory-mb needs --serverless beside it"),
        (["--max-concurrency", "0"], "--max-concurrency needs --serverless beside it"),
        (["--serverless", "--instance-type", "ml.c5.large"], "--serverless and --instance-type"),
        (["--serverless", "--min", "1", "--max", "2"], "--serverless and --min do not go together"),
        (["--serverless", "--async", "--output", "s3://a/b"], "--serverless and --async"),
        (["--async"], "--async needs --output beside it"),
        (["--output", "s3://answers/masks"], "--output needs --async beside it"),
        (["--async", "--output", "masks"], "--output: 'masks' cannot be used"),
        (["--min", "1"], "--min needs --max beside it"),
        (["--max", "1"], "--max needs --min beside it"),
        (["--min", "0", "--max", "1"], "--min and --max: '0 and 1' cannot be used; allowed: 1 <="),
        (["--min", "3", "--max", "2"], "--min and --max: '3 and 2' cannot be used"),
        (["--min", "1", "--max", "1001"], "allowed: 1 <= min <= max <= 1000"),
        (["--invocations-per-instance", "9"], "--invocations-per-instance needs --min beside it"),
        (
            ["--min", "1", "--max", "2", "--invocations-per-instance", "0"],
            "--invocations-per-instance: '0' cannot be used; allowed: 1 or more",
        ),
        (["--env", "SEG_PRECISION"], "--env: 'SEG_PRECISION' cannot be used; allowed: NAME=VALUE"),
        (["--env", "1A=b"], "--env: '1A=b' cannot be used"),
        (["--env", f"A={'b' * 1025}"], "names and values of at most 1024 characters"),
        (["--env", "SEG_PRECISION=f64"], "SEG_PRECISION='f64' cannot be used; allowed: `auto`"),
        (["--env", "SEG_HTTP_THREADS=4"], "SEG_HTTP_THREADS=4 cannot be used; allowed: more than"),
        (["--env", "SAGEMAKER_BIND_TO_PORT=9000"], "allowed: 8080, the port that SageMaker asks"),
        (["--env", "SEG_MODELS=unload"], "allowed: settings for the one model of --model-data"),
        (["--env", "SAGEMAKER_MULTI_MODEL=true"], "--env: 'SEG_MODELS or SAGEMAKER_MULTI_MODEL'"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_line_that_says_what_is_allowed(
    capsys: pytest.CaptureFixture[str], more: list[str], complaint: str
) -> None:
    assert ended(GIVEN, *more) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line


@pytest.mark.parametrize(
    "more",
    [
        [],
        ["--name", "a" * 50],
        ["--instance-type", "ml.g4dn.xlarge"],
        ["--instance-type", "ml.g5.48xlarge"],
        ["--instance-type", "ml.p4d.24xlarge"],
        ["--serverless", "--memory-mb", "1024", "--max-concurrency", "1"],
        ["--serverless", "--memory-mb", "6144", "--max-concurrency", "200"],
        ["--min", "1", "--max", "1", "--invocations-per-instance", "1"],
        ["--min", "1000", "--max", "1000"],
        ["--env", f"A={'b' * 1024}"],
        ["--env", "SEG_MODELS=off"],
        ["--region", "eu-west-1"],
    ],
)
def test_what_is_allowed_gets_as_far_as_aws(
    capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert ended(GIVEN, *more) == 8
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: AWS could not be asked (describe_images): Could not connect")


@pytest.mark.parametrize("option", GIVEN)
def test_what_is_required_is_named(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert ended({name: text for name, text in GIVEN.items() if name != option}) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert option in line
    assert "is required" in line


def test_the_role_may_come_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_ROLE_ARN", GIVEN["--role"])
    assert ended({name: text for name, text in GIVEN.items() if name != "--role"}) == 8
    capsys.readouterr()


def test_there_may_be_a_hundred_variables_and_not_one_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pairs = [word for number in range(101) for word in ("--env", f"A{number}=b")]
    assert ended(GIVEN, *pairs[:-2]) == 8
    assert ended(GIVEN, *pairs) == 2
    assert "'101 variables' cannot be used; allowed: at most 100" in capsys.readouterr().err


def test_a_setting_that_there_is_not_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    ended(GIVEN, "--env", "SEG_PRECISON=f32", "--env", "MINE=1", "--env", "SEG_PRECISION=f32")
    warning, _ = capsys.readouterr().err.splitlines()
    assert warning == "warning: --env SEG_PRECISON: there is no such setting"


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["my_endpoint", "--region", "eu-west-1"], "--name: 'my_endpoint' cannot be used"),
        (["pets"], "no region: give --region, or set AWS_REGION"),
    ],
)
def test_delete_is_judged_too(
    capsys: pytest.CaptureFixture[str], more: list[str], complaint: str
) -> None:
    assert main(["deploy", "delete", *more]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
