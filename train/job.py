"""What a training job was told: hyperparameters, channels, hosts.

SageMaker writes the three JSON files itself, so one that is missing or damaged is an
AlgorithmError; what the user wrote into them is a ClientError.

    inputdataconfig.json  {"train": {"TrainingInputMode": "File", "ContentType": "image/jpeg"}, ...}
    resourceconfig.json   {"current_host": "algo-1", "hosts": ["algo-1"]}

Source: SageMaker's developer guide, your-algorithms-training-algo-running-container; for the
channels, semantic-segmentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model.errors import ArtifactError
from model.json_file import read_json_object
from train.errors import AlgorithmError, ClientError
from train.hyperparameters import Hyperparameters
from train.layout import Layout

REQUIRED_CHANNELS = ("train", "train_annotation", "validation", "validation_annotation")
OPTIONAL_CHANNELS = ("label_map", "model")
_MODES = ("File", "FastFile")  # both are folders of files


@dataclass(frozen=True)
class Job:
    """One training job."""

    layout: Layout
    hyperparameters: Hyperparameters
    channels: Mapping[str, Path]
    """The folder of each channel, by its name: the four required ones and those given besides."""
    name: str = ""


def read_job(env: Mapping[str, str]) -> Job:
    """Read and judge what lies in `input/config`; no file of a channel is opened.

    Args:
        env: SAGEMAKER_BASE_DIR and TRAINING_JOB_NAME are read.

    Raises:
        ClientError: a hyperparameter or a channel cannot be used, or there is more than one host.
        AlgorithmError: a file is missing or damaged, or a channel has no folder.
    """
    layout = Layout.from_env(env)
    _judge_hosts(_config(layout, "resourceconfig.json"))
    hyperparameters = Hyperparameters.from_strings(_texts(_config(layout, "hyperparameters.json")))
    channels = _channels(layout, _config(layout, "inputdataconfig.json"))
    return Job(layout, hyperparameters, channels, env.get("TRAINING_JOB_NAME", ""))


def _config(layout: Layout, name: str) -> dict[str, object]:
    try:
        return read_json_object(layout.config / name, place=str(layout.config))
    except ArtifactError as err:
        raise AlgorithmError(str(err)) from err


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    """SageMaker writes strings; files written by hand may have numbers and booleans."""
    for name, value in values.items():
        if not isinstance(value, str | int | float):
            kind = type(value).__name__
            msg = f"hyperparameters.json: {name[:80]!r} must be a string, it is a {kind}"
            raise AlgorithmError(msg)
    return {name: str(value) for name, value in values.items()}


def _judge_hosts(resources: Mapping[str, object]) -> None:
    hosts = resources.get("hosts")
    if not isinstance(hosts, list) or not hosts:
        msg = "resourceconfig.json: 'hosts' must be a list of host names"
        raise AlgorithmError(msg)
    if len(hosts) > 1:
        msg = f"the job has {len(hosts)} instances; the algorithm trains on one (InstanceCount 1)"
        raise ClientError(msg)


def _channels(layout: Layout, inputs: Mapping[str, object]) -> dict[str, Path]:
    # The input mode first: a job in Pipe mode lacks other channels with good reason.
    channels = {name: _channel(layout, name, facts) for name, facts in inputs.items()}
    missing = [name for name in REQUIRED_CHANNELS if name not in channels]
    if missing:
        msg = f"the job lacks {_named(missing)}; required: {', '.join(REQUIRED_CHANNELS)}"
        raise ClientError(msg)
    unknown = [name[:80] for name in channels if name not in REQUIRED_CHANNELS + OPTIONAL_CHANNELS]
    if unknown:
        msg = f"the job has {_named(unknown)}, which the algorithm does not know; "
        raise ClientError(msg + f"optional: {', '.join(OPTIONAL_CHANNELS)}")
    return channels


def _named(channels: list[str]) -> str:
    return f"{'channel' if len(channels) == 1 else 'channels'} {', '.join(channels)}"


def _channel(layout: Layout, name: str, facts: object) -> Path:
    if not isinstance(facts, dict):
        msg = (
            f"inputdataconfig.json: {name[:80]!r} must be an object, it is a {type(facts).__name__}"
        )
        raise AlgorithmError(msg)
    mode = facts.get("TrainingInputMode", "File")
    if mode not in _MODES:
        shown = str(mode)[:80]
        msg = f"channel {name[:80]} has input mode {shown!r}; allowed: {', '.join(_MODES)}"
        raise ClientError(msg)
    folder = layout.channel(name)
    if not folder.is_dir():
        msg = f"channel {name[:80]} has no folder in {folder.parent}"
        raise AlgorithmError(msg)
    return folder
