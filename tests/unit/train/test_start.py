from pathlib import Path
from typing import Any

import pytest

from tests.unit.train.weights import Shapes, pack, write, write_artifact
from train.errors import AlgorithmError, ClientError
from train.hyperparameters import Hyperparameters
from train.start import find_start

DOTTED: Shapes = {"conv1.weight": (2, 3, 3, 3), "head.block.4.weight": (3, 2, 1, 1)}
DOTTED_AUX: Shapes = {"auxlayer.block.4.weight": (3, 2, 1, 1)}
PREFIXED: Shapes = {"_fcnhead0_hybridsequential0_conv1_weight": (3, 2, 1, 1)}
PREFIXED_AUX: Shapes = {"_fcnhead1_hybridsequential0_conv1_weight": (3, 2, 1, 1)}
RESNET: Shapes = {"conv1.weight": (2, 3, 3, 3), "layer4.2.bn3.gamma": (2,), "fc.weight": (9, 2)}


def chosen(**more: Any) -> Hyperparameters:
    return Hyperparameters(**{"num_classes": 3, "num_training_samples": 8, **more})


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """Of the channel `model`; empty."""
    folder = tmp_path / "model"
    folder.mkdir()
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Where the image has the backbones; one of each."""
    for name in ("resnet50_v1s-25a187fa", "resnet101_v1s-60fe0cc1"):
        write(tmp_path / "image" / f"{name}.params", RESNET, value=float(name[6:8]))
    return tmp_path / "image"


def refusal(channel: Path, image: Path, **told: Any) -> str:
    with pytest.raises(ClientError) as refused:
        find_start(channel, image, chosen(**told))
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 400
    return message


@pytest.mark.parametrize(("backbone", "value"), [("resnet-50", 50), ("resnet-101", 10)])
def test_the_images_backbone_is_taken_without_its_classifier(
    image: Path, backbone: str, value: float
) -> None:
    start = find_start(None, image, chosen(backbone=backbone))
    assert start.words.startswith(f"the backbone begins with the weights of {backbone[:6]}")
    assert start.weights.keys() == {"conv1.weight", "layer4.2.bn3.gamma"}
    assert start.weights["layer4.2.bn3.gamma"].tolist() == [value] * 2
    assert not start.whole
    assert not start.aux


def test_where_there_is_no_backbone_the_log_says_so(tmp_path: Path) -> None:
    start = find_start(None, tmp_path / "none", chosen())
    assert start.weights == {}
    assert start.is_short
    assert start.words.startswith(
        "use_pretrained_model=True, but the image has no backbone and channel model gives none "
        "(resnet50_v1s*.params): training from scratch"
    )


def test_a_network_without_a_backbone_is_offered_none(channel: Path, image: Path) -> None:
    write(channel / "resnet50_v1s-25a187fa.params", RESNET)
    assert refusal(channel, image, algorithm="fastscnn") == (
        "channel model has resnet50_v1s-25a187fa.params; allowed: "
        "one model.tar.gz of an earlier job"
    )


@pytest.mark.parametrize("told", [{"use_pretrained_model": False}, {"algorithm": "fastscnn"}])
def test_random_weights_where_nothing_else_is_wanted(image: Path, told: dict[str, Any]) -> None:
    start = find_start(None, image, chosen(**told))
    assert (start.words, start.weights) == ("training from scratch, from random weights", {})
    assert not start.is_short


def test_a_backbone_in_the_channel_goes_before_the_images(channel: Path, image: Path) -> None:
    write(channel / "deep" / "resnet50_v1s.params", RESNET, value=7)
    start = find_start(channel, image, chosen())
    assert start.words == "the backbone begins with the weights of resnet50_v1s.params"
    assert start.weights["conv1.weight"].max() == 7
    assert refusal(channel, image, backbone="resnet-101").startswith(
        "channel model has deep/resnet50_v1s.params; allowed: one model.tar.gz of an "
        "earlier job, or a backbone's resnet101_v1s*.params"
    )


def test_a_backbone_in_the_channel_is_not_taken_against_the_jobs_word(
    channel: Path, image: Path
) -> None:
    write(channel / "resnet50_v1s.params", RESNET)
    start = find_start(channel, image, chosen(use_pretrained_model=False))
    assert (start.words, start.weights) == ("training from scratch, from random weights", {})


@pytest.mark.parametrize(
    ("served", "aux"),
    [(DOTTED, DOTTED_AUX), (DOTTED, {}), (PREFIXED, PREFIXED_AUX), (PREFIXED, {})],
)
@pytest.mark.parametrize("pretrained", [True, False])
def test_an_earlier_jobs_archive_is_taken_whole(
    tmp_path: Path, channel: Path, served: Shapes, aux: Shapes, *, pretrained: bool
) -> None:
    pack(write_artifact(tmp_path / "job", served | aux), channel / "model.tar.gz")
    start = find_start(channel, tmp_path, chosen(use_pretrained_model=pretrained))
    assert start.words == "going on from model.tar.gz, fcn on resnet50 with 3 classes"
    assert start.whole
    assert {name: array.shape for name, array in start.weights.items()} == served
    assert {name: array.shape for name, array in start.aux.items()} == aux
    assert {float(array.min()) for array in (*start.weights.values(), *start.aux.values())} == {1.5}


def test_an_unpacked_artifact_will_do(channel: Path, image: Path) -> None:
    write_artifact(channel, DOTTED, backbone="resnet-101")
    start = find_start(channel, image, chosen(backbone="resnet-101"))
    assert start.words == "going on from channel model, fcn on resnet101 with 3 classes"
    assert start.whole


def test_names_of_a_network_with_its_prefix_are_read(channel: Path, image: Path) -> None:
    write_artifact(channel, {f"fcn0_{name}": shape for name, shape in PREFIXED.items()})
    assert find_start(channel, image, chosen()).weights.keys() == PREFIXED.keys()


@pytest.mark.parametrize(
    ("stored", "told", "said"),
    [
        ({}, {"algorithm": "psp"}, "trains psp on resnet50 with 3 classes; both must be"),
        ({}, {"backbone": "resnet-101"}, "the job trains fcn on resnet101 with 3 classes; both"),
        ({"num_classes": ""}, {"num_classes": 4}, "the job trains fcn on resnet50 with 4 classes"),
        ({}, {"algorithm": "fastscnn"}, "the job trains fastscnn with 3 classes; both must be"),
    ],
)
def test_another_network_is_named_beside_the_jobs(
    channel: Path, image: Path, stored: dict[str, str], told: dict[str, Any], said: str
) -> None:
    write_artifact(channel, DOTTED, **stored)
    refused = refusal(channel, image, **told)
    assert refused.startswith("channel model has fcn on resnet50 with 3 classes, the job trains ")
    assert said in refused


def test_a_network_without_backbone_has_none_in_the_message(image: Path) -> None:
    said = refusal(Path("demo/model"), image)
    assert said.startswith(
        "channel model has fastscnn with 3 classes, the job trains fcn on resnet50 with 3 classes;"
    )
    assert find_start(Path("demo/model"), image, chosen(algorithm="fastscnn")).whole


def test_a_damaged_archive_or_artifact_is_named(tmp_path: Path, channel: Path, image: Path) -> None:
    folder = write_artifact(tmp_path / "job", DOTTED)
    archive = pack(folder, channel / "model.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-20])
    assert refusal(channel, image).startswith(
        "channel model: model.tar.gz is not a usable model archive: "
    )
    (folder / "model_best.params").unlink()
    pack(folder, archive)
    assert refusal(channel, image).startswith(
        "channel model: model_best.params and model_algo-1 are both missing"
    )


def test_two_archives_are_one_too_many(tmp_path: Path, channel: Path, image: Path) -> None:
    folder = write_artifact(tmp_path / "job", DOTTED)
    for name in ("a.tar.gz", "b.tar.gz"):
        pack(folder, channel / name)
    said = refusal(channel, image)
    assert said.startswith("channel model has a.tar.gz, b.tar.gz; allowed: one model.tar.gz of an ")


def test_hidden_files_are_passed_over_and_links_followed(
    tmp_path: Path, channel: Path, image: Path
) -> None:
    archive = pack(write_artifact(tmp_path / "job", DOTTED), tmp_path / "there.tar.gz")
    (channel / "model.tar.gz").symlink_to(archive)
    (channel / "._model.tar.gz").write_bytes(b"what macOS leaves")
    assert find_start(channel, image, chosen()).whole


def test_an_empty_channel_and_one_of_other_files_are_named(channel: Path, image: Path) -> None:
    assert refusal(channel, image).startswith("channel model has nothing; allowed: one model.tar.")
    (channel / ".hidden").touch()
    assert refusal(channel, image).startswith("channel model has nothing; allowed: one model.tar.")
    (channel / "model.zip").touch()
    assert refusal(channel, image).startswith("channel model has model.zip; allowed: one model.ta")


def test_a_backbone_that_is_none_is_named(channel: Path, image: Path) -> None:
    path = write(channel / "resnet50_v1s.params", {"resnetv1s_conv0_weight": (2, 3)})
    assert refusal(channel, image) == (
        "resnet50_v1s.params has no layer conv1 to layer4 under Gluon's dotted names"
    )
    path.write_text("<html>")
    assert "this is an HTML or XML page" in refusal(channel, image)


def test_a_damaged_backbone_of_the_image_is_not_the_users_fault(image: Path) -> None:
    (image / "resnet50_v1s-25a187fa.params").write_text("version https://git-lfs")
    with pytest.raises(AlgorithmError, match=r"^resnet50_v1s-25a187fa\.params: .* git-lfs pointer"):
        find_start(None, image, chosen())
