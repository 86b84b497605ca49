"""What the settings and an artifact make together: labels, and an engine ready to be loaded."""

from collections.abc import Callable
from pathlib import Path

from model.artifact import Artifact
from model.engines import EngineChoice, prepare_engine
from model.engines.engine import Engine
from serve.errors import BadOption
from serve.labels import Labels, labels_of
from serve.options import fitting
from serve.setting import SettingsError
from serve.settings import Settings
from serve.task import SEMANTIC, Task


def labels_for(settings: Settings, artifact: Artifact) -> Labels:
    """Names and colours of the artifact's classes.

    Raises:
        SettingsError: SEG_CLASSES is needed and names another number of classes.
    """
    if artifact.named:
        return labels_of(artifact.classes, artifact.named.names, artifact.named.palette)
    names = settings.class_names
    if names and len(names) != artifact.classes:
        msg = f"SEG_CLASSES has {len(names)} names, the model {artifact.classes} classes"
        raise SettingsError(msg)
    return labels_of(artifact.classes, names or None)


def check_options(settings: Settings, labels: Labels, task: Task = SEMANTIC) -> None:
    """What SEG_OPTIONS chooses must be there, or every request would be refused.

    What means nothing to networks of this task is for others.

    Raises:
        SettingsError: it is not.
    """
    try:
        task.options(fitting(settings.options, task.kinds), labels=labels)
    except BadOption as err:
        msg = f"SEG_OPTIONS={settings.default_options[:80]!r} cannot be used: {err}"
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


def prepared(artifact: Artifact, choice: EngineChoice, cache: Path) -> Callable[[], Engine]:
    """`prepare_engine`, with a cache that cannot be written as a line about it.

    Raises:
        SettingsError: it cannot.
        ArtifactError, CheckError, EngineError: see `prepare_engine`.
    """
    try:
        return prepare_engine(artifact, choice, cache)
    except OSError as err:
        msg = f"the graphs cannot be kept in {str(cache)!r}: {err.strerror}"
        raise SettingsError(msg) from err
