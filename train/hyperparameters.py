r"""The hyperparameters of a training job, as data: name, range, default, one line, source.

All arrive as strings, from SDKs that quote them also as `"\"fcn\""`; an empty one counts as not
given. The table in docs/training.md is printed by `python -m train.hyperparameters`.

Source: the hyperparameter page of the algorithm in Amazon's SageMaker developer guide
(segmentation-hyperparameters), here called the guide; dates are those of its changes.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from model.algorithms import ALGORITHMS, MAX_CLASSES, MIN_CLASSES, NO_BACKBONE
from model.classes import parse_classes
from model.errors import ArtifactError
from train.errors import HyperparameterError
from train.kinds import FLAG, NAMES, STEPS, Kind, one_of, real, whole

_RESERVED = ("_", "sagemaker_")
"""How names begin that SageMaker and its SDK add: `_tuning_objective_metric`."""


def _hyperparameter(
    kind: Kind, default: Any, doc: str, *, source: str = "guide", required: bool = False
) -> Any:
    facts = {"kind": kind, "doc": doc, "source": source}
    return field(metadata=facts) if required else field(default=default, metadata=facts)


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """What the user chose, or the default, each within its range."""

    backbone: str = _hyperparameter(
        one_of("resnet-50", "resnet-101"), "resnet-50", "Network that makes the features."
    )
    use_pretrained_model: bool = _hyperparameter(
        FLAG, True, "Begin with a backbone trained on ImageNet; the decoder always begins anew."
    )
    algorithm: str = _hyperparameter(
        one_of("fcn", "psp", "deeplab", "fastscnn"),
        "fcn",
        "Decoder that makes classes of the features; `fastscnn` is a small network of its own.",
        source="guide; `fastscnn` is ours",
    )
    num_classes: int = _hyperparameter(
        whole(MIN_CLASSES, MAX_CLASSES), None, "Classes, the background counted.", required=True
    )
    class_names: tuple[str, ...] = _hyperparameter(
        NAMES, (), "What the classes are called, in `classes.json`.", source="ours"
    )
    num_training_samples: int = _hyperparameter(
        whole(1), None, "Photos of `train`: the learning rate's schedule goes by it.", required=True
    )
    base_size: int = _hyperparameter(
        whole(17),
        520,
        "Photos are scaled so that the longer side has this many pixels, times 0.5 to 2 at random.",
        source="guide, since 2020-06",
    )
    crop_size: int = _hyperparameter(
        whole(17),
        240,
        "Side of the random square cut out of the scaled photo, rounded up to a multiple of 8.",
        source="guide; 480 before 2020-11",
    )
    early_stopping: bool = _hyperparameter(
        FLAG, False, "End before `epochs` once validation no longer improves."
    )
    early_stopping_min_epochs: int = _hyperparameter(
        whole(0), 5, "Epochs that always run. `early_stopping` only."
    )
    early_stopping_patience: int = _hyperparameter(
        whole(0), 4, "Epochs without improvement that are waited for. `early_stopping` only."
    )
    early_stopping_tolerance: float = _hyperparameter(
        real(), 0.0, "Relative gain in mIOU that counts as improvement. `early_stopping` only."
    )
    epochs: int = _hyperparameter(
        whole(1), 10, "Passes over the photos of `train`.", source="guide; 30 before 2020-11"
    )
    gamma1: float = _hyperparameter(
        real(), 0.9, "Decay of the average of squared gradients. `rmsprop` only."
    )
    gamma2: float = _hyperparameter(real(), 0.9, "Momentum. `rmsprop` only.")
    learning_rate: float = _hyperparameter(real(above=0), 0.001, "Learning rate at the start.")
    lr_scheduler: str = _hyperparameter(
        one_of("poly", "step", "cosine"), "poly", "How the learning rate falls."
    )
    lr_scheduler_factor: float = _hyperparameter(
        real(), 0.1, "What the rate is multiplied by after each epoch listed. `step` only."
    )
    lr_scheduler_step: tuple[int, ...] = _hyperparameter(
        STEPS, (), "Epochs after which the rate falls. `step` only, and needed there."
    )
    mini_batch_size: int = _hyperparameter(
        whole(1), 16, "Photos in a batch of training.", source="guide; 4 before 2020-08"
    )
    momentum: float = _hyperparameter(real(above=0), 0.9, "Momentum. `sgd` only.")
    optimizer: str = _hyperparameter(
        one_of("adadelta", "adam", "adagrad", "nag", "rmsprop", "sgd"),
        "sgd",
        "How weights follow gradients.",
        source="guide; `adadelta`: its tuning page",
    )
    quantize: bool = _hyperparameter(
        FLAG,
        False,
        "Give the model an `int8/`, which serves twice as fast; needs cores with VNNI.",
        source="ours",
    )
    syncbn: bool = _hyperparameter(
        FLAG,
        False,
        "Batch statistics over the photos of all GPUs, not of each.",
        source="guide, since 2020-05",
    )
    validation_mini_batch_size: int = _hyperparameter(
        whole(1), 16, "Photos in a batch of validation.", source="guide; 4 before 2020-08"
    )
    weight_decay: float = _hyperparameter(
        real(above=0, below=1), 0.0001, "Weight decay. `sgd` only."
    )

    @property
    def gluon_backbone(self) -> str:
        """As artifacts and GluonCV spell it; NO_BACKBONE for a network that has none."""
        has_one = ALGORITHMS[self.algorithm].has_backbone
        return self.backbone.replace("-", "") if has_one else NO_BACKBONE

    @classmethod
    def from_strings(cls, given: Mapping[str, str]) -> "Hyperparameters":
        """Read what a job was told; names that SageMaker adds of its own accord are passed over.

        Raises:
            HyperparameterError: a name is unknown, a value out of its range, a required one not
                there, or two contradict each other; names it, its value and what is allowed.
        """
        texts = {name: _unquoted(text) for name, text in given.items()}
        known = {f.name: f for f in fields(cls)}
        for name, text in texts.items():
            if name not in known and not name.startswith(_RESERVED):
                msg = f"{name[:80]!r}={text[:80]!r} is no hyperparameter; there are "
                raise HyperparameterError(msg + ", ".join(known))
        values = {name: _parsed(f, texts[name]) for name, f in known.items() if texts.get(name)}
        for name, f in known.items():
            if name not in values and f.default is MISSING:
                msg = f"{name} is not given; allowed: {f.metadata['kind'].allowed}"
                raise HyperparameterError(msg)
        return _agreeing(cls(**values))


def as_strings(chosen: Hyperparameters) -> dict[str, str]:
    """As SageMaker would hand them over, defaults included and what is not given left out."""
    values = {f.name: getattr(chosen, f.name) for f in fields(chosen)}
    return {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
        if value != ()
    }


def _unquoted(text: str) -> str:
    """What an SDK wrote as JSON within the string is the same without its quotes."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def _parsed(f: Field[Any], text: str) -> Any:
    kind: Kind = f.metadata["kind"]
    try:
        return kind.parse(text)
    except ValueError as err:
        msg = f"{f.name}={text[:80]!r} cannot be used; allowed: {kind.allowed}"
        raise HyperparameterError(msg) from err


def _agreeing(chosen: Hyperparameters) -> Hyperparameters:
    if chosen.lr_scheduler == "step" and not chosen.lr_scheduler_step:
        msg = f"lr_scheduler='step' needs lr_scheduler_step; allowed: {STEPS.allowed}"
        raise HyperparameterError(msg)
    if chosen.class_names:
        try:
            values = {"classes": list(chosen.class_names)}
            parse_classes(values, chosen.num_classes, source="class_names")
        except ArtifactError as err:
            raise HyperparameterError(str(err)) from err
    return chosen


def table() -> str:
    """The hyperparameters as a Markdown table."""
    rows = ["| name | allowed | default | | source |", "| --- | --- | --- | --- | --- |"]
    for f in fields(Hyperparameters):
        allowed = f.metadata["kind"].allowed
        cells = (f"`{f.name}`", allowed, _default(f), f.metadata["doc"], f.metadata["source"])
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _default(f: Field[Any]) -> str:
    if f.default is MISSING:
        return "required"
    return f"`{f.default}`" if f.default != () else "none"


if __name__ == "__main__":
    print(table(), end="")
