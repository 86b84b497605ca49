"""train/recordio.py against MXNet's own writer and reader."""

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet.recordio import MXRecordIO

from tests.unit.train.samples import MAGIC, as_record, part
from train import recordio
from train.errors import ClientError
from train.recordio import read_records

CUTS = [
    (b"", [0]),
    (b"abc", [0]),
    (b"abcd", [0]),
    (b"abcd" + MAGIC + b"efg", [1, 3]),
    (b"abcd" + MAGIC + b"efgh" + MAGIC + b"ijklm", [1, 2, 3]),
    (MAGIC, [1, 3]),
    (MAGIC + MAGIC, [1, 2, 3]),
    (MAGIC + b"x", [1, 3]),
    (b"abcd" + MAGIC, [1, 3]),
    (b"abc" + MAGIC + b"d", [0]),  # not at a multiple of 4
    (b"abcd" + MAGIC[:3], [0]),
]
CONTENTS = st.lists(st.sampled_from([MAGIC, MAGIC[:2], b"ab", b"\0", b"abcd"]), max_size=9)
RECORDS = st.lists(st.binary(max_size=40) | CONTENTS.map(b"".join), max_size=6)


class Dribble(io.BytesIO):
    """A stream that hands over three bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3 if size is None or size < 0 else min(size, 3))


def records(stream: bytes) -> list[bytes]:
    return list(read_records(io.BytesIO(stream), source="channel train"))


def refusal(stream: bytes) -> str:
    with pytest.raises(ClientError) as refused:
        records(stream)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


def written_by_mxnet(path: Path, contents: list[bytes]) -> bytes:
    writer = MXRecordIO(str(path), "w")
    for content in contents:
        writer.write(content)
    writer.close()
    return path.read_bytes()


def flags(stream: bytes) -> list[int]:
    """The flags of all parts, by a reader that trusts the bytes."""
    found, start = [], 0
    while start < len(stream):
        word = int.from_bytes(stream[start + 4 : start + 8], "little")
        found.append(word >> 29)
        start += 8 + ((word & 0x1FFFFFFF) + 3) // 4 * 4
    return found


@pytest.mark.parametrize(("content", "expected"), CUTS)
def test_records_cut_by_mxnet(tmp_path: Path, content: bytes, expected: list[int]) -> None:
    stream = written_by_mxnet(tmp_path / "one.rec", [content])
    assert flags(stream) == expected
    assert records(stream) == [content]


def test_a_record_that_another_writer_did_not_cut() -> None:
    content = b"abcd" + MAGIC + b"efgh"
    assert records(part(0, content) + part(0, b"x")) == [content, b"x"]


@settings(deadline=None)
@given(contents=RECORDS)
def test_files_of_mxnet_read_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "many.rec"
    stream = written_by_mxnet(path, contents)
    assert stream == b"".join(map(as_record, contents))  # the tests' own writer is right
    assert records(stream) == contents


@settings(deadline=None)
@given(contents=RECORDS)
def test_what_is_written_is_read_however_it_comes(contents: list[bytes]) -> None:
    stream = b"".join(map(as_record, contents))
    assert records(stream) == contents
    assert list(read_records(Dribble(stream), source="a pipe")) == contents


def test_no_records_are_none() -> None:
    assert records(b"") == []


WHOLE = as_record(b"abcde")
DEFECTS = {
    "no-recordio": (
        b"\xff\xd8\xff\xe0 a photo",
        "record 1: no RecordIO, begins with ff d8 ff e0, not 0a 23 d7 ce",
    ),
    "two-bytes": (b"{}", "record 1: no RecordIO, begins with 7b 7d, not 0a 23 d7 ce"),
    "second-record": (WHOLE + bytes(8), "record 2: no RecordIO, begins with 00 00 00 00"),
    "header": (WHOLE + MAGIC + b"\0\0", "record 2: cut short in its header"),
    "part-of-the-magic": (MAGIC[:2], "record 1: cut short in its header"),
    "content": (WHOLE[:12], "record 1: cut short, 4 of 8 bytes came"),
    "padding": (WHOLE[:-1], "record 1: cut short, 7 of 8 bytes came"),
    "longest": (MAGIC + b"\xff\xff\xff\x1f", "record 1: cut short, 0 of 536870912 bytes came"),
    "middle-first": (part(2, b""), "record 1: part flag 2 where 0 or 1 should be"),
    "last-first": (WHOLE + part(3, b""), "record 2: part flag 3 where 0 or 1 should be"),
    "first-twice": (part(1, b"") * 2, "record 1: part flag 1 where 2 or 3 should be"),
    "whole-inside": (part(1, b"") + WHOLE, "record 1: part flag 0 where 2 or 3 should be"),
    "unknown-flag": (part(4, b""), "record 1: part flag 4 where 0 or 1 should be"),
    "no-last": (part(1, b"") + part(2, b""), "record 1: cut short in its header"),
}


@pytest.mark.parametrize(("stream", "said"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_named_with_its_record(stream: bytes, said: str) -> None:
    assert refusal(stream).startswith(f"channel train, {said}")


@pytest.mark.parametrize("content", [b"abcdefg", b"abcd" + MAGIC + b"efgh" + MAGIC])
def test_a_record_cut_at_any_byte_is_refused(content: bytes) -> None:
    stream = as_record(content)
    for length in range(1, len(stream)):
        assert refusal(stream[:length]).startswith("channel train, record 1: cut short")


def test_what_stands_before_a_defect_is_read() -> None:
    found = read_records(io.BytesIO(WHOLE + b"rest"), source="x")
    assert next(found) == b"abcde"
    with pytest.raises(ClientError):
        next(found)


def test_a_length_that_lies_takes_no_memory() -> None:
    tracemalloc.start()
    refusal(MAGIC + b"\xff\xff\xff\x1f" + bytes(100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_parts_without_end_are_refused_at_the_longest_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recordio, "MAX_RECORD_BYTES", 15)
    just = part(1, b"abcd") + part(2, b"") + part(3, b"efg")
    assert records(just) == [b"abcd" + MAGIC + MAGIC + b"efg"]
    endless = part(1, b"abcd") + part(2, b"") * 99
    assert refusal(endless) == "channel train, record 1: its parts have more than 15 bytes"
