"""`train`: a training job as SageMaker lays it out below SAGEMAKER_BASE_DIR.

Takes no options: what is to be done stands in input/config. docs/training.md has the contract. Ends
with 0 when the model is written, 1 where the job's hyperparameters or data are at fault, 2 where we
are, 143 when it was stopped and can go on from its checkpoint.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from container.preparation import choice_of
from model.algorithms import DEFAULT_PSP_BINS
from model.classes import Classes
from model.cpu import usable_cores
from model.errors import EngineError
from serve.labels import BACKGROUND, labels_of
from serve.settings import Settings, SettingsError
from train.dataset import read_dataset
from train.errors import ClientError, TrainError
from train.failure import reason, write_failure
from train.history import Epoch
from train.hyperparameters import Hyperparameters
from train.job import read_job
from train.layout import Layout
from train.loader import Loader
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
    try:
        return _train(_plan(os.environ))
    except Exception as err:
        write_failure(layout.failure, err)
        if not isinstance(err, TrainError):
            traceback.print_exc()
        print(f"error: {reason(err)}", file=sys.stderr)
        return _CLIENTS_FAULT if isinstance(err, ClientError) else _OUR_FAULT


def _plan(env: Mapping[str, str]) -> Plan:
    """All that can be judged before a network is built."""
    job = read_job(env)
    choice = _choice(env)
    dataset = read_dataset(job)
    for line in dataset.warnings:
        _log.warning("%s", line)
    backbones = Path(env.get("SEG_BACKBONE_DIR") or _BACKBONES)
    start = find_start(job.channels.get("model"), backbones, job.hyperparameters)
    _log.info("%s", start.words)
    return Plan(job, dataset, start, _classes(job.hyperparameters), choice)


def _train(plan: Plan) -> int:
    os.environ.setdefault("OMP_NUM_THREADS", str(usable_cores()))  # mxnet reads it at its import
    from train.loop import Training  # noqa: PLC0415  # bad jobs end before mxnet is imported

    watch = _Watch()
    try:
        with watch.listening(), Loader() as loader, logging_redirect_tqdm():
            Training(plan, loader, watch).run()
    except Interrupted as err:
        _log.info("%s", err)
        return _STOPPED
    _log.info("wrote the model to %s", plan.job.layout.model)
    return 0


def _choice(env: Mapping[str, str]) -> Any:
    """The engine that serves, at the photos' own sizes, with the bins that are trained."""
    try:
        settings = Settings.from_env(env)
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


class _Watch:
    """See `train.loop.Watch`."""

    def __init__(self) -> None:
        self._is_stopping = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Have SIGTERM and Ctrl-C ask for a checkpoint; before and after they just end it."""
        before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def is_stopping(self) -> bool:
        return self._is_stopping

    def shown(self, items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
        bar: Iterable[Any] = tqdm(items, total=total, desc=what, leave=False, disable=None)
        return bar

    def epoch_over(self, history: Sequence[Epoch]) -> None:
        """Nothing yet."""

    def _stop(self, number: int, _frame: Any) -> None:
        if not self._is_stopping:
            _log.info("%s: stopping after this step", signal.Signals(number).name)
        self._is_stopping = True
