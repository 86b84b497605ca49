"""`.params` files against MXNet itself, and against files no MXNet would write.

MXNet is only given files it can read: on some damaged ones it takes the process down.
"""

from __future__ import annotations

import contextlib
import mmap
import re
import struct
import tracemalloc
from typing import TYPE_CHECKING, Any

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from model.errors import ArtifactError
from model.params import MAX_ARRAYS, MAX_NDIM, read_params, write_params

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

V1, V2, V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
DTYPES = ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool")
CPU, GPU_3 = (1, 0), (2, 3)
PAIR = struct.pack("<2f", 1.5, -2)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a path which every example of a property test may overwrite."""
    return tmp_path_factory.mktemp("params") / "scratch.params"


def listing(*arrays: bytes, names: tuple[bytes, ...] = (b"a",)) -> bytes:
    """Return a whole file of encoded arrays and names."""
    head = struct.pack("<3Q", 0x112, 0, len(arrays))
    texts = [struct.pack("<Q", len(name)) + name for name in names]
    return head + b"".join(arrays) + struct.pack("<Q", len(names)) + b"".join(texts)


def tail(values: bytes = PAIR, code: int = 0, context: tuple[int, int] = CPU) -> bytes:
    """Return what follows the shape in every version."""
    return struct.pack("<3i", *context, code) + values


def dense(*shape: int, magic: int = V2, rest: bytes | None = None) -> bytes:
    """Return a V2 or V3 array; `shape` is (2,) unless told."""
    shape = shape or (2,)
    head = struct.pack(f"<Iii{len(shape)}q", magic, 0, len(shape), *shape)
    return head + (tail() if rest is None else rest)


def v1(*shape: int, rest: bytes) -> bytes:
    return struct.pack(f"<Ii{len(shape)}q", V1, len(shape), *shape) + rest


def oldest(*shape: int, rest: bytes) -> bytes:
    return struct.pack(f"<I{len(shape)}I", len(shape), *shape) + rest


# One array of every version, a scalar, copies as well as views, and names beyond ASCII.
EVERY_KIND = listing(
    dense(1, 2),
    dense(magic=V3, rest=tail(b"\x80\x3f\x10\x40", 12)),
    struct.pack("<Iii", V3, 0, 0) + tail(b"\x00\x00\x80\x3f"),
    v1(3, rest=tail(b"\x00\x01\x01", 7)),
    oldest(2, rest=tail(context=GPU_3)),
    struct.pack("<Iii", V2, 0, 0),
    names=(b"conv.weight", b"bf16", b"scalar", b"mask", "größe".encode(), b""),
)


def save(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def assert_same(found: NDArray[Any], expected: NDArray[Any]) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert found.tobytes() == expected.tobytes()  # so that NaN equals itself


def assert_agrees_with_mxnet(path: Path) -> None:
    expected = mx.nd.load(str(path))
    found = read_params(path)
    assert list(found) == list(expected)
    for name, array in found.items():
        assert_same(array, expected[name].asnumpy())


def test_the_layout_of_one_tiny_array(tmp_path: Path) -> None:
    path = tmp_path / "tiny.params"
    write_params(path, {"ab": np.array([[1.0, -2.0]], np.float32)})
    assert path.read_bytes().hex(" ", 4) == bytes.fromhex(
        "1201000000000000 0000000000000000 0100000000000000"  # magic, reserved, array count
        "c9fa93f9 00000000"  # V2, dense
        "02000000 0100000000000000 0200000000000000"  # ndim, sizes
        "01000000 00000000 00000000"  # CPU 0, float32
        "0000803f 000000c0"  # 1.0, -2.0
        "0100000000000000 0200000000000000 6162"  # name count, length, text
    ).hex(" ", 4)
    assert read_params(path)["ab"].tolist() == [[1.0, -2.0]]


# mx.nd.array asks for a scipy name that scipy has moved, where scipy is installed.
@pytest.mark.filterwarnings("ignore:Please import `csr_matrix`:DeprecationWarning")
@pytest.mark.parametrize("dtype", DTYPES)
def test_both_directions_agree_with_mxnet(tmp_path: Path, dtype: str) -> None:
    arrays = {
        "z.weight": np.array([[0, 1, 2], [3, 4, 100]]).astype(dtype),
        "a.bias": np.array([1]).astype(dtype),
    }
    theirs, ours = tmp_path / "theirs.params", tmp_path / "ours.params"
    mx.nd.save(str(theirs), {name: mx.nd.array(x, dtype=x.dtype) for name, x in arrays.items()})
    write_params(ours, arrays)
    assert ours.read_bytes() == theirs.read_bytes()
    assert list(read_params(theirs)) == ["z.weight", "a.bias"]
    for name, array in read_params(theirs).items():
        assert_same(array, arrays[name])


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3).T,
        np.arange(6, dtype=np.float32)[::-2],
        np.arange(3, dtype=">f4"),
        np.broadcast_to(np.float32(7), (2, 2)),
    ],
    ids=["transposed", "strided", "big-endian", "broadcast"],
)
def test_any_layout_is_written_in_c_order(tmp_path: Path, array: NDArray[Any]) -> None:
    path = tmp_path / "layout.params"
    write_params(path, {"a": array})
    assert mx.nd.load(str(path))["a"].asnumpy().tolist() == array.tolist()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (2,), (2, 1, 3)])
def test_numpy_shape_semantics_agree_with_mxnet(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "v3.params"
    with mx.util.np_shape(active=True):
        mx.nd.save(str(path), {"a": mx.nd.ones(shape)})
        assert path.read_bytes()[24:28] == struct.pack("<I", V3)
        assert_agrees_with_mxnet(path)


@pytest.mark.parametrize(
    "array",
    [
        v1(2, rest=tail()),
        v1(1, 2, rest=tail(context=GPU_3)),
        v1(2, 0, rest=tail(b"")),
        oldest(2, rest=tail()),
        oldest(2, 1, rest=tail(b"\x01\xff", 5)),
        dense(rest=tail(context=GPU_3)),
        dense(2, 0, rest=tail(b"")),
    ],
    ids=["V1", "V1 GPU", "V1 no values", "oldest", "oldest int8", "V2 GPU", "V2 no values"],
)
def test_older_forms_and_other_devices_agree_with_mxnet(tmp_path: Path, array: bytes) -> None:
    assert_agrees_with_mxnet(save(tmp_path / "old.params", listing(array)))


def test_bfloat16_is_widened_as_mxnet_widens_it(tmp_path: Path) -> None:
    content = listing(dense(2, 2, rest=tail(bytes.fromhex("803f 1040 80ff 0180"), 12)))
    path = save(tmp_path / "bf16.params", content)
    expected = mx.nd.load(str(path))
    assert_same(read_params(path)["a"], expected["a"].astype("float32").asnumpy())
    mx.nd.save(str(path), expected)
    assert path.read_bytes() == content  # 12 is also the code that MXNet writes


def test_any_byte_but_zero_is_a_true_bool(tmp_path: Path) -> None:
    path = save(tmp_path / "bool.params", listing(dense(3, rest=tail(b"\x00\x01\x02", 7))))
    assert read_params(path)["a"].view(np.uint8).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "head", [struct.pack("<Iii", V2, 0, 0), struct.pack("<Ii", V1, 0), struct.pack("<I", 0)]
)
def test_an_array_without_a_value_ends_at_its_ndim(tmp_path: Path, head: bytes) -> None:
    content = listing(head, dense(), names=(b"none", b"a"))
    arrays = read_params(save(tmp_path / "none.params", content))
    assert_same(arrays["none"], np.empty((0,), np.float32))
    assert arrays["a"].tolist() == [1.5, -2.0]


def test_arrays_are_read_only_views_of_the_file(tmp_path: Path) -> None:
    arrays = read_params(save(tmp_path / "kinds.params", EVERY_KIND))
    assert not any(array.flags.writeable for array in arrays.values())
    base: object = arrays["conv.weight"]
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, mmap.mmap | memoryview)
    assert arrays["conv.weight"].flags.aligned


def test_a_file_may_be_replaced_by_its_own_arrays(tmp_path: Path) -> None:
    path = save(tmp_path / "own.params", listing(dense()))
    arrays = read_params(path)
    write_params(path, {"negated": -arrays["a"], **arrays})
    assert arrays["a"].tolist() == [1.5, -2.0]
    assert read_params(path)["negated"].tolist() == [-1.5, 2.0]
    assert read_params(path)["a"].tolist() == [1.5, -2.0]


@given(
    arrays=st.dictionaries(
        st.text(st.characters(codec="utf-8", min_codepoint=1)),
        st.sampled_from(DTYPES).flatmap(
            lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, min_side=0, max_side=4))
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(deadline=None)
def test_whatever_is_written_is_what_mxnet_reads(
    scratch: Path, arrays: dict[str, NDArray[Any]]
) -> None:
    write_params(scratch, arrays)
    written = scratch.read_bytes()
    assert_agrees_with_mxnet(scratch)
    for name, array in read_params(scratch).items():
        assert_same(array, arrays[name])
    mx.nd.save(str(scratch), mx.nd.load(str(scratch)))
    assert scratch.read_bytes() == written


@pytest.mark.parametrize("length", range(len(EVERY_KIND)))
def test_a_file_cut_short_anywhere_is_refused(scratch: Path, length: int) -> None:
    with pytest.raises(ArtifactError, match=r"^scratch\.params: byte \d+, "):
        read_params(save(scratch, EVERY_KIND[:length]))


@given(
    flips=st.lists(
        st.tuples(st.integers(0, len(EVERY_KIND) - 1), st.integers(1, 255)), min_size=1, max_size=8
    )
)
@settings(deadline=None, max_examples=500)
def test_flipped_bytes_are_read_or_refused_in_little_memory(
    scratch: Path, flips: list[tuple[int, int]]
) -> None:
    content = bytearray(EVERY_KIND)
    for offset, mask in flips:
        content[offset] ^= mask
    save(scratch, bytes(content))
    tracemalloc.start()
    with contextlib.suppress(ArtifactError):
        assert all(array.nbytes <= 2 * len(content) for array in read_params(scratch).values())
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 200_000


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04" + bytes(40), "a zip or npz archive"),
        (b"\x1f\x8b\x08" + bytes(40), "a gzip archive"),
        (b"model_algo-1".ljust(257, b"\0") + b"ustar\x0000", "a tar archive"),
        (b'{"num_classes": "3"}', "JSON text"),
        (b"\xef\xbb\xbf\r\n [1]", "JSON text"),
        (b"<?xml version='1.0'?><Error/>", "an HTML or XML page"),
        (b"\n<!DOCTYPE html>", "an HTML or XML page"),
        (b"\x80\x02}q\x00.", "a Python pickle"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a git-lfs pointer"),
    ],
)
def test_another_kind_of_file_is_called_by_its_name(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    expected = f"m.params: byte 0, header: this is {kind}, not an MXNet parameter file"
    with pytest.raises(ArtifactError, match=f"^{re.escape(expected)}$"):
        read_params(save(tmp_path / "m.params", content))


def counted(count: int) -> bytes:
    return struct.pack("<3Q", 0x112, 0, count) + bytes(47)


ONES = (1,) * MAX_NDIM
REFUSED = {
    "empty": (b"", "byte 0, header: the file is empty"),
    "magic": (bytes(24), "byte 0, header: found magic number 0x0, 0x0, expected 0x112, 0x0"),
    "reserved": (struct.pack("<3Q", 0x112, 9, 1), "found magic number 0x112, 0x9"),
    "no arrays": (listing(names=()), "byte 16, header: found 0 arrays"),
    "array count": (counted(4), "byte 16, header: found 4 arrays, expected 1 to 3"),
    "largest count": (counted(2**64 - 1), f"found {2**64 - 1} arrays, expected 1 to 3"),
    "first word": (listing(bytes.fromhex("cbfa93f9")), "array 0: found first word 0xf993facb"),
    "oldest ndim": (listing(struct.pack("<I", MAX_NDIM + 1)), "found first word 0x21"),
    "ndim": (listing(dense(*ONES, 1, rest=b"")), "found ndim 33, expected 0 to 32"),
    "unknown shape": (listing(struct.pack("<Iii", V3, 0, -1)), "byte 32, array 0: found ndim -1"),
    "negative size": (listing(dense(2, -1)), "found shape (2, -1), expected no negative size"),
    "size": (listing(dense(2**40)), "truncated: float32 data of shape (1099511627776,) needs"),
    "product": (listing(dense(2**32, 2**32)), "expected under 2**63 bytes"),
    "empty product": (listing(dense(2**62, 2**62, 0)), "expected under 2**63 bytes"),
    "empty bfloat16": (
        listing(dense(2**61, 1, 0, rest=tail(b"", code=12))),
        "expected under 2**63 bytes",
    ),
    "dtype": (listing(dense(rest=tail(code=8))), "byte 52, array 0: found dtype code 8, expected"),
    "storage": (listing(struct.pack("<Ii", V2, 5)), "found storage type 5 (unknown)"),
    "undefined": (listing(struct.pack("<Ii", V2, -1)), "found storage type -1 (undefined)"),
    "scalar in V2": (listing(struct.pack("<Iii", V2, 0, 0) + tail(PAIR[:4])), "truncated"),
    "second array": (listing(dense(), b"\xff" * 4, names=(b"a",) * 2), "byte 64, array 1: found"),
    "no names": (listing(dense(), names=()), "names: found 0 names for 1 arrays, expected one"),
    "names": (listing(dense(), names=(b"a", b"b")), "names: found 2 names for 1 arrays"),
    "name length": (listing(dense())[:-9] + b"\xff" * 9, "byte 80, name 0: truncated: the text"),
    "UTF-8": (listing(dense(), names=(b"a\xff",)), "name 0: found byte 0xff, expected UTF-8"),
    "twice": (listing(dense(), dense(), names=(b"a", b"a")), "name 1: found 'a', expected no name"),
    "trailing": (listing(dense()) + b"xy", "byte 81, end: found 2 bytes after the last name"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_names_file_place_and_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        read_params(save(tmp_path / "m.params", content))
    assert str(caught.value).startswith("m.params: byte ")
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("kind", ["row_sparse", "csr"])
def test_sparse_arrays_are_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sparse.params"
    mx.nd.save(str(path), {"a": mx.nd.ones((2, 2)).tostype(kind)})
    with pytest.raises(ArtifactError, match=rf"found storage type \d \({kind}\)"):
        read_params(path)


def test_limits_are_the_last_that_pass(tmp_path: Path) -> None:
    path = tmp_path / "m.params"
    for build in (dense, oldest):
        save(path, listing(build(*ONES, rest=tail(PAIR[:4]))))
        assert read_params(path)["a"].shape == ONES
    names = tuple(b"%d" % index for index in range(MAX_ARRAYS))
    save(path, listing(*[struct.pack("<I", 0)] * MAX_ARRAYS, names=names))
    assert len(read_params(path)) == MAX_ARRAYS
    save(path, listing(*[struct.pack("<I", 0)] * (MAX_ARRAYS + 1), names=(*names, b"a")))
    with pytest.raises(ArtifactError, match="found 100001 arrays, expected 1 to 100000"):
        read_params(path)


@pytest.mark.parametrize(("name", "reason"), [("none", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / name
    with pytest.raises(ArtifactError, match=rf"^{path.name}: .* cannot be read: {reason}"):
        read_params(path)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({}, "found no arrays to write"),
        ({"a": np.zeros(2, np.complex64)}, "'a': found complex64"),
        ({"a": np.zeros(2, np.uint16)}, "'a': found uint16"),
        ({"ok": np.zeros(2), "a": np.array(["x"])}, "'a': found <U1"),
        ({"a": np.array(1.0)}, r"of shape \(\), expected .* at least one axis"),
        ({"a\0b": np.zeros(2)}, "expected a name without NUL"),
        ({"\ud800": np.zeros(2)}, "surrogates not allowed"),
    ],
)
def test_what_the_format_lacks_is_not_written(
    tmp_path: Path, arrays: dict[str, NDArray[Any]], reason: str
) -> None:
    path = save(tmp_path / "kept.params", b"kept")
    with pytest.raises(ValueError, match=reason):
        write_params(path, arrays)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("kept.params", b"kept")
    ]


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        write_params(tmp_path / "taken", {"a": np.zeros(2)})
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]
