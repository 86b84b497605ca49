"""`python -m container deploy` while an endpoint comes, fails or goes (tests/sagemaker.py)."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from container.__main__ import main
from tests.sagemaker import (
    DELETE,
    DEPLOY,
    SCALED,
    SageMaker,
    scaling,
    served,
)


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
