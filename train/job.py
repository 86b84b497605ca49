"""What a training job was told: hyperparameters, channels, hosts.

SageMaker writes the three JSON files itself, so one that is missing or damaged is an
AlgorithmError; what the user wrote into them is a ClientError.

    inputdataconfig.json  {"train": {"TrainingInputMode": "File", "ContentType": "image/jpeg"}, ...}
    resourceconfig.json   {"current_host": "algo-1", "hosts": ["algo-1"]}

In Pipe mode SageMaker streams the files that an augmented manifest names, each photo followed by
its annotation, so there are two channels instead of four:

    inputdataconfig.json  {"train": {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO",
                                     "ContentType": "application/x-recordio"}, "validation": ...}

ContentType is not judged: it changes nothing in what comes.

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
PIPE_CHANNELS = ("train", "validation")
"""Those that are required, and alone can be pipes, in Pipe mode."""
OPTIONAL_CHANNELS = ("label_map", "model")
_FILE_MODES = ("File", "FastFile")  # both are folders of files
_PIPE = "Pipe"

_Facts = Mapping[str, object]
"""What inputdataconfig.json says of one channel."""


@dataclass(frozen=True)
class Job:
    """One training job."""

    layout: Layout
    hyperparameters: Hyperparameters
    channels: Mapping[str, Path]
    """The folder of each channel, by its name: the four required ones and those given besides.

    Of a channel in `pipes`: the pipe instead, and no folder of annotations beside it.
    """
    name: str = ""
    pipes: tuple[str, ...] = ()
    """Channels in Pipe mode: none, or `train` and `validation`, to go through `pipe.spooled`."""


def read_job(env: Mapping[str, str]) -> Job:
    """Read and judge what lies in `input/config`; no file or pipe of a channel is opened.

    Args:
        env: SAGEMAKER_BASE_DIR and TRAINING_JOB_NAME are read.

    Raises:
        ClientError: a hyperparameter or a channel cannot be used, or there is more than one host.
        AlgorithmError: a file is missing or damaged, or a channel has no folder.
    """
    layout = Layout.from_env(env)
    _judge_hosts(_config(layout, "resourceconfig.json"))
    hyperparameters = Hyperparameters.from_strings(_texts(_config(layout, "hyperparameters.json")))
    given = _given(_config(layout, "inputdataconfig.json"))
    pipes = _pipes(given)
    _judge_names([*given], PIPE_CHANNELS if pipes else REQUIRED_CHANNELS)
    channels = {
        name: layout.pipe(name) if name in pipes else _folder(layout, name) for name in given
    }
    return Job(layout, hyperparameters, channels, env.get("TRAINING_JOB_NAME", ""), pipes)


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


def _given(inputs: Mapping[str, object]) -> dict[str, _Facts]:
    for name, facts in inputs.items():
        if not isinstance(facts, dict):
            kind = type(facts).__name__
            msg = f"inputdataconfig.json: {name[:80]!r} must be an object, it is a {kind}"
            raise AlgorithmError(msg)
    return {name: facts for name, facts in inputs.items() if isinstance(facts, dict)}


def _mode(facts: _Facts) -> str:
    return str(facts.get("TrainingInputMode", "File"))[:80]


def _pipes(given: Mapping[str, _Facts]) -> tuple[str, ...]:
    """The channels in Pipe mode, once every channel has a mode that it can have."""
    pipes = tuple(name for name in PIPE_CHANNELS if name in given and _mode(given[name]) == _PIPE)
    if pipes:
        _judge_pipes(given, pipes)
    for name, facts in given.items():
        allowed = (*_FILE_MODES, _PIPE) if name in PIPE_CHANNELS else _FILE_MODES
        if _mode(facts) not in allowed:
            found = f"channel {name[:80]} has input mode {_mode(facts)!r}"
            msg = f"{found}; allowed: {', '.join(allowed)}"
            raise ClientError(msg)
    return pipes


def _judge_pipes(given: Mapping[str, _Facts], pipes: tuple[str, ...]) -> None:
    other = [name for name in PIPE_CHANNELS if name in given and name not in pipes]
    if other:
        msg = f"channel {pipes[0]} has input mode {_PIPE}, {other[0]} has {_mode(given[other[0]])}"
        raise ClientError(msg + f"; allowed: {_PIPE} for both or for neither")
    beside = [name for name in REQUIRED_CHANNELS if name in given and name not in PIPE_CHANNELS]
    if beside:
        msg = (
            f"the job has {_named(beside)} beside {' and '.join(pipes)} in Pipe mode, where the "
            "augmented manifest's records carry the annotations; leave them out, or use File mode"
        )
        raise ClientError(msg)
    for name in pipes:
        _judge_wrapper(name, given[name])


def _judge_wrapper(name: str, facts: _Facts) -> None:
    """Without it nothing in the stream would say where a photo ends."""
    wrapper, content = (str(facts.get(key))[:80] for key in ("RecordWrapperType", "ContentType"))
    if wrapper != "RecordIO":
        msg = (
            f"channel {name} is in Pipe mode with RecordWrapperType {wrapper} and ContentType "
            f"{content}; required: RecordWrapperType RecordIO, ContentType application/x-recordio"
        )
        raise ClientError(msg)


def _judge_names(names: list[str], required: tuple[str, ...]) -> None:
    missing = [name for name in required if name not in names]
    if missing:
        msg = f"the job lacks {_named(missing)}; required: {', '.join(required)}"
        raise ClientError(msg)
    unknown = [name[:80] for name in names if name not in required + OPTIONAL_CHANNELS]
    if unknown:
        msg = f"the job has {_named(unknown)}, which the algorithm does not know; "
        raise ClientError(msg + f"optional: {', '.join(OPTIONAL_CHANNELS)}")


def _named(channels: list[str]) -> str:
    return f"{'channel' if len(channels) == 1 else 'channels'} {', '.join(channels)}"


def _folder(layout: Layout, name: str) -> Path:
    folder = layout.channel(name)
    if not folder.is_dir():
        msg = f"channel {name[:80]} has no folder in {folder.parent}"
        raise AlgorithmError(msg)
    return folder
