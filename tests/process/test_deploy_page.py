"""The commands of docs/deploy.md, run one after the other.

The aws CLI is the real one, docker a stand-in, AWS is moto, and our own server answers for the
endpoint, which it can (docs/http.md).
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from PIL import Image

from tests.aws_cli import REGION, RunningMoto, skip_without
from tests.server import CAT, RunningServer
from tests.stand_ins import StandIns

PAGE = Path("docs/deploy.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
CLUSTER = [block for block in BLOCKS if "kubectl" in block]
STACK = [block for block in BLOCKS if "--stack-name pets" in block]
TEN_MINUTES = [block for block in BLOCKS if block not in CLUSTER + STACK]


@pytest.fixture
def moto(tmp_path: Path) -> Iterator[RunningMoto]:
    skip_without()
    with RunningMoto(tmp_path / "log") as running:
        yield running


def fill(moto: RunningMoto) -> None:
    """A bucket, and the image that docker's stand-in pushes only in word."""
    environment = moto.environment
    for service in ("s3", "ecr"):
        client = boto3.client(
            service,
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id="any",
            aws_secret_access_key="any",  # noqa: S106  # nobody checks
        )
        if service == "s3":
            client.create_bucket(
                Bucket="models", CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        else:
            client.create_repository(repositoryName="segmentation-container")
            client.put_image(
                repositoryName="segmentation-container",
                imageManifest='{"schemaVersion": 2}',
                imageManifestMediaType="application/vnd.docker.distribution.manifest.v2+json",
                imageTag="latest",
            )
        client.close()


def run(blocks: list[str], moto: RunningMoto, tmp_path: Path, **more: str) -> str:
    """What they print, run by one shell that ends at the first failure."""
    stand_ins = StandIns.of(tmp_path / "bin", ["docker"])
    (tmp_path / "model.tar.gz").write_bytes(b"weights")
    shutil.copy(CAT, tmp_path / "photo.jpg")
    code = "".join(blocks).replace(".venv/bin/python", f"{sys.executable} -W ignore")
    for file in ("model.tar.gz ", "photo.jpg ", "mask.png"):  # those of the page lie here
        code = re.sub(rf"(?<=[ /]){re.escape(file)}", f"{tmp_path}/{file}", code)
    environment = moto.environment | more
    environment["PATH"] = f"{stand_ins.folder}:{environment['PATH']}"
    ended = subprocess.run(
        ["bash", "-euc", code],  # noqa: S607  # the page's own lines
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_there_are_blocks_to_run() -> None:
    assert (len(TEN_MINUTES), len(STACK), len(CLUSTER)) == (7, 1, 1)


def test_ten_minutes_are_an_endpoint_that_comes_scales_and_goes(
    moto: RunningMoto, tmp_path: Path, demo_server: RunningServer
) -> None:
    fill(moto)
    endpoint = f"http://127.0.0.1:{demo_server.port}"
    said = run(TEN_MINUTES, moto, tmp_path, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=endpoint)
    told = [line for line in said.splitlines() if line.startswith(("endpoint ", "removed "))]
    assert told[0] == "endpoint pets in eu-west-1: created"
    assert told[1] == "endpoint pets in eu-west-1: updated"
    assert told[2] == "removed endpoint pets"
    with Image.open(tmp_path / "mask.png") as mask, Image.open(CAT) as photo:
        assert mask.size == photo.size


def test_the_stack_comes_tells_how_to_ask_it_and_goes(moto: RunningMoto, tmp_path: Path) -> None:
    said = run(['MODEL="s3://models/pets/model.tar.gz"\n', *STACK], moto, tmp_path)
    assert "aws sagemaker-runtime invoke-endpoint --region eu-west-1" in said


@pytest.mark.parametrize("file", re.findall(r"(?:deploy/\w+\.yaml|build_and_push\.sh)", PAGE))
def test_files_named_there_exist(file: str) -> None:
    assert Path(file).exists()


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (Path("docs") / target).exists(), target


def test_every_option_of_the_command_is_there() -> None:
    asked = [sys.executable, "-W", "ignore", "-m", "container", "deploy", "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    for option in set(re.findall(r"--[a-z][a-z-]+", told)) - {"--help", "--wait"}:
        assert option in PAGE, option
