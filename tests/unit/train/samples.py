"""Small photos and annotations in the layout of a training job."""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.hyperparameters import Hyperparameters
from train.job import REQUIRED_CHANNELS, Job
from train.layout import Layout


def write_job(base: Path, *, told: int = 2, num_classes: int = 3) -> Job:
    """A job of two samples, `a` and `b`, to train on and one, `v`, to validate with."""
    layout = Layout(base)
    channels = {name: layout.channel(name) for name in REQUIRED_CHANNELS}
    for folder in channels.values():
        folder.mkdir(parents=True)
    chosen = Hyperparameters(num_classes=num_classes, num_training_samples=told)
    job = Job(layout, chosen, channels)
    for channel, name in (("train", "a"), ("train", "b"), ("validation", "v")):
        write_sample(job, channel, name)
    return job


def write_sample(
    job: Job, channel: str, name: str, mask: NDArray[np.uint8] | None = None
) -> tuple[Path, Path]:
    """A 6 x 8 photo and its annotation, labels 0 to 2 and 255 unless told; returns both paths."""
    labels = np.resize(np.array((0, 1, 2, 255), np.uint8), (6, 8)) if mask is None else mask
    photo = job.channels[channel] / f"{name}.jpg"
    annotation = job.channels[f"{channel}_annotation"] / f"{name}.png"
    for path in (photo, annotation):
        path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (9, 99, 199)).save(photo)
    Image.fromarray(labels).save(annotation)
    return photo, annotation


def gray_png(values: NDArray[np.uint8], bits: int) -> bytes:
    """A PNG of (H, W) `values` in gray of 1, 2, 4 or 8 bits, which Pillow reads but does not write.

    PNG specification (W3C), 7.2: the leftmost pixel is in a byte's high bits, rows end with one.
    """
    height, width = values.shape
    planes = np.unpackbits(values[..., np.newaxis], axis=2)[..., 8 - bits :]
    rows = np.packbits(planes.reshape(height, width * bits), axis=1)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


MAGIC = bytes.fromhex("0a23d7ce")


def part(flag: int, content: bytes) -> bytes:
    """One part of a RecordIO record, with its padding."""
    header = MAGIC + struct.pack("<I", flag << 29 | len(content))
    return header + content + bytes(-len(content) % 4)


def as_record(content: bytes) -> bytes:
    """A RecordIO record, cut wherever the magic stands in it at a multiple of 4."""
    starts = [at for at in range(0, len(content) - 3, 4) if content[at : at + 4] == MAGIC]
    edges = zip([0, *(at + 4 for at in starts)], [*starts, len(content)], strict=True)
    pieces = [content[start:end] for start, end in edges]
    flags = [1, *[2] * (len(pieces) - 2), 3] if len(pieces) > 1 else [0]
    return b"".join(map(part, flags, pieces))
