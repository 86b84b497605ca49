"""What the worker answers by itself."""

import socket
from types import SimpleNamespace
from typing import Any, cast

import pytest
from gunicorn.http import errors

from container.worker import PingLaneWorker


@pytest.mark.parametrize(
    ("raised", "code", "is_ours"),
    [
        (RuntimeError("secret"), "internal-error", True),
        (errors.ConfigurationProblem("secret"), "internal-error", True),
        (errors.InvalidHeader("secret"), "bad-request", False),
    ],
)
def test_a_fault_of_ours_is_logged_with_its_cause_and_anothers_is_not(
    raised: Exception, code: str, is_ours: bool
) -> None:
    told: list[Any] = []
    worker = SimpleNamespace(app=SimpleNamespace(refused=lambda *facts: told.append(facts)))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        PingLaneWorker.handle_error(cast("Any", worker), None, ours, None, raised)
        answer = theirs.recv(65536)
    ((error, request_id, cause),) = told
    assert error.code == code
    assert request_id.encode() in answer
    assert code.encode() in answer
    assert b"secret" not in answer
    assert cause is (raised if is_ours else None)
