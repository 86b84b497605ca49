"""Archives that are fine, and archives that mean harm. Nothing may ever appear outside."""

import bz2
import gzip
import io
import itertools
import lzma
import random
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from model.archive import MAX_DEPTH, unpack
from model.errors import ArtifactError

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
DAMAGED = "it is damaged, or no tar.gz file"
WEIGHTS = random.Random(0).randbytes(100_000)  # like real ones: gzip stores them as they are


def member(
    name: str, content: bytes = b"", *, size: int | None = None, **fields: bytes | str
) -> bytes:
    """Return one member; `size` is what its header claims, right or not."""
    info = tarfile.TarInfo(name)
    info.size = len(content) if size is None else size
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.GNU_FORMAT) + padded(content)


def extended(headers: Mapping[str, str], content: bytes = b"") -> bytes:
    """Return one member whose extended header says what a plain one cannot."""
    info = tarfile.TarInfo("plain")
    info.size = len(content)
    info.pax_headers = dict(headers)
    return info.tobuf(tarfile.PAX_FORMAT) + padded(content)


def sparse(real_size: int, *pieces: tuple[int, bytes]) -> bytes:
    """Return "holes", a member in GNU's old sparse format: at most four pieces at offsets."""
    stored = b"".join(content for _, content in pieces)
    head = bytearray(member("holes", size=len(stored), type=tarfile.GNUTYPE_SPARSE))
    fields = [number for offset, content in pieces for number in (offset, len(content))]
    for place, number in zip(itertools.count(386, 12), fields, strict=False):
        head[place : place + 12] = b"%011o\0" % number
    head[483:495] = b"%011o\0" % real_size
    return checksummed(head) + padded(stored)


def checksummed(head: bytearray) -> bytes:
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % BLOCK)


def model(*, compress: Callable[[bytes], bytes] = gzip.compress) -> bytes:
    """Return a whole archive of two files."""
    last, best = member("model_algo-1", b"last"), member("model_best.params", WEIGHTS)
    return compress(last + best + END)


class Sandbox:
    """A folder to unpack into, with a folder around it that must stay as it is."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.archive = root / "model.tar.gz"
        self.folder = root / "inside"
        self.folder.mkdir()

    def unpack(self, content: bytes, **bounds: int) -> dict[str, bytes | None]:
        """Return what came out, by path; folders are None."""
        self.archive.write_bytes(content)
        try:
            unpack(self.archive, self.folder, **bounds)
        finally:
            assert sorted(self.root.iterdir()) == [self.folder, self.archive]
            found = sorted(self.folder.rglob("*"))
            assert all(path.is_file() or path.is_dir() for path in found)
            assert not any(path.is_symlink() for path in found)
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in found
        }

    def refusal(self, content: bytes, **bounds: int) -> str:
        """Return why the archive was refused."""
        with pytest.raises(ArtifactError) as refused:
            self.unpack(content, **bounds)
        opening, reason = str(refused.value).split(": ", 1)
        assert opening == "model.tar.gz is not a usable model archive"
        assert len(reason.splitlines()) == 1
        return reason


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


def as_it_is(content: bytes) -> bytes:
    return content


@pytest.mark.parametrize("compress", [gzip.compress, as_it_is])
def test_a_model_comes_out_as_it_went_in(
    sandbox: Sandbox, compress: Callable[[bytes], bytes]
) -> None:
    expected = {"model_algo-1": b"last", "model_best.params": WEIGHTS}
    assert sandbox.unpack(model(compress=compress)) == expected


def test_gnu_tars_own_archive_with_dotted_names_comes_out(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = tmp_path_factory.mktemp("source")
    long = "long" * 40
    (source / "logs").mkdir()
    (source / "hyperparams.json").write_text("{}")
    (source / "logs" / long).write_bytes(WEIGHTS)
    made = subprocess.run(
        ["tar", "-C", str(source), "-czf", "-", "."],  # noqa: S607
        capture_output=True,
        check=True,
    )
    expected = {"hyperparams.json": b"{}", "logs": None, f"logs/{long}": WEIGHTS}
    assert sandbox.unpack(made.stdout) == expected


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(sandbox: Sandbox, form: int) -> None:
    name = "/".join(["folder" * 8] * 4)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form) as tar:
        info = tarfile.TarInfo(name)
        info.size = 4
        info.mtime = 1.5 if form == tarfile.PAX_FORMAT else 1
        tar.addfile(info, io.BytesIO(b"deep"))
    assert sandbox.unpack(file.getvalue())[name] == b"deep"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("./a", "a"),
        ("./b/./c//a", "b/c/a"),
        (r"..\a", r"..\a"),
        (r"C:\a", r"C:\a"),
        ("größe→模型", "größe→模型"),
        ("..a/b..", "..a/b.."),
        (" ", " "),
    ],
)
def test_unusual_names_are_just_names(sandbox: Sandbox, name: str, path: str) -> None:
    assert sandbox.unpack(member(name, b"x") + END)[path] == b"x"


def test_a_name_in_no_known_encoding_keeps_its_bytes(sandbox: Sandbox) -> None:
    head = checksummed(bytearray(member("A").replace(b"A", b"\xff", 1)))
    assert sandbox.unpack(head + END) == {"\udcff": b""}


def test_of_two_members_of_one_name_the_last_stays(sandbox: Sandbox) -> None:
    content = member("a", b"first and longer") + member("./a", b"last") + END
    assert sandbox.unpack(content) == {"a": b"last"}


def test_folders_may_be_named_before_after_and_never(sandbox: Sandbox) -> None:
    a_folder = member("b", type=tarfile.DIRTYPE)
    content = a_folder + member("b/c", b"1") + a_folder + member("d/e/f", b"2") + END
    assert sandbox.unpack(content) == {
        "b": None,
        "b/c": b"1",
        "d": None,
        "d/e": None,
        "d/e/f": b"2",
    }


def test_the_holes_of_a_sparse_file_are_zeros(sandbox: Sandbox) -> None:
    content = sparse(2000, (0, b"x" * 512), (1024, b"y" * 512)) + member("a", b"next") + END
    expected = b"x" * 512 + bytes(512) + b"y" * 512 + bytes(2000 - 1536)
    assert sandbox.unpack(content) == {"a": b"next", "holes": expected}


def test_the_holes_of_a_sparse_file_count(sandbox: Sandbox) -> None:
    content = sparse(1 << 30, (0, b"x" * 512)) + END
    assert sandbox.refusal(content, max_bytes=1 << 29) == f"it unpacks to more than {1 << 29} bytes"


def test_an_empty_archive_is_an_archive(sandbox: Sandbox) -> None:
    assert sandbox.unpack(gzip.compress(END)) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/cron.d/x", "it would write outside the folder, to '/etc/cron.d/x'"),
        ("//x", "it would write outside the folder, to '//x'"),
        ("../x", "it would write outside the folder, to '../x'"),
        ("a/../../x", "it would write outside the folder, to 'a/../../x'"),
        ("a/..", "it would write outside the folder, to 'a/..'"),
        ("../inside/x", "it would write outside the folder, to '../inside/x'"),
        ("/" + "x" * 99, f"it would write outside the folder, to '/{'x' * 79}'"),
        ("../\n\x1b[31m", r"it would write outside the folder, to '../\n\x1b[31m'"),
        ("d/" * 16 + "x", f"'{'d/' * 16}x' lies more than 16 folders deep"),
        ("d/" * 1500 + "x", f"'{'d/' * 40}' lies more than 16 folders deep"),
        (".", "it cannot be unpacked: Is a directory"),
        ("x" * 300, "it cannot be unpacked: File name too long"),
    ],
)
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_a_name_that_leads_elsewhere_is_refused(
    sandbox: Sandbox, name: str, reason: str, kind: bytes
) -> None:
    if (name, kind) == (".", tarfile.DIRTYPE):
        assert sandbox.unpack(member(name, type=kind) + END) == {}
    else:
        assert sandbox.refusal(member(name, type=kind) + END) == reason


def test_the_greatest_depth_is_reached(sandbox: Sandbox) -> None:
    name = "d/" * (MAX_DEPTH - 1) + "x"
    assert sandbox.unpack(member(name, b"deep") + END)[name] == b"deep"


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        b"D",  # GNU's list of a folder
        b"Z",  # nobody's
    ],
)
def test_what_is_neither_file_nor_folder_is_refused(sandbox: Sandbox, kind: bytes) -> None:
    content = member("a", type=kind, linkname="/etc/passwd") + member("a/x", b"through it") + END
    assert sandbox.refusal(content) == "'a' is neither a file nor a folder"
    assert list(sandbox.folder.iterdir()) == []


@pytest.mark.parametrize("linkname", ["..", "../model.tar.gz", "/", "a", ""])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_is_refused_wherever_it_points(sandbox: Sandbox, kind: bytes, linkname: str) -> None:
    content = member("a", b"mine") + member("link", type=kind, linkname=linkname) + END
    assert sandbox.refusal(content) == "'link' is neither a file nor a folder"


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (member("a/b", b"x"), "it cannot be unpacked: File exists"),
        (member("a", type=tarfile.DIRTYPE), "it cannot be unpacked: File exists"),
        (member("c", b"x"), "it cannot be unpacked: Is a directory"),
    ],
)
def test_a_path_that_is_both_a_file_and_a_folder_is_refused(
    sandbox: Sandbox, second: bytes, reason: str
) -> None:
    content = member("a", b"x") + member("c", type=tarfile.DIRTYPE) + second + END
    assert sandbox.refusal(content) == reason


def test_files_are_counted_folders_too(sandbox: Sandbox) -> None:
    content = member("a", type=tarfile.DIRTYPE) + member("b") + member("a/c") + END
    assert len(sandbox.unpack(content, max_files=3)) == 3
    assert sandbox.refusal(content, max_files=2) == "it holds more than 2 files"


def test_one_name_again_and_again_is_counted_again_and_again(sandbox: Sandbox) -> None:
    assert sandbox.refusal(member("a") * 1001 + END) == "it holds more than 1000 files"


def test_bytes_are_counted_over_all_files(sandbox: Sandbox) -> None:
    content = member("a", bytes(600)) + member("b", bytes(400)) + END
    assert len(sandbox.unpack(content, max_bytes=1000)) == 2
    assert sandbox.refusal(content, max_bytes=999) == "it unpacks to more than 999 bytes"


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE])
def test_a_size_is_judged_by_what_is_declared_before_anything_is_written(
    sandbox: Sandbox, kind: bytes
) -> None:
    content = member("a", size=(4 << 30) + 1, type=kind) + END
    assert sandbox.refusal(content) == "it unpacks to more than 4294967296 bytes"
    assert list(sandbox.folder.iterdir()) == []


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.CONTTYPE, b"Z"])
@pytest.mark.parametrize("size", [-1, -512, -(1 << 40)])
def test_a_size_below_zero_buys_nothing(sandbox: Sandbox, kind: bytes, size: int) -> None:
    content = member("a", size=size, type=kind) + member("b", bytes(2000)) + END
    assert sandbox.refusal(content, max_bytes=1000) == DAMAGED
    assert sandbox.refusal(extended({"size": str(size)}) + END) == DAMAGED


def test_a_bomb_is_stopped_at_the_bound(sandbox: Sandbox) -> None:
    content = gzip.compress(member("a", bytes(1 << 24)) + END)
    assert len(content) < 1 << 15
    assert sandbox.refusal(content, max_bytes=1 << 20) == "it unpacks to more than 1048576 bytes"


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    ],
)
@pytest.mark.parametrize("size", [-512, 1 << 17, 1 << 40])
def test_a_name_as_long_as_memory_is_never_held(sandbox: Sandbox, kind: bytes, size: int) -> None:
    long = member("a", bytes(max(0, min(size, 1 << 17))), size=size, type=kind)
    assert sandbox.refusal(gzip.compress(long + member("a") + END)) == DAMAGED


def test_names_of_names_do_not_exhaust_the_stack(sandbox: Sandbox) -> None:
    content = member("a", type=tarfile.GNUTYPE_LONGNAME) * 2000 + member("a") + END
    assert sandbox.refusal(content) == DAMAGED


SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
SENSELESS = {
    "a zero in a name": extended({"path": "a\0b"}),
    "sparse map of letters": extended({"GNU.sparse.map": "a,b"}),
    "sparse size of letters": extended({"GNU.sparse.map": "0,0", "GNU.sparse.size": "x"}),
    "sparse map missing": extended(SPARSE),
    "sparse map without end": extended(SPARSE, b"9" * 2000),
    "sparse map longer than a header": extended(SPARSE, b"1\n" * 40_000),
    "extension of length 0": member("a", b"0 path=x\n", type=tarfile.XHDTYPE) + member("a"),
    "extension of nothing": member("a", b"9 path=x\n", type=tarfile.XHDTYPE),
}


@pytest.mark.parametrize("entry", SENSELESS.values(), ids=SENSELESS.keys())
def test_a_header_that_makes_no_sense_is_refused(sandbox: Sandbox, entry: bytes) -> None:
    assert sandbox.refusal(entry + END, max_bytes=1 << 20) == DAMAGED


@pytest.mark.parametrize("length", [0, 1, 5, 9, 600, 50_000, 99_990])
def test_a_truncated_gzip_is_refused(sandbox: Sandbox, length: int) -> None:
    assert sandbox.refusal(model()[:length]) == DAMAGED


@pytest.mark.parametrize("cut", [1, 4, 8])
def test_a_gzip_that_lacks_only_its_checksum_is_refused(sandbox: Sandbox, cut: int) -> None:
    assert sandbox.refusal(model()[:-cut]) == DAMAGED


@pytest.mark.parametrize(
    "length",
    [
        BLOCK - 1,  # in the first header
        2 * BLOCK,  # between the two members
        2 * BLOCK + 100,  # in the second header
        3 * BLOCK,  # before the second's content
        3 * BLOCK + 50_000,  # in the second's content
        3 * BLOCK + len(padded(WEIGHTS)),  # before the end
    ],
)
def test_a_truncated_tar_is_refused(sandbox: Sandbox, length: int) -> None:
    assert sandbox.refusal(model(compress=as_it_is)[:length]) == DAMAGED


def test_one_flipped_bit_in_the_weights_is_found(sandbox: Sandbox) -> None:
    content = bytearray(model())
    content[60_000] ^= 1
    assert sandbox.refusal(bytes(content)) == DAMAGED


def test_a_damaged_stream_is_refused(sandbox: Sandbox) -> None:
    content = bytearray(gzip.compress(member("a", b"some words " * 9000) + END))
    content[200:260] = bytes(byte ^ 0x5A for byte in content[200:260])
    assert sandbox.refusal(bytes(content)) == DAMAGED


@pytest.mark.parametrize("compress", [gzip.compress, as_it_is])
def test_a_damaged_header_is_not_taken_for_the_end(
    sandbox: Sandbox, compress: Callable[[bytes], bytes]
) -> None:
    content = bytearray(model(compress=as_it_is))
    content[2 * BLOCK] ^= 1  # in the name of the second member
    assert sandbox.refusal(compress(bytes(content))) == DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        gzip.compress(b""),
        b"not an archive",
        b"x" * 10_000,
        b"PK\x03\x04" + bytes(1000),
        model(compress=bz2.compress),
        model(compress=lzma.compress),
        gzip.compress(b"x" * 10_000),
        gzip.compress(model()),
        b"\x1f\x8b" + bytes(100),
    ],
    ids=[
        "empty",
        "empty-gzip",
        "text",
        "long-text",
        "zip",
        "bz2",
        "xz",
        "text-in-gzip",
        "gzip-in-gzip",
        "gzip-magic",
    ],
)
def test_what_is_no_tar_is_refused(sandbox: Sandbox, content: bytes) -> None:
    assert sandbox.refusal(content) == DAMAGED


def test_padding_after_the_end_is_fine_and_a_bomb_there_is_not(sandbox: Sandbox) -> None:
    assert sandbox.unpack(gzip.compress(member("a") + END + bytes(1 << 19))) == {"a": b""}
    assert sandbox.refusal(gzip.compress(member("a") + END + bytes(1 << 21))) == DAMAGED


def test_an_archive_that_is_not_there_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ArtifactError) as refused:
        unpack(sandbox.archive, sandbox.folder)
    expected = "model.tar.gz is not a usable model archive: it cannot be unpacked: No such file"
    assert str(refused.value).startswith(expected)
