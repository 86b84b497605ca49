"""What may be chosen of networks that find things, and of the others."""

import pytest

from serve.errors import BadOption
from serve.instances.options import INSTANCE_KINDS
from serve.options import KINDS, Options, fitting, parse_options
from serve.setting import SettingsError
from serve.settings import Settings

OWN = {
    "score_threshold": ("0.25", 0.25),
    "mask_threshold": ("1", 1.0),
    "scores": ("on", True),
    "boxes": ("FLOAT", "float"),
    "ids": ("coco", "coco"),
    "labels": ("0", False),
    "regions": ("rows", "rows"),
    "array": ("boxes", "boxes"),
}


@pytest.mark.parametrize("name", OWN)
def test_own_options(name: str) -> None:
    text, value = OWN[name]
    assert getattr(parse_options({name: text}, kinds=INSTANCE_KINDS), name) == value
    with pytest.raises(BadOption):
        parse_options({name: text})  # of other networks
    with pytest.raises(BadOption):
        parse_options({name: "7"}, kinds=INSTANCE_KINDS)


def test_what_is_not_chosen_is_left_open() -> None:
    assert parse_options({}, kinds=INSTANCE_KINDS) == Options()


def test_defaults_are_sorted_out_by_name_and_by_value() -> None:
    given = {"alpha": "0.3", "colormap": "jet", "Scores": "1", "array": "boxes"}
    assert fitting(given, KINDS) == {"alpha": "0.3", "colormap": "jet"}
    assert fitting(given, INSTANCE_KINDS) == {"alpha": "0.3", "Scores": "1", "array": "boxes"}


@pytest.mark.parametrize("text", ["colormap=jet;scores=1", "array=mask", "array=boxes;topk=2"])
def test_seg_options_may_be_for_any_network(text: str) -> None:
    assert Settings.from_env({"SEG_OPTIONS": text}).default_options == text


@pytest.mark.parametrize("text", ["colour=red", "scores=perhaps", "array=scores;ids=voc"])
def test_seg_options_that_no_network_takes_are_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        Settings.from_env({"SEG_OPTIONS": text})


def test_a_default_answer_may_have_options_of_any_network() -> None:
    accept = "application/json;scores=1"
    env = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": accept}
    assert Settings.from_env(env).default_accept == accept
