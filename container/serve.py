"""`serve`: answer /ping and /invocations for the model in SM_MODEL_DIR, or for several by name.

All else is settings.
"""

import argparse
import logging
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from container.exits import PortError
from container.folders import cache_folder, model_folder
from container.many_models import ManyModels
from container.memory import settle
from container.one_model import OneModel
from container.preparation import (
    check_options,
    choice_of,
    labels_for,
    prepared,
    task_of,
    told_of,
)
from container.server import Server
from container.user import become
from model.kinds import read_model
from serve.logs import start_log
from serve.setting import SettingsError
from serve.settings import Settings

_log = logging.getLogger(__name__)


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "serve",
        help="answer /ping and /invocations",
        description=f"{__doc__} See docs/settings.md.",
    )
    parser.add_argument("--model-dir", type=Path, help="model directory or model.tar.gz")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check what there is to check, then serve until SIGTERM."""
    settings = Settings.from_env(os.environ)
    start_log(sys.stdout, level=settings.log_level, form=settings.log_format)
    if arguments.model_dir:
        settings = replace(settings, model_dir=arguments.model_dir)
        if settings.holds_models:
            msg = "--model-dir names one model; with SEG_MODELS they are loaded by POST /models"
            raise SettingsError(msg)
    _become_user(settings)
    _check_port(settings.port)
    for line in settings.transform.warnings:
        _log.warning("%s", line)
    with cache_folder(settings.cache_dir) as cache:
        (_serve_many if settings.holds_models else _serve_one)(settings, cache)
    return 0


def _become_user(settings: Settings) -> None:
    """Be the user that is asked for, where what is served is known to be readable then."""
    if settings.multi_model == "true":
        return  # what SageMaker fetches later may be for root alone to read
    served = settings.models_dir if settings.holds_models else settings.model_dir
    reason = become(settings.user_id, served)
    if reason:
        _log.warning("serving as root, not as user %d: %s", settings.user_id, reason)


def _serve_one(settings: Settings, cache: Path) -> None:
    """Check the artifact, then serve it."""
    with model_folder(settings.model_dir) as folder:
        model = read_model(folder, told_of(settings))
        labels, task = labels_for(settings, model), task_of(model)
        check_options(settings, labels, task)
        load = prepared(model, choice_of(settings), cache)
        _log.info("loading %s from %s", model.title, model.weights_file.name)
        settle()
        Server(settings, OneModel(settings, labels, model.title, load, task=task)).run()


def _serve_many(settings: Settings, cache: Path) -> None:
    choice_of(settings).settled()  # an engine that is not there is said now
    settle()
    Server(settings, ManyModels(settings, cache)).run()


def _check_port(port: int) -> None:
    """Fail now and in one line, rather than in gunicorn's own words once the model is checked."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as err:
            reason = f"port {port} cannot be listened on: {err.strerror}"
            msg = f"{reason}; SAGEMAKER_BIND_TO_PORT moves it"
            raise PortError(msg) from err
