import json
from pathlib import Path

import pytest

from model.algorithms import ALGORITHMS
from model.errors import ArtifactError
from model.hyperparams import Hyperparams, read_hyperparams

KNOWN = "fcn, psp, deeplab, deeplabplus, danet, icnet, fastscnn"
CLASSES = "it must be a whole number from 2 to 254"


def read(folder: Path, content: object) -> Hyperparams:
    """Write `content`, as JSON unless it is bytes already, and read it back."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "hyperparams.json").write_bytes(raw)
    return read_hyperparams(folder)


def refusal(folder: Path, content: object) -> str:
    with pytest.raises(ArtifactError) as refused:
        read(folder, content)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 300
    return message


def test_strings_as_the_built_in_algorithm_writes_them(tmp_path: Path) -> None:
    content = {
        "algorithm": "psp",
        "backbone": "resnet-101",
        "num_classes": "21",
        "crop_size": "240",
        "use_pretrained_model": "True",
    }
    assert read(tmp_path, content) == Hyperparams(ALGORITHMS["psp"], "resnet101", 21)


def test_native_json_and_keys_of_any_kind_beside(tmp_path: Path) -> None:
    content = {"algorithm": "fcn", "num_classes": 2, "epochs": 10, "syncbn": True, "x": [{}]}
    assert read(tmp_path, content) == Hyperparams(ALGORITHMS["fcn"], "resnet50", 2)


def test_what_is_missing_is_what_a_training_job_takes(tmp_path: Path) -> None:
    assert read(tmp_path, {}) == Hyperparams(ALGORITHMS["fcn"], "resnet50", None)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, b'\xef\xbb\xbf{"algorithm": "psp"}').algorithm.name == "psp"


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("FCN", "fcn"),
        ('"fcn"', "fcn"),
        (" fcn\n", "fcn"),
        ("fcn-8s", "fcn"),
        ("pspnet", "psp"),
        ("PSPNet", "psp"),
        ("DeepLabV3", "deeplab"),
        ("deeplab-v3", "deeplab"),
        ("deeplab_v3_plus", "deeplabplus"),
        ("Fast-SCNN", "fastscnn"),
        ("DANet", "danet"),
        ("icnet", "icnet"),
    ],
)
def test_spellings_of_an_algorithm(tmp_path: Path, spelling: str, name: str) -> None:
    backbone = ALGORITHMS[name].backbones[0]
    assert read(tmp_path, {"algorithm": spelling}) == Hyperparams(ALGORITHMS[name], backbone, None)


@pytest.mark.parametrize(
    ("algorithm", "spelling", "name"),
    [
        ("fcn", "resnet-50", "resnet50"),
        ("fcn", "ResNet-50", "resnet50"),
        ("psp", "resnet_50", "resnet50"),
        ("deeplab", '"resnet-101"', "resnet101"),
        ("deeplabplus", "xception", "xception"),
        ("deeplabplus", "Xception-65", "xception"),
        ("fastscnn", "resnet-50", "none"),  # it has none, whatever the job was told
    ],
)
def test_spellings_of_a_backbone(tmp_path: Path, algorithm: str, spelling: str, name: str) -> None:
    assert read(tmp_path, {"algorithm": algorithm, "backbone": spelling}).backbone == name


@pytest.mark.parametrize(
    ("value", "classes"),
    [
        ("2", 2),
        ("254", 254),
        (254, 254),
        (21.0, 21),
        ("21.0", 21),
        ('"21"', 21),
        (" 21 ", 21),
        ("021", 21),
        (None, None),
        ("", None),
    ],
)
def test_spellings_of_a_class_count(tmp_path: Path, value: object, classes: int | None) -> None:
    assert read(tmp_path, {"num_classes": value}).num_classes == classes


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, "1"),
        (255, "255"),
        (0, "0"),
        (-21, "-21"),
        ("abc", "abc"),
        (3.5, "3.5"),
        ("21.0.0", "21.0.0"),
        (True, "True"),
        ([21], "[21]"),
        ("²", "²"),
        ("٢١", "٢١"),
        ("2_1", "2_1"),
        ("0x15", "0x15"),
        (1e300, "1e+300"),
        (10**80, "1" + "0" * 79),
        ("9" * 5000, "9" * 80),
        ("000000021" + "0" * 5000, "000000021" + "0" * 71),
        ("x\n" * 60, r"x\n" * 40),
    ],
)
def test_a_class_count_that_cannot_be_is_refused(tmp_path: Path, value: object, shown: str) -> None:
    said = refusal(tmp_path, {"num_classes": value})
    assert said == f"hyperparams.json: num_classes is '{shown}'; {CLASSES}"


@pytest.mark.parametrize(("token", "shown"), [(b"NaN", "nan"), (b"1e400", "inf")])
def test_a_class_count_that_is_no_number_is_refused(
    tmp_path: Path, token: bytes, shown: str
) -> None:
    said = refusal(tmp_path, b'{"num_classes": %b}' % token)
    assert said == f"hyperparams.json: num_classes is '{shown}'; {CLASSES}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"algorithm": "unet"}, f"algorithm 'unet' is unknown; known: {KNOWN}"),
        ({"algorithm": ""}, f"algorithm '' is unknown; known: {KNOWN}"),
        ({"algorithm": 3}, f"algorithm '3' is unknown; known: {KNOWN}"),
        ({"algorithm": "x" * 999}, f"algorithm '{'x' * 80}' is unknown; known: {KNOWN}"),
        ({"algorithm": "a\n\x1b[31m"}, rf"algorithm 'a\n\x1b[31m' is unknown; known: {KNOWN}"),
        ({"algorithm": "\ud800"}, rf"algorithm '\ud800' is unknown; known: {KNOWN}"),
        (
            {"algorithm": "psp", "backbone": "resnet-34"},
            "backbone 'resnet-34' is unknown for psp; known: resnet50, resnet101",
        ),
        (
            {"backbone": "resnet-5065"},
            "backbone 'resnet-5065' is unknown for fcn; known: resnet50, resnet101",
        ),
        (
            {"algorithm": "deeplabplus", "backbone": "resnet-50"},
            "backbone 'resnet-50' is unknown for deeplabplus; known: xception",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(
    tmp_path: Path, content: object, says: str
) -> None:
    assert refusal(tmp_path, content) == f"hyperparams.json: {says}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"{'algorithm': 'fcn'}", "is not valid JSON: Expecting property name enclosed in"),
        (b'{"algorithm": "fcn"}\0', "is not valid JSON: Extra data"),
        (b"[" * 100_000, "is not valid JSON: maximum recursion depth exceeded"),
        (b'{"num_classes": %b}' % (b"9" * 5000), "is not valid JSON: Exceeds the limit"),
        (b'["algorithm", "fcn"]', "must hold a JSON object, it holds a list"),
        (b'"fcn"', "must hold a JSON object, it holds a str"),
        (b"null", "must hold a JSON object, it holds a NoneType"),
        ('{"algorithm": "fcn"}'.encode("utf-16"), "is not UTF-8 text"),
        (b'{"algorithm": "\xff"}', "is not UTF-8 text"),
        (b"{}" + b" " * (1 << 20), "is larger than 1048576 bytes"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert refusal(tmp_path, content).startswith(f"hyperparams.json {says}")


def test_the_largest_file_allowed_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"{}" + b" " * ((1 << 20) - 2)).algorithm.name == "fcn"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError) as refused:
        read_hyperparams(tmp_path)
    assert str(refused.value) == "hyperparams.json is missing from the model directory"


def test_a_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hyperparams.json").mkdir()
    with pytest.raises(ArtifactError) as refused:
        read_hyperparams(tmp_path)
    assert str(refused.value) == "hyperparams.json is not a plain file"
