"""What the settings and an artifact make together: labels, and an engine ready to be loaded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from model.artifact import Artifact
from model.engines import EngineChoice, prepare_engine
from model.engines.engine import Engine
from model.instances.artifact import InstanceArtifact
from model.instances.engines import prepare_instances
from model.kinds import Model
from serve.errors import BadOption
from serve.instances.labels import thing_labels_of
from serve.labels import Labels, labels_of
from serve.media import choose
from serve.networks import AnyEngine
from serve.options import fitting
from serve.setting import SettingsError
from serve.settings import Settings
from serve.task import INSTANCES, SEMANTIC, Task


def told_of(settings: Settings) -> dict[str, str]:
    """What settings say of a model whose folder does not."""
    told = {"algorithm": settings.algorithm, "resnet_arch": settings.resnet_arch}
    return {name: text for name, text in told.items() if text}


def task_of(model: Model) -> Task:
    """What its network is for."""
    return INSTANCES if isinstance(model, InstanceArtifact) else SEMANTIC


def labels_for(settings: Settings, model: Model) -> Labels:
    """Names and colours of the model's classes.

    Raises:
        SettingsError: SEG_CLASSES is needed and names another number of classes.
    """
    labelled = thing_labels_of if isinstance(model, InstanceArtifact) else labels_of
    if model.named:
        return labelled(model.classes, model.named.names, model.named.palette)
    names = settings.class_names
    if names and len(names) != model.classes:
        msg = f"SEG_CLASSES has {len(names)} names, the model {model.classes} classes"
        raise SettingsError(msg)
    return labelled(model.classes, names or None)


def check_options(settings: Settings, labels: Labels, task: Task) -> None:
    """What settings choose for requests must be there, or every request would be refused.

    What means nothing to networks of this task is for others.

    Raises:
        SettingsError: it is not.
    """
    options = fitting(settings.options, task.kinds)
    with _blamed("SEG_OPTIONS", settings.default_options):
        task.options(options, labels=labels)
    with _blamed("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", settings.default_accept):
        meant = choose(None, settings.default_accept, task.answers)
        task.options(fitting(meant.defaults, task.kinds), options, labels=labels)


@contextmanager
def _blamed(name: str, text: str) -> Iterator[None]:
    """An option that the model has not, as a line about the setting that chooses it."""
    try:
        yield
    except BadOption as err:
        msg = f"{name}={text[:80]!r} cannot be used: {err}"
        raise SettingsError(msg) from err


def choice_of(settings: Settings) -> EngineChoice:
    """The engine that the settings ask for; what is `auto` stays open."""
    return EngineChoice(
        engine=settings.engine,
        precision=settings.precision,
        psp_bins=settings.psp_bins,
        max_side=settings.infer_max_side,
        tile_pixels=settings.tile_pixels,
        timeout_s=settings.startup_timeout_s,
    )


def prepared(model: Model, choice: EngineChoice, cache: Path) -> Callable[[], AnyEngine]:
    """`prepare_engine` or `prepare_instances`.

    Raises:
        SettingsError: the cache cannot be written.
        ArtifactError, CheckError, EngineError: see these.
    """
    if isinstance(model, InstanceArtifact):
        with _cache_errors(cache):
            return prepare_instances(model, choice, cache)
    return prepared_engine(model, choice, cache)


def prepared_engine(artifact: Artifact, choice: EngineChoice, cache: Path) -> Callable[[], Engine]:
    """The same for a network that gives each pixel a class."""
    with _cache_errors(cache):
        return prepare_engine(artifact, choice, cache)


@contextmanager
def _cache_errors(cache: Path) -> Iterator[None]:
    """A cache that cannot be written, as a line about it."""
    try:
        yield
    except OSError as err:
        msg = f"the graphs cannot be kept in {str(cache)!r}: {err.strerror}"
        raise SettingsError(msg) from err
