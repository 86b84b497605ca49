"""Who serves."""

import os
import sys
from pathlib import Path

import pytest

from container import serve, user
from container.user import become
from serve.settings import Settings

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root changes users")
ALL_MAY = "/bin/sh"


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Whom the process would have become; what it needs beside the model is readable."""
    users: list[int] = []
    monkeypatch.setattr(user, "_exec_as", users.append)
    monkeypatch.setattr(user, "__file__", ALL_MAY)
    monkeypatch.setattr(sys, "executable", ALL_MAY)
    return users


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with a file that everybody may read, folders above it too."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "model").mkdir()
    (tmp_path / "model/weights").touch(0o644)
    return tmp_path / "model"


def test_nobody_is_to_become_somebody(became: list[int], model: Path) -> None:
    assert become(0, model) is None
    assert not became


def test_who_is_not_root_stays_who_he_is(
    became: list[int], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert become(10001, model) is None
    assert not became


@AS_ROOT
def test_root_becomes_the_user_and_is_itself_until_then(became: list[int], model: Path) -> None:
    before = os.geteuid(), os.getegid(), os.getgroups()
    become(10001, model)
    assert became == [10001]
    assert before == (os.geteuid(), os.getegid(), os.getgroups())


@AS_ROOT
def test_a_model_that_is_not_there_is_no_reason(became: list[int], model: Path) -> None:
    become(10001, model / "nothing")
    assert became == [10001]


@AS_ROOT
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604])
def test_what_root_alone_may_read_is_a_reason(became: list[int], model: Path, mode: int) -> None:
    (model / "weights").chmod(mode)
    reason = become(10001, model)
    may_read = mode == 0o604
    assert reason == (None if may_read else "weights is for root alone to read")
    assert became == ([10001] if may_read else [])


@AS_ROOT
def test_so_is_what_a_link_leads_to(became: list[int], model: Path) -> None:
    (model.parent / "elsewhere").mkdir()
    (model.parent / "elsewhere/body.onnx").touch(0o600)
    (model / "graphs").symlink_to(model.parent / "elsewhere")
    (model / "round").symlink_to(model)
    assert become(10001, model) == "body.onnx is for root alone to read"
    assert not became


@AS_ROOT
def test_so_is_a_folder_above(became: list[int], model: Path) -> None:
    model.parent.chmod(0o700)
    assert become(10001, model) == "model is for root alone to read"
    assert not became


def test_root_without_the_right_says_so(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    def refuse(_groups: list[int]) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setgroups", refuse)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    if os.geteuid() == 0:
        assert become(10001, model) == "this root may not change users"


@pytest.mark.parametrize(
    ("env", "judged"),
    [
        ({}, ["/b/model"]),
        ({"SEG_MODELS": "refuse"}, ["/b/models"]),
        ({"SAGEMAKER_MULTI_MODEL": "true"}, []),  # nothing is there yet to be judged
    ],
)
def test_what_is_served_is_what_must_be_readable(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], judged: list[str]
) -> None:
    found: list[tuple[int, str]] = []
    monkeypatch.setattr(serve, "become", lambda user_id, path: found.append((user_id, str(path))))
    settings = Settings.from_env({"SAGEMAKER_BASE_DIR": "/b", "SEG_USER": "7", **env})
    serve._become_user(settings)
    assert found == [(7, path) for path in judged]
