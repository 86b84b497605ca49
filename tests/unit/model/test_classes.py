from pathlib import Path

import pytest

from model.artifact import read_artifact
from model.classes import Classes, read_classes, write_classes
from model.errors import ArtifactError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "classes.json"


def test_names_and_colours_are_read(path: Path) -> None:
    path.write_text('{"classes": ["sky", " sea "], "palette": ["#000000", "#Ff8001"], "ignore": 9}')
    assert read_classes(path, 2) == Classes(("sky", "sea"), ((0, 0, 0), (255, 128, 1)))


def test_the_palette_may_be_left_out(path: Path) -> None:
    path.write_text('{"classes": ["sky", "sea"]}')
    assert read_classes(path, 2) == Classes(("sky", "sea"), None)


def test_no_file_is_no_names(path: Path) -> None:
    assert read_classes(path, 2) is None


@pytest.mark.parametrize(
    "classes", [Classes(("天空", "b")), Classes(("a", "b"), ((1, 2, 3), (255, 0, 16)))]
)
def test_what_is_written_is_read(path: Path, classes: Classes) -> None:
    write_classes(path, classes)
    assert read_classes(path, 2) == classes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "classes.json must hold a JSON object, it holds a list"),
        ("{}", "classes.json lacks 'classes', the list of the 2 classes' names"),
        ('{"classes": ["a"]}', "'classes' must be a list of 2, .*; it is 1 entries"),
        ('{"classes": "ab"}', "'classes' must be a list of 2, .*; it is no list"),
        ('{"classes": ["a", ""]}', "classes 1 is ''; allowed: a name of 1 to 100 printable"),
        ('{"classes": ["a", 7]}', "classes 1 is '7'; allowed: a name"),
        ('{"classes": ["a", "b\\nc"]}', "classes 1 is .*; allowed: a name"),
        ('{"classes": ["a", "a "]}', "two classes have the same name"),
        ('{"classes": ["a", "b"], "palette": ["#000000"]}', "'palette' must be a list of 2"),
        ('{"classes": ["a", "b"], "palette": ["#000000", "red"]}', "palette 1 is 'red'; allowed"),
        ('{"classes": ["a", "b"], "palette": ["#000000", "#12345g"]}', "palette 1 is '#12345g'"),
    ],
)
def test_what_cannot_be_used_is_named(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(ArtifactError, match=message):
        read_classes(path, 2)


def test_the_demo_models_classes_have_names() -> None:
    named = read_artifact(Path("demo/model")).named
    assert named is not None
    assert named.names == ("background", "cat", "dog")
    assert named.palette is not None
