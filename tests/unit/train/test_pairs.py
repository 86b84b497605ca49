from pathlib import Path

import pytest

from train.pairs import Folder, Found, find_pairs, listed, problems

PHOTOS = (".jpg", ".jpeg", ".png")


def found(base: Path, photos: str, annotations: str, suffixes: tuple[str, ...] = PHOTOS) -> Found:
    """Pair files of these names, which stay empty: pairing opens none."""
    for folder, names in (("photos", photos), ("masks", annotations)):
        (base / folder).mkdir()
        for name in names.split():
            path = base / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return find_pairs(
        Folder(base / "photos", "train", suffixes),
        Folder(base / "masks", "train_annotation", (".png",)),
    )


def names(found: Found) -> list[tuple[str, str, str]]:
    return [(pair.name, pair.image.name, pair.annotation.name) for pair in found.pairs]


def test_pairs_go_by_stem_sorted(tmp_path: Path) -> None:
    pairs = found(tmp_path, "c.png b.JPG a.v2.jpeg", "a.v2.png b.PNG c.png")
    assert names(pairs) == [
        ("a.v2", "a.v2.jpeg", "a.v2.png"),
        ("b", "b.JPG", "b.PNG"),
        ("c", "c.png", "c.png"),
    ]
    assert pairs.errors == pairs.warnings == ()


def test_the_suffixes_are_the_folders(tmp_path: Path) -> None:
    pairs = found(tmp_path, "a.webp b.jpg", "a.png b.png", (".webp",))
    assert names(pairs) == [("a", "a.webp", "a.png")]
    assert pairs.warnings[0] == "files that are none of .webp are passed over: train/b.jpg"


def test_folders_below_belong_to_the_name(tmp_path: Path) -> None:
    pairs = found(tmp_path, "day/1.jpg night/1.jpg", "day/1.png night/1.png")
    assert [pair.name for pair in pairs.pairs] == ["day/1", "night/1"]
    assert pairs.errors == ()


def test_a_photo_without_an_annotation_is_an_error(tmp_path: Path) -> None:
    pairs = found(tmp_path, "a.jpg b.jpg", "a.png b.jpg")
    assert names(pairs) == [("a", "a.jpg", "a.png")]
    assert pairs.errors == ("train/b.jpg has no annotation train_annotation/b.png",)
    assert pairs.warnings == (
        "files that are none of .png are passed over: train_annotation/b.jpg",
    )


def test_an_annotation_without_a_photo_is_a_warning(tmp_path: Path) -> None:
    pairs = found(tmp_path, "a.jpg", "a.png b.png c.png")
    assert pairs.errors == ()
    assert pairs.warnings == (
        "annotations without a photo are passed over: "
        "train_annotation/b.png, train_annotation/c.png",
    )


def test_two_photos_of_one_name_are_an_error(tmp_path: Path) -> None:
    pairs = found(tmp_path, "a.jpg a.png", "a.png")
    assert pairs.errors == ("train/a.png has the name of train/a.jpg",)


def test_hidden_files_are_nobodys(tmp_path: Path) -> None:
    pairs = found(tmp_path, "a.jpg .DS_Store .thumbs/b.jpg ._a.jpg", "a.png .DS_Store")
    assert names(pairs) == [("a", "a.jpg", "a.png")]
    assert pairs.errors == pairs.warnings == ()


@pytest.mark.parametrize(
    ("photos", "annotations", "error"),
    [
        ("", "a.png", "train has no file .jpg, .jpeg, .png"),
        ("notes.txt", "a.png", "train has no file .jpg, .jpeg, .png"),
        ("", "", "train_annotation has no file .png"),
    ],
)
def test_an_empty_channel_is_an_error(
    tmp_path: Path, photos: str, annotations: str, error: str
) -> None:
    assert error in found(tmp_path, photos, annotations).errors


def test_a_list_is_cut_after_a_few() -> None:
    assert listed(["a"]) == "a"
    assert listed("abcde") == "a, b, c, d, e"
    assert listed("abcdefg") == "a, b, c, d, e, and 2 more"
    assert listed("abc", limit=1, separator="; ") == "a; and 2 more"
    assert listed(["x" * 999]) == "x" * 200
    assert listed(["x" * 999], width=300) == "x" * 300


def test_problems_are_one_line() -> None:
    assert problems(["a is empty"]) == "a problem with the data: a is empty"
    assert problems(["a", "b"]) == "2 problems with the data: a; b"
    assert problems("abcdef") == "6 problems with the data: a; b; c; d; e; and 1 more"
