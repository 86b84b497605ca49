"""`train`: a training job as SageMaker lays it out below SAGEMAKER_BASE_DIR.

Takes no options: what is to be done stands in input/config. docs/training.md has the contract. Ends
with 0 when the model is written, 1 where the job's hyperparameters or data are at fault, 2 where we
are, 143 when it was stopped and can go on from its checkpoint.
"""

import argparse
import contextlib
import errno
import logging
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm.contrib.logging import logging_redirect_tqdm

from container.preparation import choice_of
from container.progress import ProgressWatch
from container.spread import evenly
from container.training_pictures import MOST_COMPARED, write_comparisons
from container.verdict import verdict
from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import read_artifact
from model.classes import Classes
from model.cpu import usable_cores
from model.engines import EngineChoice, prepare_engine
from model.errors import EngineError
from serve.labels import BACKGROUND, labels_of
from serve.setting import SettingsError
from serve.settings import Settings
from train.dataset import read_dataset
from train.errors import AlgorithmError, ClientError, TrainError
from train.failure import reason, write_failure
from train.hyperparameters import Hyperparameters
from train.job import Job, read_job
from train.layout import Layout
from train.loader import Loader
from train.pipe import spooled
from train.plan import Plan
from train.start import find_start
from train.watch import Interrupted

_CLIENTS_FAULT, _OUR_FAULT, _STOPPED = 1, 2, 128 + signal.SIGTERM
_BACKBONES = "/opt/backbones"

_log = logging.getLogger(__name__)


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "train",
        help="run a training job",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Train; whatever goes wrong is in `output/failure`, in one line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    layout = Layout.from_env(os.environ)
    with contextlib.suppress(OSError):
        layout.failure.unlink()  # of an earlier try, on a machine that keeps it
    try:
        job, choice = read_job(os.environ), _choice(os.environ)
        with _files_of(job) as in_files:
            return _train(_plan(in_files, choice, os.environ))
    except Exception as raised:
        err = _judged(raised)
        write_failure(layout.failure, err)
        if not isinstance(err, TrainError):
            traceback.print_exc()
        print(f"error: {reason(err)}", file=sys.stderr)
        return _CLIENTS_FAULT if isinstance(err, ClientError) else _OUR_FAULT


def _judged(err: Exception) -> Exception:
    """The same, but for disks: one that is full is too small, one that is refused has a path."""
    if isinstance(err, OSError) and err.errno in (errno.ENOSPC, errno.EDQUOT):
        return ClientError("a volume is full; a larger VolumeSizeInGB holds model and checkpoints")
    if isinstance(err, OSError) and err.filename and err.strerror:
        return AlgorithmError(f"{err.filename}: {err.strerror}")
    return err


@contextlib.contextmanager
def _files_of(job: Job) -> Iterator[Job]:
    """The job with its samples in files, which are removed where they came through pipes."""
    if not job.pipes:
        yield job
        return
    _log.info("reading %s, to be kept on disk", " and ".join(job.pipes))
    for left in job.layout.base.glob("pipes.*"):  # by a job that was killed
        shutil.rmtree(left, ignore_errors=True)
    # On the job's volume, whose size the user has chosen.
    with tempfile.TemporaryDirectory(prefix="pipes.", dir=job.layout.base) as folder:
        yield spooled(job, Path(folder))


def _plan(job: Job, choice: EngineChoice, env: Mapping[str, str]) -> Plan:
    """All that can be judged before a network is built."""
    dataset = read_dataset(job)
    for line in dataset.warnings:
        _log.warning("%s", line)
    backbones = Path(env.get("SEG_BACKBONE_DIR") or _BACKBONES)
    start = find_start(job.channels.get("model"), backbones, job.hyperparameters)
    _log.log(logging.WARNING if start.is_short else logging.INFO, "%s", start.words)
    return Plan(job, dataset, start, _classes(job.hyperparameters), choice)


def _train(plan: Plan) -> int:
    os.environ.setdefault("OMP_NUM_THREADS", str(usable_cores()))  # mxnet reads it at its import
    title = " ".join(filter(None, (plan.chosen.algorithm, plan.job.name)))
    watch = ProgressWatch(plan.job.layout.output, title)
    try:
        with Loader(is_stopping=watch.is_stopping) as loader, logging_redirect_tqdm():
            with watch.listening():
                from train.loop import Training  # noqa: PLC0415  # bad jobs never import mxnet

                Training(plan, loader, watch).run()
            _compare(plan, loader)
            _quantize(plan)
    except Interrupted as err:
        _log.info("%s; a checkpoint is written", err)
        return _STOPPED
    _log.info("wrote the model to %s", plan.job.layout.model)
    return 0


def _compare(plan: Plan, loader: Loader) -> None:
    """Draw some photos of validation with what the model that is served makes of them.

    Whatever goes wrong is a warning: the model is written, and is what the job was for.
    """
    try:
        _write_comparisons(plan, loader)
    except Exception as err:  # see above
        _log.warning("comparisons cannot be written: %s", reason(err))


def _quantize(plan: Plan) -> None:
    """Add int8/ where the job asks for it; as with comparisons, the model is there without it."""
    if not plan.chosen.quantize:
        return
    from container.training_int8 import add_int8  # noqa: PLC0415  # onnx: few jobs need it

    try:
        _log.info("%s", verdict(add_int8(plan)))
    except Exception as err:  # see above
        _log.warning("the model is not quantized: %s", reason(err))


def _write_comparisons(plan: Plan, loader: Loader) -> None:
    layout, split = plan.job.layout, plan.dataset.validation
    artifact = read_artifact(layout.model)
    engine = prepare_engine(artifact, plan.choice, layout.model)()
    labels = labels_of(artifact.classes, plan.classes.names, plan.classes.palette)
    picked = loader.samples(replace(split, pairs=tuple(evenly(split.pairs, MOST_COMPARED))))
    samples = ((sample.name, sample.image, sample.labels) for sample in picked)
    write_comparisons(layout.output, samples, engine, labels)


def _choice(env: Mapping[str, str]) -> EngineChoice:
    """The engine that serves, at the photos' own sizes, with the bins that are trained."""
    try:
        settings = Settings.from_env(env)
        if settings.precision == "int8":
            msg = (
                "SEG_PRECISION=int8 is for serving: a model is quantized when it is trained, by "
                "`python -m container quantize`; validation runs in auto, f32, bf16 or f16"
            )
            raise ClientError(msg)
        choice = replace(choice_of(settings), psp_bins=DEFAULT_PSP_BINS, max_side=0)
        return choice.settled()
    except (SettingsError, EngineError) as err:
        raise ClientError(str(err)) from err


def _classes(chosen: Hyperparameters) -> Classes:
    """Names and colours as they would be drawn without the file."""
    labels = labels_of(chosen.num_classes, chosen.class_names or None)
    names = labels.names
    if labels.has_background and not chosen.class_names:
        names = (BACKGROUND, *names[1:])
    colors = labels.palette[: chosen.num_classes].tolist()
    return Classes(names, tuple((red, green, blue) for red, green, blue in colors))
