"""client.py's reader of RecordIO, beside the server's own and Google's protobuf."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import read_scores
from serve.encode import recordio

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

SCORES = np.linspace(0, 1, 3 * 2 * 4, dtype=np.float32).reshape(3, 2, 4)
STREAM = recordio.encode_scores(SCORES)


@pytest.mark.parametrize(
    "sizes", [(1, 1, 1), (3, 2, 4), (21, 15, 20), (254, 3, 129), (2, 300, 451)]
)
def test_scores_are_read_as_they_were_written(sizes: tuple[int, int, int]) -> None:
    scores = np.random.default_rng(7).random(sizes, np.float32)
    found = read_scores(recordio.encode_scores(scores))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, scores)


def test_a_path_a_file_a_body_and_bytes_of_any_kind_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg.out"
    path.write_bytes(STREAM)
    for source in (path, str(path), io.BytesIO(STREAM), bytearray(STREAM), memoryview(STREAM)):
        np.testing.assert_array_equal(read_scores(source), SCORES)


def test_scores_are_not_copied() -> None:
    assert np.shares_memory(read_scores(STREAM), np.frombuffer(STREAM, np.uint8))


def test_what_else_a_record_may_have_is_passed_over(record_pb2: ModuleType) -> None:
    record = record_pb2.Record(uid="7", metadata="{}")
    record.features["shape"].int32_tensor.values.extend([1, 1, 1, 2])
    record.features["other"].bytes.value.append(b"x")
    record.features["target"].float32_tensor.values.extend([0.25, 0.75])
    record.features["target"].float32_tensor.shape.extend([1, 1, 1, 2])
    record.label["target"].float32_tensor.values.extend([1.0])
    payload = record.SerializeToString()
    head = STREAM[:4] + len(payload).to_bytes(4, "little")
    np.testing.assert_array_equal(read_scores(head + payload + STREAM), [[[0.25, 0.75]]])


def test_what_is_cut_short_is_refused() -> None:
    for end in range(8 + int.from_bytes(STREAM[4:8], "little")):
        with pytest.raises(ValueError, match=f"no whole RecordIO record: {end} bytes"):
            read_scores(STREAM[:end])


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (b"target", b"tarpit", "a target of 0 bytes"),
        (b"shape", b"shade", r"in shape \[\]"),
        (b"\1\3\2\4", b"\1\3\2\5", r"in shape \[1, 3, 2, 5\]"),
        (b"\1\3\2\4", b"\2\3\2\2", r"in shape \[2, 3, 2, 2\]"),
        (b"\1\3\2\4", b"\1\3\2\x84", "cut short"),
        (b"\x0a\x05shape", b"\x08\x05shape", "field 1 of type 0"),
        (b"\x0a\x05shape", b"\x0a\x7fshape", "field 1 of type 2, 127 of"),
        (b"\x0a\x23\xd7\xce", b"\x89PNG", "no whole RecordIO record: .* 89 50 4e 47"),
    ],
)
def test_what_is_no_such_record_is_refused(was: bytes, becomes: bytes, said: str) -> None:
    assert STREAM.count(was) == 1
    with pytest.raises(ValueError, match=said):
        read_scores(STREAM.replace(was, becomes))


@given(st.lists(st.tuples(st.integers(0, len(STREAM) - 1), st.integers(1, 255)), max_size=3))
def test_damage_is_refused_or_read_as_the_servers_own_reader_reads_it(
    flips: list[tuple[int, int]],
) -> None:
    damaged = bytearray(STREAM)
    for place, bits in flips:
        damaged[place] ^= bits
    try:
        found = read_scores(damaged)
    except ValueError:
        return
    assert found.tobytes() == recordio.read_scores(bytes(damaged)).tobytes()
