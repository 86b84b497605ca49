"""What S3 does wrong that no stand-in server does in time."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from serve.errors import S3Timeout, S3Unavailable
from serve.s3 import S3
from serve.s3_uri import S3Uri

URI = S3Uri.parse("s3://photos/cat.jpg")


def dripping(pieces: list[bytes], length: int) -> Any:
    """A client whose object arrives piece by piece."""
    left = iter([*pieces, b""])
    body = SimpleNamespace(
        _raw_stream=SimpleNamespace(read1=lambda _size: next(left)), close=lambda: None
    )
    return SimpleNamespace(
        head_object=lambda **_: {"ContentLength": length},
        get_object=lambda **_: {"ContentLength": length, "Body": body},
    )


def read(monkeypatch: pytest.MonkeyPatch, client: Any) -> bytes:
    """By a clock that goes one second each time it is looked at."""
    monkeypatch.setattr("serve.s3._make_client", lambda: client)
    monkeypatch.setattr("serve.s3.time.monotonic", itertools.count().__next__)
    return S3().read(URI, max_bytes=1000, timeout_s=5)


def test_an_object_in_pieces_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, dripping([b"a", b"bc"], 3)) == b"abc"


def test_the_whole_download_has_a_deadline_however_steadily_it_drips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(S3Timeout):
        read(monkeypatch, dripping([b"x"] * 100, 100))


def test_an_object_cut_short_is_no_object(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(S3Unavailable, match="broke off"):
        read(monkeypatch, dripping([b"x"], 100))


def test_an_address_that_is_no_url_is_s3s_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "not a url")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(S3Unavailable, match="cannot be reached"):
        S3().read(URI, max_bytes=1000, timeout_s=5)
