"""`evaluate`: how exact a model is on labelled photos, engine by engine.

A photo x.jpg goes with the annotation x.png, whose pixels are class ids, 255 for those that do not
count, or what a label map makes one of: a training job's channel can be evaluated as it is. IoU and
accuracy are over all pixels of all photos; seconds are those of the network and its mask. All is
checked before a network runs, but for the photos' pixels.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from container.folders import cache_folder, model_folder
from container.outcome import FirstMasks, Outcome, outcome_of
from container.photos import LabelledPhoto, find_photos, label_map_of
from container.preparation import choice_of, labels_for, prepared_engine, told_of
from container.report import json_values, table
from model.artifact import Artifact
from model.engines import EngineChoice
from model.engines.engine import PRECISIONS
from model.kinds import read_segmentation
from model.metrics import iou_of, mean_of, pixel_accuracy, shares_of
from serve.encode.png import encode_png
from serve.render.confusion import confusion_picture
from serve.setting import SettingsError
from serve.settings import Settings


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a model on labelled photos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model-dir", type=Path, help="model directory or model.tar.gz; default: SM_MODEL_DIR")
    add("--images", type=Path, required=True, help="folder of photos")
    add("--annotations", type=Path, required=True, help="folder of their annotations")
    add("--label-map", type=Path, metavar="FILE", help="as train_label_map.json of a training job")
    add(
        "--engines",
        metavar="ENGINE[:PRECISION],...",
        help="such as mxnet,openvino:f32,openvino:bf16; default: what `serve` takes",
    )
    add("-o", "--out", type=Path, help="folder for the confusion matrices, a PNG an engine")
    add("--json", type=Path, metavar="FILE", help="write the figures, and more, as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check everything, then run the engines one after the other."""
    settings = Settings.from_env(os.environ)
    path = arguments.model_dir or settings.model_dir
    choices = _choices(arguments.engines, choice_of(settings))
    with model_folder(path) as folder, cache_folder(settings.cache_dir) as cache:
        artifact = read_segmentation(folder, told_of(settings))
        names = labels_for(settings, artifact).names
        label_map = label_map_of(arguments.label_map, artifact.classes)
        _make_room(arguments.out, arguments.json)
        photos, warnings = find_photos(
            arguments.images, arguments.annotations, label_map, max_pixels=settings.max_pixels
        )
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        outcomes = _outcomes(artifact, choices, cache, photos)
    print(f"{artifact.title}, {len(photos)} photos\n\n{table(outcomes, names)}")
    _write(arguments, outcomes, names)
    return 0


def _outcomes(
    artifact: Artifact,
    choices: Sequence[EngineChoice],
    cache: Path,
    photos: Sequence[LabelledPhoto],
) -> list[Outcome]:
    first, outcomes = FirstMasks(), []
    for choice in choices:
        engine = prepared_engine(artifact, choice, cache)()
        title = f"{engine.name} {engine.precision}"
        shown = tqdm(photos, desc=title, unit="photo", disable=None)  # a bar, on a terminal
        outcomes.append(outcome_of(engine, shown, first))
    return outcomes


def _choices(text: str | None, served: EngineChoice) -> list[EngineChoice]:
    """The engines asked for; the precision may be the model's to decide.

    Raises:
        SettingsError: there is no such engine.
        EngineError: it is not installed, or does not know the precision.
    """
    parts = text.split(",") if text is not None else []
    choices = [_choice(part.strip(), served) for part in parts] or [served]
    for choice in choices:
        choice.settled()  # what cannot be had is said now
    return choices


def _choice(text: str, served: EngineChoice) -> EngineChoice:
    engine, _, precision = text.partition(":")
    if engine not in PRECISIONS:
        msg = f"--engines: there is no engine {engine[:80]!r}; allowed: {', '.join(PRECISIONS)}"
        raise SettingsError(msg)
    return replace(served, engine=engine, precision=precision or "auto")


def _make_room(out: Path | None, numbers: Path | None) -> None:
    """Fail now rather than after the last photo."""
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        if numbers is not None:
            was_there = numbers.exists()
            numbers.open("a").close()
            if not was_there:  # an empty file would be no JSON, were the photos no good
                numbers.unlink()
    except OSError as err:
        msg = f"{str(err.filename)[:80]!r} cannot be written: {err.strerror}"
        raise SettingsError(msg) from err


def _write(
    arguments: argparse.Namespace, outcomes: Sequence[Outcome], names: Sequence[str]
) -> None:
    files: dict[Path, bytes] = {}
    if arguments.json is not None:
        values = json.dumps(json_values(outcomes, names), ensure_ascii=False, allow_nan=False)
        files[arguments.json] = values.encode() + b"\n"
    if arguments.out is not None:
        for each in outcomes:
            path = arguments.out / f"confusion-{each.engine}-{each.precision}.png"
            files[path] = _picture(each, names)
    for path, content in files.items():
        try:
            path.write_bytes(content)
        except OSError as err:
            msg = f"{str(path)[:80]!r} cannot be written: {err.strerror}"
            raise SettingsError(msg) from err
        print(f"wrote {path}")


def _picture(outcome: Outcome, names: Sequence[str]) -> bytes:
    confusion = outcome.confusion
    miou, accuracy = mean_of(iou_of(confusion)), pixel_accuracy(confusion)
    title = f"{outcome.title}: mIoU {miou:.3f}, pixel accuracy {accuracy:.3f}"
    return encode_png(confusion_picture(shares_of(confusion), names, title))
