"""The samples of a job, found, paired and checked before anything is trained."""

from dataclasses import dataclass
from pathlib import Path

from model.cpu import usable_cores
from train.check import Check, find_checked
from train.errors import ClientError
from train.job import Job
from train.label_map import LabelMap, read_label_map
from train.pairs import ANNOTATION_SUFFIXES, PHOTO_SUFFIXES, Folder, Pair, listed, problems

_LABEL_MAPS = {f"{channel}_label_map.json" for channel in ("train", "validation")}


@dataclass(frozen=True)
class Split:
    """The samples of `train` or of `validation`."""

    pairs: tuple[Pair, ...]
    label_map: LabelMap


@dataclass(frozen=True)
class Dataset:
    """What a job trains on and validates with."""

    train: Split
    validation: Split
    warnings: tuple[str, ...]
    """One line each; none keeps the job from training."""


def read_dataset(job: Job, *, workers: int | None = None) -> Dataset:
    """Pair and check every file of a job's channels.

    Args:
        job: what SageMaker laid out.
        workers: processes that decode; as many as there are cores unless told.

    Raises:
        ClientError: something cannot be trained on: the first few are named, and how many more.
        AlgorithmError: a process that decoded pictures died.
    """
    splits: list[Split] = []
    errors: list[str] = []
    warnings = _stray_label_maps(job.channels.get("label_map"))
    for channel in ("train", "validation"):
        check = _check(job, channel)
        found = find_checked(check, workers=workers or usable_cores())
        splits.append(Split(found.pairs, check.label_map))
        errors += found.errors
        warnings += found.warnings
    if errors:
        raise ClientError(problems(errors))
    warnings += _other_count(job.hyperparameters.num_training_samples, len(splits[0].pairs))
    return Dataset(splits[0], splits[1], tuple(warnings))


def _check(job: Job, channel: str) -> Check:
    annotation = f"{channel}_annotation"
    return Check(
        Folder(job.channels[channel], channel, PHOTO_SUFFIXES),
        Folder(job.channels[annotation], annotation, ANNOTATION_SUFFIXES),
        _label_map(job, channel),
    )


def _label_map(job: Job, channel: str) -> LabelMap:
    folder = job.channels.get("label_map")
    path = folder / f"{channel}_label_map.json" if folder else None
    there = path if path and path.exists() else None
    return read_label_map(there, job.hyperparameters.num_classes)


def _stray_label_maps(folder: Path | None) -> list[str]:
    """A label map under another name would be passed over without a word."""
    if folder is None:
        return []
    names = {path.name for path in folder.iterdir()}
    others = listed(sorted(names - _LABEL_MAPS)) or "nothing"
    allowed = " and ".join(sorted(_LABEL_MAPS))
    if not names & _LABEL_MAPS:
        msg = f"channel label_map has {others}; allowed: {allowed}, one or both"
        raise ClientError(msg)
    stray = f"files of label_map beside {allowed} are passed over: {others}"
    return [stray] if names - _LABEL_MAPS else []


def _other_count(told: int, found: int) -> list[str]:
    if told == found:
        return []
    return [f"num_training_samples={told}, and train has {found}; the schedule goes by the former"]
