"""Which files are photos by their names."""

from pathlib import Path

from container.photo_files import photo_files


def test_photos_are_found_in_folders_too_and_sorted(tmp_path: Path) -> None:
    names = ["b.JPG", "a.webp", "deep/er/c.tif", "c.mpo"]
    for name in [*names, "notes.txt", "jpg"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert photo_files(tmp_path) == sorted(tmp_path / name for name in names)


def test_what_is_hidden_and_folders_are_no_photos(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / ".thumbnails").mkdir()
    for name in ("._a.jpg", ".a.png", ".thumbnails/a.png"):
        (tmp_path / name).touch()
    assert photo_files(tmp_path) == []


def test_a_hidden_folder_that_is_named_is_looked_into(tmp_path: Path) -> None:
    folder = tmp_path / ".photos"
    folder.mkdir()
    (folder / "a.png").touch()
    assert photo_files(folder) == [folder / "a.png"]


def test_a_link_that_leads_nowhere_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("gone")
    assert photo_files(tmp_path) == [tmp_path / "a.png"]
