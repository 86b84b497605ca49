"""What settings choose for requests, held against the model before one comes."""

import pytest

from container.preparation import check_options
from serve.instances.labels import thing_labels_of
from serve.labels import Labels, labels_of
from serve.setting import SettingsError
from serve.settings import Settings
from serve.task import INSTANCES, SEMANTIC, Task

ACCEPT, OPTIONS = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "SEG_OPTIONS"
PETS = labels_of(3, ("background", "cat", "dog"))
COCO = thing_labels_of(80)
THINGS = thing_labels_of(3, ("cat", "dog", "car"))


@pytest.mark.parametrize(
    ("task", "labels", "name", "text", "says"),
    [
        (SEMANTIC, PETS, OPTIONS, "class=tiger", "'class' cannot be 'tiger'; allowed: 0 to 2"),
        (SEMANTIC, PETS, ACCEPT, "image/png;class=tiger", "'class' cannot be 'tiger'; allowed: 0"),
        (SEMANTIC, PETS, ACCEPT, "*/*;class=tiger", "'class' cannot be 'tiger'"),
        (SEMANTIC, PETS, ACCEPT, "application/x-npy;topk=4", "'topk' cannot be '4'; allowed: "),
        (INSTANCES, COCO, ACCEPT, "application/json;class=unicorn", "cannot be 'unicorn'; allowed"),
        (INSTANCES, COCO, ACCEPT, "application/x-protobuf, image/png;class=81", "cannot be '81'"),
        (INSTANCES, THINGS, ACCEPT, "application/json;ids=coco", "'ids' cannot be 'coco'; allowed"),
    ],
)
def test_a_choice_that_the_model_has_not_is_named_with_what_is_allowed(
    task: Task, labels: Labels, name: str, text: str, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        check_options(Settings.from_env({name: text}), labels, task)
    assert str(refused.value).startswith(f"{name}={text!r} cannot be used: option ")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("task", "labels", "env"),
    [
        (SEMANTIC, PETS, {}),
        (SEMANTIC, PETS, {ACCEPT: "image/png-overlay;class=cat;scores=1;array=boxes"}),
        (INSTANCES, COCO, {ACCEPT: "image/png-overlay;class=cat;probabilistic=1;array=scores"}),
        (INSTANCES, COCO, {ACCEPT: "application/x-protobuf;class=unicorn"}),  # JSON is meant
        (INSTANCES, COCO, {ACCEPT: "application/json;class=90", OPTIONS: "ids=coco"}),
    ],
)
def test_what_requests_can_be_answered_by_is_taken(
    task: Task, labels: Labels, env: dict[str, str]
) -> None:
    check_options(Settings.from_env(env), labels, task)


def test_what_two_settings_choose_must_go_together() -> None:
    settings = Settings.from_env({ACCEPT: "application/json;ids=coco", OPTIONS: "class=12"})
    with pytest.raises(SettingsError, match=f"{ACCEPT}=.*'class' cannot be '12'"):
        check_options(settings, COCO, INSTANCES)
