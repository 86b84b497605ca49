"""The quantized body on disk, beside `graphs/`: whose it is, and what it is worth.

    int8/body.onnx, body.bin            the graph and its weights; its heads are those of `graphs/`
    int8/tile.onnx, tile_pools.onnx     the same for large photos (model/tiling/surgery.py)
    int8/report.json                    format, key, and the SHA-256 of all; on which photos it
                                        was calibrated and judged, and how it did

The key is that of the graphs (model/graphs.py): whatever changes a conversion makes this stale.
What is stale or damaged is never run. Imports nothing that makes or runs a graph, as servers read
it.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from model.errors import ArtifactError, EngineError
from model.graphs import DATA, Identity, hash_of, is_own
from model.json_file import read_json_object
from model.tiling.plan import POOLS, TILE

FOLDER = "int8"
REPORT = "report.json"
FILES = (DATA, *(f"{name}.onnx" for name in ("body", TILE, POOLS)))
"""All that belongs to it but the report."""
LEAST_SAME_IDS = 0.99
"""Share of pixels with float32's class: below it more is left out, and `auto` does not take it."""
MOST_LOSS = 0.005
"""Of mean IoU."""

_FORMAT = 1
_MAKE = "`python -m container quantize` makes it"


@dataclass(frozen=True)
class Figures:
    """Measured on annotated photos."""

    mean_iou: float
    pixel_accuracy: float
    iou: tuple[float | None, ...]
    """By class id; None for one neither annotated nor predicted."""


@dataclass(frozen=True)
class Report:
    """How a quantized body does beside the float32 one."""

    photos_calibrated: int
    photos_judged: int
    """None of them is one of the calibrated."""
    convolutions: int
    left_out: tuple[str, ...]
    """Of the convolutions, the nodes that are not quantized."""
    same_ids: float
    """Share of all pixels judged that have float32's class."""
    same_ids_worst_photo: float
    f32: Figures | None = None
    int8: Figures | None = None

    @property
    def loss(self) -> float | None:
        """Of mean IoU; None where it was not measured."""
        return self.f32.mean_iou - self.int8.mean_iou if self.f32 and self.int8 else None

    @property
    def is_faithful(self) -> bool:
        """Whether `auto` may take it."""
        return self.same_ids >= LEAST_SAME_IDS and (self.loss is None or self.loss <= MOST_LOSS)


@dataclass(frozen=True)
class Int8:
    """A quantized body that is whole and its artifact's own."""

    folder: Path
    report: Report

    @property
    def files(self) -> list[Path]:
        """All that belongs to it, and nothing that lies beside."""
        return [self.folder / name for name in (REPORT, *FILES)]


def write_report(folder: Path, identity: Identity, report: Report) -> Int8:
    """Write report.json beside the body, last of the files."""
    hashes = {name: hash_of(folder / name) for name in FILES}
    values = {"format": _FORMAT, "key": identity.key, "sha256": hashes, **asdict(report)}
    (folder / REPORT).write_text(json.dumps(values, indent=2, allow_nan=False) + "\n")
    return Int8(folder, report)


def read_int8(folder: Path, identity: Identity) -> Int8:
    """The quantized body in `folder`.

    Raises:
        EngineError: there is none, it is another model's, or it is damaged; says what makes one.
    """
    if not folder.is_dir():
        msg = f"int8 needs {FOLDER}/ in the model, which is not there; {_MAKE}"
        raise EngineError(msg)
    try:
        values = read_json_object(folder / REPORT, place=f"{FOLDER}/")
    except ArtifactError as err:
        msg = f"{FOLDER}/ cannot be used: {err}; {_MAKE} anew"
        raise EngineError(msg) from err
    if (values.get("format"), values.get("key")) != (_FORMAT, identity.key):
        msg = f"{FOLDER}/ was made of other weights, or by another version; {_MAKE} anew"
        raise EngineError(msg)
    return Int8(folder, _checked(folder, values))


def find_int8(folder: Path, identity: Identity) -> Int8 | None:
    """The same; None where there is none that can be used."""
    try:
        return read_int8(folder, identity)
    except EngineError:
        return None


def _checked(folder: Path, values: dict[str, Any]) -> Report:
    try:
        damaged = [each for each in FILES if not is_own(folder / each, values["sha256"][each])]
        report = _parsed(values)
    except (OSError, KeyError, TypeError, ValueError) as err:
        msg = f"{FOLDER}/ is not whole; {_MAKE} anew"
        raise EngineError(msg) from err
    if damaged:
        msg = f"{FOLDER}/{damaged[0]} is damaged or missing; {_MAKE} anew"
        raise EngineError(msg)
    return report


def _parsed(values: dict[str, Any]) -> Report:
    return Report(
        photos_calibrated=int(values["photos_calibrated"]),
        photos_judged=int(values["photos_judged"]),
        convolutions=int(values["convolutions"]),
        left_out=tuple(map(str, values["left_out"])),
        same_ids=_finite(values["same_ids"]),
        same_ids_worst_photo=_finite(values["same_ids_worst_photo"]),
        f32=_figures(values["f32"]),
        int8=_figures(values["int8"]),
    )


def _figures(values: dict[str, Any] | None) -> Figures | None:
    if values is None:
        return None
    iou = tuple(None if each is None else _finite(each) for each in values["iou"])
    return Figures(_finite(values["mean_iou"]), _finite(values["pixel_accuracy"]), iou)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        msg = f"{value!r} is no number"
        raise ValueError(msg)
    return float(value)
