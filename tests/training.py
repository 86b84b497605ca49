"""A real training job on drawn shapes, laid out as SageMaker does it."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.command import RunningCommand
from tests.unit.train.samples import as_record

CHANNELS = ("train", "train_annotation", "validation", "validation_annotation")


def write_job(
    base: Path,
    *,
    photos: int = 24,
    validation_sizes: tuple[tuple[int, int], ...] = ((72, 96), (61, 97)),
    **hyperparameters: object,
) -> Path:
    """Lay a job out below `base`: disks (1) and boxes (2) on noise; sizes are (height, width)."""
    told = {"num_classes": 3, "num_training_samples": photos, **hyperparameters}
    config = base / "input" / "config"
    config.mkdir(parents=True)
    values = {
        "hyperparameters.json": {name: str(value) for name, value in told.items()},
        "inputdataconfig.json": {name: {"TrainingInputMode": "File"} for name in CHANNELS},
        "resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }
    for name, value in values.items():
        (config / name).write_text(json.dumps(value))
    for channel, sizes in (("train", ((80, 80),) * photos), ("validation", validation_sizes)):
        _draw_channel(base / "input" / "data", channel, sizes)
    return base


def _draw_channel(data: Path, channel: str, sizes: tuple[tuple[int, int], ...]) -> None:
    images, annotations = data / channel, data / f"{channel}_annotation"
    images.mkdir(parents=True)
    annotations.mkdir()
    rng = np.random.default_rng(len(channel))
    for index, (height, width) in enumerate(sizes):
        noise = rng.integers(60, 120, (height, width, 3), np.uint8)
        photo, mask = Image.fromarray(noise), Image.new("L", (width, height))
        for label, color in ((1, (230, 60, 60)), (2, (60, 90, 240))):
            x, y = (int(rng.integers(0, side // 2)) for side in (width, height))
            box = (x, y, x + width // 3, y + height // 3)
            for picture, fill in ((photo, color), (mask, label)):
                draw = ImageDraw.Draw(picture)
                (draw.ellipse if label == 1 else draw.rectangle)(box, fill)
        photo.save(images / f"{index}.png")
        mask.save(annotations / f"{index}.png")


def add_channel(base: Path, name: str) -> Path:
    """Give a job one channel more; returns its folder, which is empty."""
    path = base / "input" / "config" / "inputdataconfig.json"
    path.write_text(
        json.dumps(json.loads(path.read_text()) | {name: {"TrainingInputMode": "File"}})
    )
    folder = base / "input" / "data" / name
    folder.mkdir()
    return folder


def as_pipes(base: Path) -> dict[Path, bytes]:
    """Turn a job into one in Pipe mode: the pipes are there, and what is to come through each."""
    data, facts, streams = base / "input" / "data", {}, {}
    for channel in ("train", "validation"):
        photos = sorted((data / channel).iterdir())
        annotations = sorted((data / f"{channel}_annotation").iterdir())
        records = [
            path.read_bytes() for pair in zip(photos, annotations, strict=True) for path in pair
        ]
        streams[data / f"{channel}_0"] = b"".join(map(as_record, records))
        facts[channel] = {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO"}
        os.mkfifo(data / f"{channel}_0")
        shutil.rmtree(data / channel)
        shutil.rmtree(data / f"{channel}_annotation")
    (base / "input" / "config" / "inputdataconfig.json").write_text(json.dumps(facts))
    return streams


class RunningJob(RunningCommand):
    """`python -m container train` below `base`."""

    def __init__(self, base: Path, **settings: str) -> None:
        super().__init__("train", SAGEMAKER_BASE_DIR=str(base), **settings)


def run_job(base: Path, **settings: str) -> tuple[int, str]:
    """Run it to its end: exit code and output."""
    with RunningJob(base, **settings) as job:
        return job.wait_for_end(), job.output
