"""serve/encode/recordio against Google's protobuf library, MXNet's reader and literal bytes."""

from __future__ import annotations

import ast
import itertools
import math
import pickle
import shutil
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet.recordio import MXRecordIO

from serve.encode import recordio
from serve.encode.recordio import (
    MAX_RECORD_BYTES,
    RecordIOError,
    decode_tensor,
    encode_scores,
    max_pixels,
    read_records,
    read_scores,
)
from serve.encode.recordio.writer import layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray

MAGIC = bytes.fromhex("0a23d7ce")
SCORES = np.array([[[0.5, 0.25, 0.0], [1.0, -2.0, 3.0]]], np.float32)  # (1,2,3)
FLOATS = SCORES.tobytes()

# Float counts whose four nested lengths all have 1 byte, 2, 3 or 4, and all counts between.
AROUND_STEPS = [1, *range(27, 35), *range(4090, 4099), *range(524_282, 524_291)]


def nest(tag: int, body: bytes) -> bytes:
    """A protobuf field of wire type 2 with a one-byte length."""
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def feature(name: bytes, value: bytes) -> bytes:
    return nest(0x0A, nest(0x0A, name) + nest(0x12, value))


def target(tensor: bytes) -> bytes:
    return feature(b"target", nest(0x12, tensor))


def shape(varints: bytes) -> bytes:
    return feature(b"shape", nest(0x3A, nest(0x0A, varints)))


def part(flag: int, payload: bytes) -> bytes:
    """One RecordIO part, with its padding."""
    word = struct.pack("<I", flag << 29 | len(payload))
    return MAGIC + word + payload + bytes(-len(payload) % 4)


def ramp(*sizes: int) -> NDArray[np.float32]:
    """(C,H,W) float32 of 0.5, 1.5, 2.5, ..."""
    return (np.arange(math.prod(sizes)) + 0.5).astype(np.float32).reshape(sizes)


def record_bytes(*sizes: int) -> int:
    """Of an answer that is not built, fit or not."""
    payload_bytes = layout(*sizes)[2]
    return 8 + payload_bytes + -payload_bytes % 4


def fits(*sizes: int) -> bool:
    return layout(*sizes)[2] <= MAX_RECORD_BYTES


def payload_of(stream: bytes) -> bytes:
    (payload,) = read_records(stream)
    return bytes(payload)


def mxnet_reads(path: Path, stream: bytes) -> list[bytes]:
    path.write_bytes(stream)
    reader = MXRecordIO(str(path), "r")
    payloads = list(iter(reader.read, None))
    reader.close()
    return payloads


def mxnet_writes(path: Path, payloads: list[bytes]) -> bytes:
    writer = MXRecordIO(str(path), "w")
    for payload in payloads:
        writer.write(payload)
    writer.close()
    return path.read_bytes()


# ---------------------------------------------------------------- writer


def test_smallest_answer_byte_by_byte() -> None:
    assert encode_scores(np.full((1, 1, 1), 0.5, np.float32)) == bytes.fromhex(
        "0a23d7ce"  # RecordIO magic
        "27000000"  # flag 0, a payload of 39 bytes
        "0a12"  # Record.features, an entry of 18 bytes
        "0a06 746172676574"  # key "target"
        "1208"  # value, 8 bytes
        "1206"  # float32_tensor, 6 bytes
        "0a04 0000003f"  # values, 4 bytes: 0.5
        "0a11"  # Record.features, an entry of 17 bytes
        "0a05 7368617065"  # key "shape"
        "1208"  # value, 8 bytes
        "3a06"  # int32_tensor, 6 bytes
        "0a04 01010101"  # values, 4 bytes: 1, C, H, W
        "00"  # padding to 48
    )


@pytest.mark.parametrize("sizes", [*((1, 1, n) for n in AROUND_STEPS), (21, 15, 20), (254, 3, 129)])
def test_bytes_are_those_of_protobuf(record_pb2: ModuleType, sizes: tuple[int, int, int]) -> None:
    scores = ramp(*sizes)
    entry_target, entry_shape = record_pb2.Record(), record_pb2.Record()
    values = scores.ravel().tolist()
    entry_target.features["target"].float32_tensor.values.extend(values)
    entry_shape.features["shape"].int32_tensor.values.extend([1, *sizes])
    stream = encode_scores(scores)
    payload = payload_of(stream)
    assert payload == entry_target.SerializeToString() + entry_shape.SerializeToString()
    assert len(stream) == record_bytes(*sizes) == 8 + len(payload) + -len(payload) % 4
    assert not any(stream[8 + len(payload) :])

    parsed = record_pb2.Record.FromString(payload)
    assert set(parsed.features) == {"target", "shape"}
    assert list(parsed.features["target"].float32_tensor.values) == values
    assert list(parsed.features["shape"].int32_tensor.values) == [1, *sizes]


def test_record_bytes_follow_every_step_of_every_length() -> None:
    for classes, height, width in itertools.product((1, 2, 21, 127, 128), (1, 5, 128), range(1, 9)):
        scores = np.zeros((classes, height, width), np.float32)
        assert len(encode_scores(scores)) == record_bytes(classes, height, width)


@pytest.mark.parametrize(
    ("floats", "start"),
    [
        (28, 16),
        (29, 17),
        (30, 17),
        (31, 18),
        (32, 20),
        (4091, 20),
        (4094, 21),
        (4095, 22),
        (4096, 24),
    ],
)
def test_floats_are_aligned_but_where_a_length_grows(floats: int, start: int) -> None:
    scores = ramp(1, 1, floats)
    payload = payload_of(encode_scores(scores))
    assert payload.index(scores.tobytes()) == start
    np.testing.assert_array_equal(decode_tensor(payload), scores)


@pytest.mark.parametrize(
    "scores",
    [
        SCORES.astype(">f4"),
        SCORES.transpose(2, 1, 0).copy().transpose(2, 1, 0),
        np.repeat(SCORES, 2, axis=2)[:, :, ::2],
        SCORES[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
        np.asfortranarray(SCORES).newbyteorder().byteswap(),
    ],
    ids=["big-endian", "transposed", "strided", "backwards", "fortran-big-endian"],
)
def test_any_byte_order_and_strides(scores: NDArray[np.float32]) -> None:
    before = scores.copy()
    assert encode_scores(scores) == encode_scores(SCORES)
    np.testing.assert_array_equal(scores, before)


def test_floats_are_copied_once_and_no_lists_are_made() -> None:
    scores = np.zeros((21, 100, 100), np.float32)
    scores.flags.writeable = False
    tracemalloc.start()
    try:
        stream = encode_scores(scores)
        copying = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        read_scores(stream)
        reading = tracemalloc.get_traced_memory()[1] - len(stream)
    finally:
        tracemalloc.stop()
    assert copying < len(stream) + 10_000
    assert reading < 10_000


@pytest.mark.parametrize(
    "scores",
    [
        np.zeros((1, 1, 1), np.float64),
        np.zeros((1, 1, 1), np.float16),
        np.zeros((1, 1, 1), np.int32),
        np.zeros((1, 1), np.float32),
        np.zeros((1, 1, 1, 1), np.float32),
        np.zeros((0, 1, 1), np.float32),
        np.zeros((1, 1, 0), np.float32),
    ],
)
def test_other_arrays_are_refused(scores: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="scores "):
        encode_scores(scores)


# ---------------------------------------------------------------- the largest record


def test_limit_to_the_byte() -> None:
    # 32 bytes before the floats and 22 after them, with a width of four bytes.
    assert record_bytes(1, 1, 134_217_714) == 8 + 536_870_912
    assert fits(1, 1, 134_217_714)  # 536870910 bytes, the limit is 536870911
    assert not fits(1, 1, 134_217_715)
    too_wide = np.broadcast_to(np.float32(0), (1, 1, 134_217_715))  # takes 4 bytes of memory
    with pytest.raises(ValueError, match=f"need 536870914 bytes, a record has {MAX_RECORD_BYTES}"):
        encode_scores(too_wide)


@pytest.mark.parametrize("classes", [1, 2, 21, 128, 254])
def test_max_pixels_fit_whatever_their_factors(classes: int) -> None:
    pixels = max_pixels(classes)
    for area in range(pixels - 20, pixels + 1):
        for height in range(1, math.isqrt(area) + 1):
            if area % height == 0:
                assert fits(classes, height, area // height)
                assert fits(classes, area // height, height)
    assert not fits(classes, 1, pixels + 18)


@given(st.integers(1, 300), st.data())
def test_max_pixels_is_never_too_much(classes: int, sizes: st.DataObject) -> None:
    pixels = max_pixels(classes)
    height = sizes.draw(st.integers(1, pixels))
    width = pixels // height
    assert fits(classes, height, width)
    assert record_bytes(classes, height, width) <= 8 + 2**29


def test_max_pixels_of_the_pascal_voc_classes() -> None:
    assert max_pixels(21) == 6_391_319


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 0, 1), (1, 1, -1)])
def test_sizes_below_one_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="size of 1 or more"):
        layout(*sizes)


# ---------------------------------------------------------------- RecordIO


def test_mxnet_reads_the_answer(tmp_path: Path) -> None:
    stream = encode_scores(SCORES)
    assert mxnet_reads(tmp_path / "one.rec", stream) == [payload_of(stream)]


def test_magic_among_the_floats_is_not_cut(tmp_path: Path) -> None:
    scores = np.frombuffer(MAGIC * 28, "<f4").reshape(1, 4, 7)
    stream = encode_scores(scores)
    payload = payload_of(stream)
    assert payload[16:20] == MAGIC  # aligned in the payload: MXNet's own writer cuts here
    assert stream[4:8] == struct.pack("<I", len(payload))
    assert mxnet_reads(tmp_path / "magic.rec", stream) == [payload]
    assert read_scores(stream).tobytes() == scores.tobytes()

    cut = mxnet_writes(tmp_path / "cut.rec", [payload])
    assert cut.count(MAGIC) == 29  # one magic a part, none left inside
    assert payload_of(cut) == payload
    assert read_scores(cut).tobytes() == scores.tobytes()


@pytest.mark.parametrize(
    ("payload", "flags"),
    [
        (b"", [0]),
        (b"abc", [0]),
        (b"abcd" + MAGIC + b"efg", [1, 3]),
        (b"abcd" + MAGIC + b"efgh" + MAGIC + b"ijklm", [1, 2, 3]),
        (MAGIC, [1, 3]),
        (MAGIC + MAGIC, [1, 2, 3]),
        (b"abc" + MAGIC + b"d", [0]),  # not at a multiple of 4
    ],
)
def test_records_cut_by_mxnet(tmp_path: Path, payload: bytes, flags: list[int]) -> None:
    stream = mxnet_writes(tmp_path / "cut.rec", [payload])
    assert list(part_flags(stream)) == flags
    assert list(read_records(stream)) == [payload]


def part_flags(stream: bytes) -> Iterator[int]:
    """The flags of all parts, by a reader that trusts the bytes."""
    start = 0
    while start < len(stream):
        word = int.from_bytes(stream[start + 4 : start + 8], "little")
        yield word >> 29
        start += 8 + ((word & MAX_RECORD_BYTES) + 3) // 4 * 4


@given(st.lists(st.lists(st.sampled_from([MAGIC, b"ab", b"\0", b"abcd"]), max_size=8), min_size=1))
@settings(deadline=None)
def test_files_of_mxnet_read_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, records: list[list[bytes]]
) -> None:
    payloads = [b"".join(pieces) for pieces in records]
    stream = mxnet_writes(tmp_path_factory.getbasetemp() / "many.rec", payloads)
    assert list(read_records(stream)) == payloads


def test_many_answers_in_one_stream(tmp_path: Path) -> None:
    many = [ramp(classes, 2, 3) for classes in (1, 2, 3)]
    stream = b"".join(map(encode_scores, many))
    for scores, expected in zip(map(decode_tensor, read_records(stream)), many, strict=True):
        np.testing.assert_array_equal(scores, expected)
    np.testing.assert_array_equal(read_scores(stream), many[0])
    assert mxnet_reads(tmp_path / "many.rec", stream) == list(read_records(stream))


WHOLE = part(0, b"abc")

BAD_STREAMS = {
    "empty": (b"", 0, "empty"),
    "not-recordio": (b"<html>404</html>", 0, "magic is 3c 68 74 6d, not 0a 23 d7 ce"),
    "second-magic": (WHOLE + b"\0" * 8, 12, "magic is 00 00 00 00"),
    "header": (WHOLE + MAGIC, 12, "header of 8 bytes cut short"),
    "payload": (WHOLE[:10], 8, "payload of 3 bytes cut short"),
    "longest": (MAGIC + b"\xff\xff\xff\x1f", 8, "payload of 536870911 bytes cut short"),
    "padding": (WHOLE[:11], 11, "padding of 1 bytes cut short"),
    "middle-first": (part(2, b""), 0, r"part flag 2, expected one of \(0, 1\)"),
    "last-first": (WHOLE + part(3, b""), 12, r"part flag 3, expected one of \(0, 1\)"),
    "first-twice": (part(1, b"") + part(1, b""), 8, r"part flag 1, expected one of \(2, 3\)"),
    "whole-inside": (part(1, b"") + WHOLE, 8, r"part flag 0, expected one of \(2, 3\)"),
    "unknown-flag": (part(4, b""), 0, r"part flag 4, expected one of \(0, 1\)"),
    "no-last": (part(1, b"") + part(2, b""), 16, "ends before the last part"),
}


@pytest.mark.parametrize(("stream", "offset", "what"), BAD_STREAMS.values(), ids=BAD_STREAMS)
def test_defects_of_a_stream_are_named(stream: bytes, offset: int, what: str) -> None:
    with pytest.raises(RecordIOError, match=f"^byte {offset} of the stream: {what}"):
        list(read_records(stream))


def test_records_are_read_only_views_of_any_buffer() -> None:
    stream = bytearray(WHOLE)
    words = memoryview(stream).cast("I")
    (record,) = read_records(words)
    assert record.readonly
    stream[8:11] = b"xyz"
    assert bytes(record) == b"xyz"


def test_what_stands_before_a_defect_is_read() -> None:
    records = read_records(WHOLE + b"rest")
    assert bytes(next(records)) == b"abc"
    with pytest.raises(RecordIOError):
        next(records)


@pytest.mark.parametrize("kind", ["whole", "cut"])
def test_cut_at_every_byte(tmp_path: Path, kind: str) -> None:
    stream = encode_scores(np.frombuffer(MAGIC * 28, "<f4").reshape(1, 4, 7))
    if kind == "cut":
        stream = mxnet_writes(tmp_path / "cut.rec", [payload_of(stream)])
    for length in range(len(stream)):
        with pytest.raises(RecordIOError):
            read_scores(stream[:length])
    payload = payload_of(stream)
    for length in range(len(payload)):
        with pytest.raises(RecordIOError):
            decode_tensor(payload[:length])


# ---------------------------------------------------------------- protobuf

PACKED = nest(0x0A, FLOATS)
TARGET, SHAPE = target(PACKED), shape(b"\1\1\2\3")
SINGLES = b"".join(b"\x0d" + FLOATS[at : at + 4] for at in range(0, len(FLOATS), 4))
# Fields that no message here has, one of each wire type; the last with a tag of two bytes.
UNKNOWN = b"\x78\xac\x02" + b"\x79" + b"8 bytes." + nest(0x7A, b"any") + b"\x85\x01" + b"4 b."

VIEWED = {
    "as-written": TARGET + SHAPE,
    "shape-first": SHAPE + TARGET,
    "other-features": feature(b"a", nest(0x4A, b"")) + SHAPE + feature(b"", b"") + TARGET,
    "label-and-uid": nest(0x1A, b"uid") + nest(0x12, TARGET[2:]) + TARGET + SHAPE,
    "value-before-key": SHAPE + nest(0x0A, nest(0x12, nest(0x12, PACKED)) + nest(0x0A, b"target")),
    "last-key-counts": nest(0x0A, nest(0x0A, b"shape") + TARGET[2:]) + SHAPE,
    "entries-without-key-or-value": nest(0x0A, b"") + nest(0x0A, nest(0x0A, b"k")) + TARGET + SHAPE,
    "last-target-counts": target(nest(0x0A, b"old!")) + TARGET + SHAPE,
    "unknown-in-record": UNKNOWN + TARGET + UNKNOWN + SHAPE + UNKNOWN,
    "unknown-in-value": feature(b"target", UNKNOWN + nest(0x12, PACKED) + UNKNOWN) + SHAPE,
    "unknown-in-tensor": target(UNKNOWN + PACKED + UNKNOWN) + SHAPE,
    "keys-in-tensor": target(nest(0x12, b"\0\1") + PACKED) + SHAPE,
    "known-number-of-another-wire-type": target(b"\x08\x05" + PACKED) + SHAPE,
    "tensor-shape": target(PACKED + nest(0x1A, b"\1\1\2\3")),
    "tensor-shape-unpacked": target(bytes.fromhex("1801 1801 1802 1803") + PACKED),
    "feature-over-tensor-shape": target(PACKED + nest(0x1A, b"\1\3\2\1")) + SHAPE,
    "shape-unpacked": TARGET + feature(b"shape", nest(0x3A, bytes.fromhex("0801 0801 0802 0803"))),
    "shape-in-two-runs": TARGET + feature(b"shape", nest(0x3A, bytes.fromhex("0a020101 0a020203"))),
    "varints-with-idle-bytes": TARGET + shape(b"\x81\x80\0\x81\0\2\x83\0"),
}
COPIED = {
    "two-runs": target(nest(0x0A, FLOATS[:8]) + nest(0x0A, FLOATS[8:])) + SHAPE,
    "single-values": target(SINGLES) + SHAPE,
    "run-and-singles": target(nest(0x0A, FLOATS[:4]) + SINGLES[5:]) + SHAPE,
    "empty-run": target(nest(0x0A, b"") + PACKED) + SHAPE,
    "merged-tensors": feature(
        b"target", nest(0x12, SINGLES[:10]) + nest(0x12, nest(0x0A, FLOATS[8:]))
    )
    + SHAPE,
    "merged-values": nest(
        0x0A,
        nest(0x12, nest(0x12, SINGLES[:5]))
        + nest(0x0A, b"target")
        + nest(0x12, nest(0x12, SINGLES[5:])),
    )
    + SHAPE,
}


@pytest.mark.parametrize("payload", [*VIEWED.values(), *COPIED.values()], ids=[*VIEWED, *COPIED])
def test_every_way_to_write_the_message(record_pb2: ModuleType, payload: bytes) -> None:
    parsed = record_pb2.Record.FromString(payload)
    assert list(parsed.features["target"].float32_tensor.values) == SCORES.ravel().tolist()
    stream = part(0, payload)
    scores = read_scores(stream)
    assert scores.dtype == np.float32
    assert scores.shape == SCORES.shape
    assert scores.tobytes() == FLOATS
    assert not scores.flags.writeable
    viewed = np.shares_memory(scores, np.frombuffer(stream, np.uint8))
    assert viewed == (payload in VIEWED.values())


NEGATIVE = b"\xff" * 9 + b"\1"

BAD_PAYLOADS = {
    "nothing": (b"", 0, "no feature target"),
    "no-target": (SHAPE, 0, "no feature target"),
    "target-without-value": (nest(0x0A, nest(0x0A, b"target")) + SHAPE, 0, "no feature target"),
    "target-float64": (
        feature(b"target", nest(0x1A, b"")) + SHAPE,
        12,
        "feature target must hold one float32_tensor alone",
    ),
    "target-two-kinds": (
        feature(b"target", nest(0x12, PACKED) + nest(0x1A, b"")) + SHAPE,
        12,
        "feature target must hold one float32_tensor alone",
    ),
    "shape-float32": (
        TARGET + feature(b"shape", nest(0x12, nest(0x0A, FLOATS[:16]))),
        51,
        "feature shape must hold one int32_tensor alone",
    ),
    "no-shape": (TARGET, 14, r"shape \[\], not \[1, C, H, W\]"),
    "shape-chw": (TARGET + shape(b"\1\2\3"), 53, r"shape \[1, 2, 3\], not"),
    "shape-batch": (TARGET + shape(b"\2\1\1\3"), 53, r"shape \[2, 1, 1, 3\], not"),
    "shape-zero": (TARGET + shape(b"\1\0\2\3"), 53, r"shape \[1, 0, 2, 3\], not"),
    "shape-negative": (TARGET + shape(b"\1\1\2" + NEGATIVE), 53, r"shape \[1, 1, 2, -1\], not"),
    "shape-all-negative": (TARGET + shape(b"\1\2" + NEGATIVE * 2), 53, r"shape \[1, 2, -1, -1\]"),
    "shape-int64": (
        TARGET + shape(b"\1\1\1\x80\x80\x80\x80\x08"),
        53,
        r"shape \[1, 1, 1, 2147483648\], not",
    ),
    "tensor-shape-chw": (target(PACKED + nest(0x1A, b"\1\2\3")), 14, r"shape \[1, 2, 3\], not"),
    "too-few-values": (TARGET + shape(b"\1\1\2\4"), 53, r"shape \[1, 1, 2, 4\] of 8 for 6 values"),
    "too-many-values": (TARGET + shape(b"\1\1\2\2"), 53, r"shape .* of 4 for 6 values"),
    "no-values": (target(b"") + SHAPE, 27, r"shape .* of 6 for 0 values"),
    "part-of-a-float": (target(nest(0x0A, FLOATS[:-1])) + SHAPE, 16, "float32 values in 23 bytes"),
    "group": (b"\x7b\x7c", 0, "field 15, wire type 3"),
    "group-in-tensor": (target(PACKED + b"\x7b\x7c") + SHAPE, 40, "field 15, wire type 3"),
    "group-end": (b"\x7c", 0, "field 15, wire type 4"),
    "wire-type-6": (b"\x7e", 0, "field 15, wire type 6"),
    "field-0": (b"\x02\0", 0, "field 0, wire type 2"),
    "tag-over-32-bits": (b"\x80\x80\x80\x80\x10\0", 0, "field 536870912, wire type 0"),
    "tag-cut": (b"\x80", 0, "varint is cut short"),
    "length-missing": (b"\x0a", 1, "varint is cut short"),
    "varint-of-11-bytes": (b"\x78" + b"\x80" * 10 + b"\0", 1, "varint .* more than 64 bits"),
    "varint-over-64-bits": (b"\x78" + b"\x80" * 9 + b"\2", 1, "varint .* more than 64 bits"),
    "length-past-the-end": (b"\x0a\x05abcd", 2, "field of 5 bytes where 4 are left"),
    "length-past-its-message": (nest(0x0A, b"\x0a\x09k") + TARGET, 4, "field of 9 bytes where 1"),
    "length-of-64-bits": (b"\x0a" + NEGATIVE, 11, "field of 18446744073709551615 bytes where 0"),
    "fixed64-past-the-end": (b"\x79abcdefg", 1, "field of 8 bytes where 7 are left"),
    "fixed32-past-the-end": (b"\x7dabc", 1, "field of 4 bytes where 3 are left"),
}


@pytest.mark.parametrize(("payload", "offset", "what"), BAD_PAYLOADS.values(), ids=BAD_PAYLOADS)
def test_defects_of_a_record_are_named(payload: bytes, offset: int, what: str) -> None:
    with pytest.raises(RecordIOError, match=f"^byte {offset} of the record: {what}"):
        read_scores(part(0, payload))


def test_error_survives_pickling() -> None:
    err = pickle.loads(pickle.dumps(RecordIOError(3, "wrong", "stream")))  # noqa: S301 - our own
    assert isinstance(err, RecordIOError)
    assert str(err) == "byte 3 of the stream: wrong"


# ---------------------------------------------------------------- any bytes


@st.composite
def any_scores(draw: st.DrawFn) -> NDArray[np.float32]:
    """(C,H,W) float32 of any bits."""
    sizes = draw(st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)))
    length = 4 * math.prod(sizes)
    bits = draw(st.binary(min_size=length, max_size=length))
    return np.frombuffer(bits, "<f4").reshape(sizes)


@given(any_scores())
def test_round_trip_of_any_bits(scores: NDArray[np.float32]) -> None:
    stream = encode_scores(scores)
    assert len(stream) == record_bytes(*scores.shape)
    decoded = read_scores(stream)
    assert decoded.shape == scores.shape
    assert decoded.tobytes() == scores.tobytes()
    assert np.shares_memory(decoded, np.frombuffer(stream, np.uint8))
    assert encode_scores(scores.astype(">f4")) == stream


def test_a_feature_with_a_third_field_is_refused(record_pb2: ModuleType) -> None:
    """Protobuf's Python runtime passes the whole entry over, where others read it."""
    payload = feature(b"target", nest(0x12, nest(0x0A, FLOATS)))
    entry = payload[2:] + nest(0x1A, b"x")
    odd = nest(0x0A, entry) + SHAPE
    assert "target" not in record_pb2.Record.FromString(odd).features
    with pytest.raises(RecordIOError, match="feature target with more than a key and a value"):
        decode_tensor(odd)


FLIPS = st.lists(st.tuples(st.integers(0, 127), st.integers(1, 255)), max_size=3)


@given(st.sampled_from([*VIEWED.values(), *COPIED.values()]), FLIPS)
@settings(max_examples=500)
def test_flipped_bytes_are_refused_or_read_as_protobuf_reads_them(
    record_pb2: ModuleType, payload: bytes, flips: list[tuple[int, int]]
) -> None:
    flipped = bytearray(part(0, payload))
    for place, bits in flips:
        flipped[place % len(flipped)] ^= bits
    try:
        scores = read_scores(bytes(flipped))
    except RecordIOError:
        return
    try:
        parsed = record_pb2.Record.FromString(payload_of(bytes(flipped)))
    except DecodeError:  # in what we skip: another feature, a label, text that is not UTF-8
        return
    values = np.array(parsed.features["target"].float32_tensor.values, np.float32)
    np.testing.assert_array_equal(scores.ravel(), values)
    if "shape" in parsed.features:
        assert list(parsed.features["shape"].int32_tensor.values) == [1, *scores.shape]


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused(noise: bytes) -> None:
    for payload in (noise, TARGET + noise, noise + SHAPE):
        with pytest.raises(RecordIOError):
            decode_tensor(payload)
    with pytest.raises(RecordIOError):
        read_scores(noise)


def test_the_folder_stands_alone(tmp_path: Path) -> None:
    """A client takes it along, without this project."""
    shutil.copytree(Path(recordio.__file__).parent, tmp_path / "recordio")
    (tmp_path / "answer").write_bytes(encode_scores(SCORES))
    code = (
        "from recordio import read_scores\nprint(read_scores(open('answer', 'rb').read()).tolist())"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert ended.stdout == f"{SCORES.tolist()}\n"


def test_it_needs_numpy_alone() -> None:
    names = set()
    for path in Path(recordio.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(node.module or "")
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    tops = {name.split(".")[0] for name in names}
    assert tops - sys.stdlib_module_names == {"numpy"}
