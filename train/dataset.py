"""The samples of a job, found, paired and checked before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.cpu import usable_cores
from train.check import Finding, check_pairs
from train.errors import ClientError
from train.job import Job
from train.label_map import LabelMap, read_label_map
from train.pairs import Pair, find_pairs, listed

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
    splits, errors, warnings = [], [], _stray_label_maps(job.channels.get("label_map"))
    for channel in ("train", "validation"):
        split, wrong, odd = _read_split(job, channel, workers or usable_cores())
        splits.append(split)
        errors += wrong
        warnings += odd
    if errors:
        count = f"{len(errors)} problems" if len(errors) > 1 else "a problem"
        msg = f"{count} with the data: {listed(errors, separator='; ')}"
        raise ClientError(msg)
    warnings += _other_count(job.hyperparameters.num_training_samples, len(splits[0].pairs))
    return Dataset(splits[0], splits[1], tuple(warnings))


def _read_split(job: Job, channel: str, workers: int) -> tuple[Split, list[str], list[str]]:
    """Return the samples, errors and warnings."""
    label_map = read_label_map(
        job.channels.get("label_map"), channel, job.hyperparameters.num_classes
    )
    found = find_pairs(channel, job.channels[channel], job.channels[f"{channel}_annotation"])
    findings = check_pairs(channel, found.pairs, label_map, workers=workers)
    errors = [*found.errors, *(finding.error for finding in findings if finding.error)]
    warnings = [*found.warnings, *_unmapped(channel, findings)]
    return Split(found.pairs, label_map), errors, warnings


def _unmapped(channel: str, findings: Sequence[Finding]) -> list[str]:
    pixels: set[int] = set().union(*(finding.unmapped for finding in findings))
    if not pixels:
        return []
    count = sum(bool(finding.unmapped) for finding in findings)
    values = listed(map(str, sorted(pixels)))
    return [
        f"{channel}_label_map.json leaves out pixel values {values}, found in {count} annotations; "
        "they are ignored"
    ]


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
