"""TensorFlow's checkpoints: what is written is read; what is damaged is one line."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import ArtifactError
from model.instances.checkpoint import data_files, newest_index, read_checkpoint
from model.instances.table import masked_crc32c, read_table
from model.wire import fields, varint
from tests import checkpoints
from tests.checkpoints import field, small_arrays, table, write_checkpoint


def everything(_name: str) -> bool:
    return True


@pytest.mark.parametrize("shards", [1, 3])
def test_every_array_is_read_as_it_was_written(tmp_path: Path, shards: int) -> None:
    index = write_checkpoint(tmp_path, 7, small_arrays(), shards=shards)
    found = read_checkpoint(index, everything)
    assert found.keys() == small_arrays().keys()
    for name, array in small_arrays().items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)
    assert len(data_files(index)) == shards


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    index = write_checkpoint(tmp_path, 7, small_arrays())
    assert set(read_checkpoint(index, lambda name: name.startswith("fpn"))) == {"fpn/b"}


def test_the_newest_is_so_by_number(tmp_path: Path) -> None:
    for name in ("model-9000.index", "model-10000.index", "model-x.index", "other-99999.index"):
        (tmp_path / name).touch()
    (tmp_path / "model-20000.index").mkdir()
    assert newest_index(tmp_path) == tmp_path / "model-10000.index"
    assert newest_index(tmp_path / "model-20000.index") is None


def test_the_checksum_is_crc_32c() -> None:
    # RFC 3720, B.4: 32 bytes of zeros; and LevelDB's mask.
    crc = 0x8A9136AA
    assert masked_crc32c(bytes(32)) == (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


@given(st.dictionaries(st.binary(max_size=20), st.binary(max_size=30), max_size=40))
def test_any_table_is_read_as_it_was_written(rows: dict[bytes, bytes]) -> None:
    assert dict(read_table(table(rows.items()))) == rows


@given(st.integers(0, 2**64 - 1))
def test_numbers_of_up_to_64_bits(number: int) -> None:
    written = checkpoints.varint(number)
    assert varint(written, 0) == (number, len(written))


def test_fields_of_every_kind() -> None:
    fixed = checkpoints.varint(3 << 3 | 5) + b"abcd" + checkpoints.varint(4 << 3 | 1) + b"12345678"
    message = field(1, 300) + field(2, b"xy") + fixed
    assert list(fields(message)) == [(1, 300), (2, b"xy"), (3, b"abcd"), (4, b"12345678")]


def cut(index: Path) -> None:
    index.write_bytes(index.read_bytes()[:-1])


def flip(index: Path) -> None:
    content = bytearray(index.read_bytes())
    content[20] ^= 1
    index.write_bytes(bytes(content))


def compress(index: Path) -> None:
    index.write_bytes(table([(b"", b"")], kind=1))


def big_endian(index: Path) -> None:
    index.write_bytes(table([(b"", field(1, 1) + field(2, 1))]))


def without_data(index: Path) -> None:
    index.with_name("model-7.data-00000-of-00001").unlink()


def short_data(index: Path) -> None:
    path = index.with_name("model-7.data-00000-of-00001")
    path.write_bytes(path.read_bytes()[:-1])


def entry(**more: bytes) -> Callable[[Path], None]:
    parts = {
        "dtype": field(1, 1),
        "shape": field(2, field(2, field(1, 2))),
        "size": field(5, 8),
    } | more

    def write(index: Path) -> None:
        header = (b"", field(1, 1))
        index.write_bytes(table([header, (b"W", b"".join(parts.values()))]))

    return write


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "last bytes"),
        (flip, "checksum"),
        (compress, "compressed"),
        (big_endian, "big-endian"),
        (without_data, "model-7.data-00000-of-00001 is missing"),
        (short_data, "data file"),
        (lambda index: index.write_bytes(b""), "0 bytes"),
        (lambda index: index.write_bytes(bytes(100)), "last bytes"),
        (lambda index: index.write_bytes(table([])), "0 data files"),
        (entry(dtype=field(1, 7)), "dtype 7"),
        (entry(slices=field(7, b"")), "in parts"),
        (entry(size=field(5, 9)), "9 bytes"),
        (entry(shape=field(2, field(2, field(1, 2**63)))), "shape"),
        (entry(shape=field(2, field(2, field(1, 1)) * 33)), "shape"),
        (entry(shard=field(3, 1)), "shard 1 of 1"),
        (entry(offset=field(4, 2**62)), "ends at byte"),
        (entry(more=b"\x0b"), "kind 3"),
        (entry(more=b"\xff" * 11), "64 bits"),
        (entry(more=b"\x80"), "damaged"),
    ],
)
def test_what_is_damaged_is_one_line_that_names_the_file(
    tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    index = write_checkpoint(tmp_path, 7, small_arrays())
    damage(index)
    with pytest.raises(ArtifactError, match=r"^model-7\.index: ") as caught:
        read_checkpoint(index, everything)
    assert said in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_damage(content: bytes) -> None:
    footer = content[:40].ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    for damaged in (content, content + footer):
        try:
            dict(read_table(damaged))
        except (ValueError, IndexError):
            continue
