from pathlib import Path

import pytest

from container.whole_file import write_whole


def test_a_file_takes_anothers_place_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.png"
    for body in (b"one", b"two"):
        write_whole(path, body)
        assert path.read_bytes() == body
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_put_in_place_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.png"
    path.write_bytes(b"before")

    def full(_path: Path, _other: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]
