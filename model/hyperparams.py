"""`hyperparams.json`: what the training job was told, as far as serving needs it.

SageMaker hands every hyperparameter to a training job as a string, and the built-in algorithm wrote
them down that way; other writers use JSON numbers. Both are read. Spellings that differ in case,
dashes or underscores are the same. Keys that serving has no use for are ignored.
"""

from dataclasses import dataclass
from pathlib import Path

from model.algorithms import (
    ALGORITHMS,
    ALIASES,
    BACKBONE_ALIASES,
    MAX_CLASSES,
    MIN_CLASSES,
    NO_BACKBONE,
    Algorithm,
)
from model.errors import ArtifactError
from model.json_file import read_json_object

FILE_NAME = "hyperparams.json"
_MAX_DIGITS = 9


@dataclass(frozen=True)
class Hyperparams:
    """The network's name and, where the file states it, its class count."""

    algorithm: Algorithm
    backbone: str
    num_classes: int | None


def read_hyperparams(folder: Path) -> Hyperparams:
    """Read `hyperparams.json` in a model directory.

    A missing `algorithm` or `backbone` means what it means in a training job: fcn, resnet-50.

    Raises:
        ArtifactError: the file is missing, is no JSON object, or names something unknown.
    """
    values = read_json_object(folder / FILE_NAME)
    algorithm = _algorithm(values.get("algorithm", "fcn"))
    return Hyperparams(
        algorithm=algorithm,
        backbone=_backbone(algorithm, values.get("backbone", algorithm.backbones[0])),
        num_classes=_num_classes(values.get("num_classes")),
    )


def _plain(value: object) -> str:
    """`ResNet-50`, `resnet_50` and `"resnet-50"` (the SDK's quotes included) are one name."""
    return str(value).strip().strip('"').lower().replace("-", "").replace("_", "")


def _algorithm(value: object) -> Algorithm:
    name = _plain(value)
    try:
        return ALGORITHMS[ALIASES.get(name, name)]
    except KeyError as err:
        msg = (
            f"{FILE_NAME}: algorithm {str(value)[:80]!r} is unknown; known: {', '.join(ALGORITHMS)}"
        )
        raise ArtifactError(msg) from err


def _backbone(algorithm: Algorithm, value: object) -> str:
    if not algorithm.has_backbone:
        return NO_BACKBONE
    name = _plain(value)
    known = BACKBONE_ALIASES.get(name, name)
    if known in algorithm.backbones:
        return known
    unknown = f"{FILE_NAME}: backbone {str(value)[:80]!r} is unknown for {algorithm.name}"
    msg = f"{unknown}; known: {', '.join(algorithm.backbones)}"
    raise ArtifactError(msg)


def _num_classes(value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).strip().strip('"').removesuffix(".0")
    is_short_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    if is_short_number and MIN_CLASSES <= int(text) <= MAX_CLASSES:
        return int(text)
    msg = (
        f"{FILE_NAME}: num_classes is {str(value)[:80]!r}; "
        f"it must be a whole number from {MIN_CLASSES} to {MAX_CLASSES}"
    )
    raise ArtifactError(msg)
