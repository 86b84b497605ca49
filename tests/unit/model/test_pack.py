import io
import tarfile
from pathlib import Path

import pytest

from model.archive import unpack
from model.pack import pack


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "a").write_bytes(bytes(10_000))
    (tmp_path / "b").write_text("b")
    return {"top": tmp_path / "a", "graphs/inner": tmp_path / "b"}


def test_what_is_packed_is_unpacked(tmp_path: Path, files: dict[str, Path]) -> None:
    archive, folder = tmp_path / "model.tar.gz", tmp_path / "out"
    folder.mkdir()
    pack(files, archive)
    unpack(archive, folder)
    assert (folder / "top").read_bytes() == bytes(10_000)
    assert (folder / "graphs" / "inner").read_text() == "b"
    assert archive.stat().st_mode & 0o777 == 0o644


def test_the_same_files_give_the_same_bytes(tmp_path: Path, files: dict[str, Path]) -> None:
    pack(files, tmp_path / "one")
    (tmp_path / "b").touch()
    pack(dict(reversed(files.items())), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "one").read_bytes())) as tar:
        assert {(member.uid, member.mtime) for member in tar} == {(0, 0)}


def test_what_fails_leaves_what_was_there(tmp_path: Path, files: dict[str, Path]) -> None:
    archive = tmp_path / "out" / "model.tar.gz"
    archive.parent.mkdir()
    archive.write_text("old")
    with pytest.raises(FileNotFoundError):
        pack(files | {"x": tmp_path / "missing"}, archive)
    assert archive.read_text() == "old"
    assert [path.name for path in archive.parent.iterdir()] == ["model.tar.gz"]
