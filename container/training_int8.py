"""`quantize=True` of a training job: its model gets an int8/, calibrated on what it was trained on.

    photos of train, at most 30 ─ calibrate        photos of validation, at most 60 ─ judge

What judges has not been calibrated by, so the report's figures are those of photos the network has
not learnt from. It needs VNNI, as serving does: training machines with a GPU may have older cores,
and `python -m container quantize` does the same anywhere, later.
"""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from container.calibration import MOST_CALIBRATING, MOST_JUDGING
from container.photos import LabelledPhoto
from container.quantization import Plan as Quantization
from container.quantization import quantized
from container.report import table
from container.spread import evenly
from model.artifact import read_artifact
from model.convert import graphs_of
from model.engines import EngineChoice
from model.engines.engine import LargePhotos
from model.int8.report import FOLDER, Int8, Report
from train.dataset import Split
from train.plan import Plan

_NO_LIMIT = 1 << 31

_log = logging.getLogger(__name__)


def add_int8(plan: Plan) -> Report:
    """Quantize the model that is in `model/`, and put `int8/` beside it.

    Raises:
        EngineError: these cores have no VNNI.
        DataError: a photo changed since it was checked.
        OSError: the folder cannot be written.
    """
    choice = replace(plan.choice, engine="openvino", precision="int8").settled()
    folder, names = plan.job.layout.model, plan.classes.names
    with TemporaryDirectory(prefix="int8.") as name:
        scratch = Path(name)
        findings = quantized(_quantization(plan, choice, scratch))
        _put(findings.int8, folder / FOLDER)
    _log.info("quantized for int8, on photos of validation:\n%s", table(findings.outcomes, names))
    return findings.int8.report


def _quantization(plan: Plan, choice: EngineChoice, scratch: Path) -> Quantization:
    artifact = read_artifact(plan.job.layout.model)
    return Quantization(
        graphs=graphs_of(artifact, choice.psp_bins, cache=scratch, timeout_s=choice.timeout_s),
        calibrating=_photos(plan.dataset.train, MOST_CALIBRATING),
        judging=_photos(plan.dataset.validation, MOST_JUDGING),
        large=LargePhotos(choice.max_side, choice.tile_pixels),
        scratch=scratch,
    )


def _photos(split: Split, most: int) -> Sequence[LabelledPhoto]:
    # Their sizes were judged when they were read for training.
    pairs = evenly(split.pairs, most)
    return [LabelledPhoto(pair, split.label_map, _NO_LIMIT) for pair in pairs]


def _put(int8: Int8, folder: Path) -> None:
    """Take the place of an earlier model's files, the report last: without it they are none."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in reversed(int8.files):
        shutil.copyfile(path, folder / path.name)
