"""What `deploy` is given: its arguments, and the options that they mean together."""

import argparse
import os

from container.deploy import options as judged
from container.deploy.options import Options, Scaling, Serverless
from serve.setting import SettingsError

_INVOCATIONS, _BACKLOG = 60, 5


def add_what(parser: argparse.ArgumentParser) -> None:
    """What is to run, as whom, and what it is called."""
    add = parser.add_argument
    add("--model-data", metavar="S3_URI", help="the model.tar.gz; required")
    add("--image", metavar="URI", help="as build_and_push.sh prints it; required")
    add("--role", metavar="ARN", help="SageMaker takes it; default: SAGEMAKER_ROLE_ARN")
    add("--name", default="segmentation", help="the endpoint's; default: %(default)s")
    add(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the container (docs/settings.md); may be given often",
    )


def add_how(parser: argparse.ArgumentParser) -> None:
    """What it is to run on, and how many."""
    add = parser.add_argument
    add("--instance-type", metavar="TYPE", help=f"default: {Options.instance_type}")
    add("--serverless", action="store_true", help="no instances; no GPU, 4 MB a photo and answer")
    add("--memory-mb", type=int, metavar="N", help=f"default: {judged.DEFAULT_MEMORY_MB}")
    add("--max-concurrency", type=int, metavar="N", help=f"default: {judged.DEFAULT_CONCURRENCY}")
    add("--async", dest="later", action="store_true", help="photos and answers are in S3")
    add("--output", metavar="S3_URI", help="where --async writes the answers")
    add("--min", type=int, metavar="N", help="least instances; with --max: automatic scaling")
    add("--max", type=int, metavar="N", help="most instances")
    add(
        "--invocations-per-instance",
        type=int,
        metavar="N",
        help=f"what scaling aims at, a minute; default: {_INVOCATIONS}. "
        f"With --async: photos that wait, default: {_BACKLOG}",
    )


def add_common(parser: argparse.ArgumentParser) -> None:
    """Also after `delete`, where SUPPRESS keeps what was said before it."""
    add, unsaid = parser.add_argument, argparse.SUPPRESS
    add("--region", default=unsaid, metavar="R", help="default: the image's, or the configured one")
    add("--wait", default=unsaid, action=argparse.BooleanOptionalAction, help="default: --wait")


def options_of(arguments: argparse.Namespace) -> Options:
    """The options, or what is wrong with them.

    Raises:
        SettingsError: one is missing, cannot be used, or does not go with another.
    """
    for option in ("model_data", "image"):
        if getattr(arguments, option) is None:
            msg = f"--{option.replace('_', '-')} is required"
            raise SettingsError(msg)
    role = arguments.role or os.environ.get("SAGEMAKER_ROLE_ARN")
    if not role:
        msg = "--role (or SAGEMAKER_ROLE_ARN) is required; docs/deploy.md has how to make one"
        raise SettingsError(msg)
    _check_companions(arguments)
    return Options(
        name=arguments.name,
        image=judged.image_of(arguments.image),
        model_data=judged.s3_of("--model-data", arguments.model_data),
        role=role,
        environment=judged.environment_of(arguments.env),
        instance_type=arguments.instance_type or Options.instance_type,
        serverless=_serverless(arguments),
        output=judged.s3_of("--output", arguments.output) if arguments.later else None,
        scaling=_scaling(arguments),
    )


_COMPANIONS = (
    ("memory_mb", "serverless"),
    ("max_concurrency", "serverless"),
    ("output", "later"),
    ("later", "output"),
    ("min", "max"),
    ("max", "min"),
    ("invocations_per_instance", "min"),
)
"""An option, and the one that it needs beside it."""
_RIVALS = ("later", "instance_type", "min")
"""What --serverless cannot have beside it."""


def _check_companions(arguments: argparse.Namespace) -> None:
    given = {
        name for name, value in vars(arguments).items() if not (value is None or value is False)
    }
    for option, other in _COMPANIONS:
        if option in given and other not in given:
            msg = f"{_spelled(option)} needs {_spelled(other)} beside it"
            raise SettingsError(msg)
    for rival in _RIVALS:
        if {rival, "serverless"} <= given:
            msg = f"--serverless and {_spelled(rival)} do not go together"
            raise SettingsError(msg)


def _spelled(option: str) -> str:
    return "--async" if option == "later" else f"--{option.replace('_', '-')}"


def _serverless(arguments: argparse.Namespace) -> Serverless | None:
    if not arguments.serverless:
        return None
    memory_mb, concurrency = arguments.memory_mb, arguments.max_concurrency
    return Serverless(
        judged.DEFAULT_MEMORY_MB if memory_mb is None else memory_mb,
        judged.DEFAULT_CONCURRENCY if concurrency is None else concurrency,
    )


def _scaling(arguments: argparse.Namespace) -> Scaling | None:
    if arguments.min is None:
        return None
    usual = _BACKLOG if arguments.later else _INVOCATIONS
    chosen = arguments.invocations_per_instance
    return Scaling(arguments.min, arguments.max, usual if chosen is None else chosen)
