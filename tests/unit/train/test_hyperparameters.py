import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from train.errors import ClientError, HyperparameterError
from train.hyperparameters import Hyperparameters, table

REQUIRED = {"num_classes": "21", "num_training_samples": "1464"}


def read(**given: str) -> Hyperparameters:
    return Hyperparameters.from_strings(REQUIRED | given)


def refusal(given: dict[str, str]) -> str:
    with pytest.raises(HyperparameterError) as refused:
        Hyperparameters.from_strings(given)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 600
    return message


def test_the_required_two_alone_leave_the_guides_defaults() -> None:
    assert read() == Hyperparameters(num_classes=21, num_training_samples=1464)
    chosen = read()
    assert (chosen.backbone, chosen.algorithm, chosen.optimizer) == ("resnet-50", "fcn", "sgd")
    assert (chosen.base_size, chosen.crop_size, chosen.epochs) == (520, 240, 10)
    assert (chosen.mini_batch_size, chosen.validation_mini_batch_size) == (16, 16)
    assert (chosen.learning_rate, chosen.momentum, chosen.weight_decay) == (0.001, 0.9, 0.0001)
    assert chosen.use_pretrained_model
    assert not chosen.early_stopping
    assert not chosen.syncbn


def test_there_are_as_many_as_the_guide_lists_and_two_of_ours() -> None:
    ours = [f.name for f in fields(Hyperparameters) if f.metadata["source"] == "ours"]
    assert ours == ["class_names", "quantize"]
    assert len(fields(Hyperparameters)) == 24 + len(ours)


@pytest.mark.parametrize("names", ["sky, cat,dog", '["sky", "cat", "dog"]'])
@pytest.mark.parametrize("steps", ["3,9", "[3, 9]", '["3", "9"]'])
def test_a_list_comes_with_commas_or_as_the_sdk_writes_one(names: str, steps: str) -> None:
    told = {"lr_scheduler": "step", "lr_scheduler_step": steps}
    chosen = read(num_classes="3", class_names=names, **told)
    assert chosen.class_names == ("sky", "cat", "dog")
    assert chosen.lr_scheduler_step == (3, 9)


def test_the_notebooks_own_job() -> None:
    # As the SDK sends what Amazon's Pascal VOC notebook sets. Its early_stopping_min_epochs is no
    # less than its epochs: early stopping can do nothing there, and the job trained.
    chosen = read(
        backbone="resnet-50",
        algorithm="fcn",
        use_pretrained_model="True",
        crop_size="240",
        epochs="10",
        learning_rate="0.0001",
        optimizer="rmsprop",
        lr_scheduler="poly",
        mini_batch_size="16",
        validation_mini_batch_size="16",
        early_stopping="True",
        early_stopping_patience="2",
        early_stopping_min_epochs="10",
    )
    assert chosen == Hyperparameters(
        num_classes=21,
        num_training_samples=1464,
        learning_rate=0.0001,
        optimizer="rmsprop",
        early_stopping=True,
        early_stopping_patience=2,
        early_stopping_min_epochs=10,
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("algorithm", '"psp"', "psp"),
        ("algorithm", "'psp'", "psp"),
        ("algorithm", " DeepLab ", "deeplab"),
        ("backbone", "resnet-101", "resnet-101"),
        ("optimizer", "adadelta", "adadelta"),
        ("weight_decay", "0.000012345678901234567", 0.000012345678901234567),
        ("use_pretrained_model", "false", False),
        ("syncbn", '"True"', True),
        ("num_classes", "2", 2),
        ("num_classes", "254", 254),
        ("num_classes", "21.0", 21),
        ("num_training_samples", "1", 1),
        ("base_size", "17", 17),
        ("crop_size", "17", 17),
        ("early_stopping_min_epochs", "0", 0),
        ("early_stopping_tolerance", "1", 1.0),
        ("gamma1", "0.0", 0.0),
        ("learning_rate", "1e-4", 0.0001),
        ("learning_rate", ".5", 0.5),
        ("learning_rate", "1", 1.0),
        ("lr_scheduler_step", "10, 20", (10, 20)),
        ("lr_scheduler_step", '"5"', (5,)),
        ("optimizer", "nag", "nag"),
        ("weight_decay", "0.99999", 0.99999),
        ("epochs", "", 10),
        ("epochs", '""', 10),
    ],
)
def test_a_value_in_range_is_taken(name: str, text: str, value: object) -> None:
    assert getattr(read(**{name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("algorithm", "unet", "`fcn`, `psp`, `deeplab`, `fastscnn`"),
        ("algorithm", "danet", "`fcn`, `psp`, `deeplab`, `fastscnn`"),
        ("backbone", "resnet-34", "`resnet-50`, `resnet-101`"),
        ("use_pretrained_model", "yes", "`True`, `False`"),
        ("use_pretrained_model", "1", "`True`, `False`"),
        ("num_classes", "1", "whole number, 2 to 254"),
        ("num_classes", "255", "whole number, 2 to 254"),
        ("num_classes", "2.5", "whole number, 2 to 254"),
        ("num_classes", "9" * 5000, "whole number, 2 to 254"),
        ("num_classes", "٢١", "whole number, 2 to 254"),
        ("num_classes", "2_1", "whole number, 2 to 254"),
        ("num_training_samples", "0", "whole number, 1 or more"),
        ("num_training_samples", "-1", "whole number, 1 or more"),
        ("base_size", "16", "whole number, 17 or more"),
        ("crop_size", "16", "whole number, 17 or more"),
        ("epochs", "0", "whole number, 1 or more"),
        ("early_stopping_tolerance", "1.01", "number, 0 to 1"),
        ("early_stopping_tolerance", "-0.1", "number, 0 to 1"),
        ("gamma2", "nan", "number, 0 to 1"),
        ("learning_rate", "0", "number, more than 0 to 1"),
        ("learning_rate", "1e-999", "number, more than 0 to 1"),
        ("learning_rate", "inf", "number, more than 0 to 1"),
        ("learning_rate", "0.1\n0.2", "number, more than 0 to 1"),
        ("lr_scheduler", "linear", "`poly`, `step`, `cosine`"),
        ("lr_scheduler_step", "20, 10", "rising epoch numbers, commas between: `10, 20`"),
        ("lr_scheduler_step", "10, 10", "rising epoch numbers, commas between: `10, 20`"),
        ("lr_scheduler_step", "0, 10", "rising epoch numbers, commas between: `10, 20`"),
        ("lr_scheduler_step", "10,", "rising epoch numbers, commas between: `10, 20`"),
        ("momentum", "0", "number, more than 0 to 1"),
        ("optimizer", "lamb", "`adadelta`, `adam`, `adagrad`, `nag`, `rmsprop`, `sgd`"),
        ("weight_decay", "0", "number, more than 0 to less than 1"),
        ("weight_decay", "1", "number, more than 0 to less than 1"),
    ],
)
def test_a_value_out_of_range_is_named_with_what_is_allowed(
    name: str, text: str, allowed: str
) -> None:
    message = refusal(REQUIRED | {name: text})
    assert message == f"{name}={text[:80]!r} cannot be used; allowed: {allowed}"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_one_that_is_not_there_is_named(name: str) -> None:
    others = {key: text for key, text in REQUIRED.items() if key != name}
    for empty in ({}, {name: ""}, {name: '""'}):
        assert refusal(others | empty).startswith(f"{name} is not given; allowed: whole number")


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    message = refusal(REQUIRED | {"learnig_rate": "0.1"})
    assert message.startswith("'learnig_rate'='0.1' is no hyperparameter; there are backbone, ")
    assert message.endswith("weight_decay")


def test_what_sagemaker_and_its_sdk_add_is_passed_over() -> None:
    added = {"_tuning_objective_metric": "validation:mIOU", "sagemaker_region": '"eu-west-1"'}
    assert read(**added) == read()


def test_the_step_scheduler_needs_its_epochs() -> None:
    message = refusal(REQUIRED | {"lr_scheduler": "step"})
    assert message == (
        "lr_scheduler='step' needs lr_scheduler_step; "
        "allowed: rising epoch numbers, commas between: `10, 20`"
    )
    assert read(lr_scheduler="step", lr_scheduler_step="3").lr_scheduler_step == (3,)


def test_what_another_choice_makes_useless_is_ignored_not_refused() -> None:
    assert read(optimizer="adam", momentum="0.5", lr_scheduler_step="5").momentum == 0.5


@settings(deadline=None)
@given(name=st.sampled_from([f.name for f in fields(Hyperparameters)]), text=st.text(max_size=20))
def test_any_text_is_taken_or_refused_in_one_line(name: str, text: str) -> None:
    said = name
    try:
        read(**{name: text})
    except ClientError as err:
        said = str(err)
    assert said.startswith(name)
    assert len(said.splitlines()) == 1


@settings(deadline=None)
@given(number=st.floats(0, 1, exclude_min=True))
def test_numbers_come_through_as_python_writes_them(number: float) -> None:
    assert read(learning_rate=str(number)).learning_rate == number


def test_the_page_has_the_table() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "train.hyperparameters"], capture_output=True, text=True, check=True
    )
    assert said.stdout == table()
    page = Path("docs/training.md").read_text()
    assert table() in page, "python -m train.hyperparameters makes it"
