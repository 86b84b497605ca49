import json
import os
from pathlib import Path

import pytest

from serve.errors import BadModelRequest
from serve.load_request import LoadRequest, folder_of, parse_load


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize("name", ["a", "0f" * 32, "a" * 256, "pets/cats.tar.gz", "...", "~!%&'(+"])
def test_a_name_and_a_url_are_read_as_they_are(name: str) -> None:
    asked = parse_load(body(model_name=name, url="/m", another=1))
    assert asked == LoadRequest(name, "/m")


@pytest.mark.parametrize(
    "name", ["", "a" * 257, "a b", "a\n", "\x00", "ä", "/a", "a/", "a//b", ".", "a/../b", "./a"]
)
def test_another_name_is_refused_and_the_rule_told(name: str) -> None:
    with pytest.raises(BadModelRequest, match="model_name must have 1 to 256 printable ASCII"):
        parse_load(body(model_name=name, url="/m"))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 10_000,
        b"7",
        b"null",
        b'"model_name"',
        b'["model_name", "url"]',
        body(model_name="a"),
        body(url="/m"),
        body(model_name=7, url="/m"),
        body(model_name="a", url=None),
        body(model_name="a", url="/m", more="x" * 70_000),
    ],
)
def test_another_body_is_refused_and_the_fields_named(sent: bytes) -> None:
    with pytest.raises(BadModelRequest, match=r'\{"model_name": text, "url": text\}'):
        parse_load(sent)


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    inside = tmp_path / "models"
    (inside / "cats" / "model").mkdir(parents=True)
    (tmp_path / "models-too" / "model").mkdir(parents=True)
    (inside / "file").touch()
    (inside / "link").symlink_to(inside / "cats")
    (inside / "out").symlink_to(tmp_path / "models-too")
    (inside / "round").symlink_to(inside / "round")
    return inside


@pytest.mark.parametrize("url", ["cats/model", "link/model", "./cats/../cats/model/"])
def test_a_folder_within_is_found_links_followed(models_dir: Path, url: str) -> None:
    assert folder_of(f"{models_dir}/{url}", models_dir) == models_dir / "cats" / "model"


def test_the_models_folder_itself_may_be_a_link(models_dir: Path) -> None:
    link = models_dir.parent / "linked"
    link.symlink_to(models_dir)
    expected = models_dir / "cats" / "model"
    assert folder_of(f"{link}/cats/model", link) == expected
    assert folder_of(f"{models_dir}/cats/model", link) == expected


@pytest.mark.parametrize(
    "url",
    [
        "none",
        "file",
        "../models-too/model",
        "out/model",
        "round",
        "cats/\0",
        "x" * 5000,
        "\ud800",
        "cats/model/../../../models-too",
    ],
)
def test_what_is_outside_or_not_there_is_refused_in_the_same_words(
    models_dir: Path, url: str
) -> None:
    with pytest.raises(BadModelRequest) as refused:
        folder_of(f"{models_dir}/{url}", models_dir)
    with pytest.raises(BadModelRequest) as other:
        folder_of("/", models_dir)
    assert refused.value.message == other.value.message
    assert str(models_dir) not in refused.value.message


@pytest.mark.parametrize("prefix", ["", "s3://", "file://"])
def test_a_path_that_is_not_whole_is_refused(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.chdir(models_dir)
    assert os.path.isdir("cats/model")
    with pytest.raises(BadModelRequest, match="whole path"):
        folder_of(f"{prefix}cats/model", models_dir)
