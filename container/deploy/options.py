"""What the user asks for, judged before anything is made. Pure.

The limits are those of SageMaker's CreateModel, CreateEndpointConfig and CreateEndpoint.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from container.deploy.image_uri import ImageUri
from serve.s3_uri import S3Uri
from serve.setting import SettingsError
from serve.settings import Settings

MEMORY_SIZES_MB = range(1024, 6145, 1024)
MOST_CONCURRENCY = 200
DEFAULT_MEMORY_MB, DEFAULT_CONCURRENCY = 4096, 5
_MOST_INSTANCES = 1000
_MOST_VARIABLES, _MOST_TEXT = 100, 1024

_NAME = re.compile(r"(?=.{1,50}\Z)[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_ROLE = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_INSTANCE = re.compile(r"ml\.([a-z][a-z0-9-]*)\.(medium|large|\d*xlarge)")
_ARM = re.compile(r"[a-z]+\d+g[a-z]*")  # as in ml.c7gd; NVIDIA's are g4dn, g5, g6e
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True)
class Serverless:
    """No instances: SageMaker runs the image while there are requests."""

    memory_mb: int = DEFAULT_MEMORY_MB
    max_concurrency: int = DEFAULT_CONCURRENCY

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        if self.memory_mb not in MEMORY_SIZES_MB:
            allowed = ", ".join(map(str, MEMORY_SIZES_MB))
            _refuse("--memory-mb", self.memory_mb, allowed)
        if not 1 <= self.max_concurrency <= MOST_CONCURRENCY:
            _refuse("--max-concurrency", self.max_concurrency, f"1 to {MOST_CONCURRENCY}")


@dataclass(frozen=True)
class Scaling:
    """Instances come and go between two counts, so that each has about so many invocations."""

    least: int
    most: int
    invocations: int
    """A minute and instance; waiting ones of an instance where the endpoint is asynchronous."""

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        if not 1 <= self.least <= self.most <= _MOST_INSTANCES:
            counts = f"{self.least} and {self.most}"
            _refuse("--min and --max", counts, f"1 <= min <= max <= {_MOST_INSTANCES}")
        if self.invocations < 1:
            _refuse("--invocations-per-instance", self.invocations, "1 or more")


@dataclass(frozen=True)
class Options:
    """One endpoint, as it is wanted."""

    name: str
    image: ImageUri
    model_data: S3Uri
    role: str
    environment: Mapping[str, str]
    instance_type: str = "ml.c7i.xlarge"
    serverless: Serverless | None = None
    output: S3Uri | None = None
    """Where an asynchronous endpoint writes its answers; None: it is not asynchronous."""
    scaling: Scaling | None = None

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        check_name(self.name)
        if not self.model_data.key.endswith(".tar.gz"):
            _refuse("--model-data", self.model_data, "s3://bucket/key that ends in .tar.gz")
        role = _ROLE.fullmatch(self.role)
        if role is None or role[1] != self.image.partition:
            arn = f"arn:{self.image.partition}:iam::ACCOUNT:role/NAME"
            _refuse("--role", self.role, f"a role's ARN in the image's part of AWS, {arn}")
        family = _INSTANCE.fullmatch(self.instance_type)
        if family is None:
            _refuse("--instance-type", self.instance_type, "SageMaker's, such as ml.c7i.xlarge")
        if _ARM.fullmatch(family[1]):
            _refuse("--instance-type", self.instance_type, "x86-64; this one has ARM cores")
        settings = Settings.from_env(self.environment)
        if settings.port != Settings.port:
            _refuse("--env", "SAGEMAKER_BIND_TO_PORT", "8080, the port that SageMaker asks")
        if settings.holds_models:
            several = "SEG_MODELS or SAGEMAKER_MULTI_MODEL"
            _refuse("--env", several, "settings for the one model of --model-data")

    @property
    def startup_s(self) -> int:
        """How long a container may take until /ping says 200; SageMaker's range is 60 to 3600."""
        return max(60, Settings.from_env(self.environment).startup_timeout_s)


def check_name(name: str) -> None:
    """An endpoint's name; models' and configurations' names add 13 characters, of 63 in all.

    Raises:
        SettingsError: it cannot be one.
    """
    if not _NAME.fullmatch(name):
        _refuse("--name", name, "1 to 50 letters, digits and, between them, hyphens")


def image_of(text: str) -> ImageUri:
    """--image.

    Raises:
        SettingsError: it is none.
    """
    try:
        return ImageUri.parse(text)
    except ValueError as err:
        _refuse("--image", text, str(err))


def s3_of(option: str, text: str) -> S3Uri:
    """An S3 URI; a slash at its end means nothing.

    Raises:
        SettingsError: it is none.
    """
    try:
        return S3Uri.parse(text.removesuffix("/"))
    except ValueError as err:
        _refuse(option, text, str(err))


def environment_of(pairs: Sequence[str]) -> Mapping[str, str]:
    """--env NAME=VALUE, each.

    Raises:
        SettingsError: one is no pair, or they are more or longer than SageMaker takes.
    """
    environment = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):
            _refuse("--env", pair, "NAME=VALUE, a name of letters, digits and _")
        if max(len(name), len(value)) > _MOST_TEXT:
            _refuse("--env", pair, f"names and values of at most {_MOST_TEXT} characters")
        environment[name] = value
    if len(environment) > _MOST_VARIABLES:
        _refuse("--env", f"{len(environment)} variables", f"at most {_MOST_VARIABLES}")
    return environment


def _refuse(option: str, value: object, allowed: str) -> NoReturn:
    msg = f"{option}: {str(value)[:200]!r} cannot be used; allowed: {allowed}"
    raise SettingsError(msg)
