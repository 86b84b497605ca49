"""A folder on disk → a model that answers, and back to nothing; the errors in callers' words.

What an artifact's owner can mend is told as it is: such words name files of the artifact, and
settings. All else is the server's own, and for the log alone.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from container.folders import temporary_folder
from container.memory import give_back
from container.preparation import (
    check_options,
    choice_of,
    labels_for,
    prepared,
    task_of,
    told_of,
)
from model.child import KilledError
from model.engines.engine import is_out_of_memory
from model.errors import ArtifactError, EngineError
from model.kinds import Model, read_model
from serve.batch_limit import batch_limit_for
from serve.errors import BadModel, LoadFailed, OurWords, OutOfMemory, ServeError
from serve.inference_queue import InferenceQueue
from serve.labels import Labels
from serve.models import Loadable
from serve.networks import AnyEngine
from serve.predictor import Predictor
from serve.room import Wanted
from serve.s3 import S3
from serve.service import Service
from serve.setting import SettingsError
from serve.settings import Settings

_NO_SPACE = os.strerror(errno.ENOSPC)


class ModelLoader:
    """Loads models that share a queue.

    Args:
        settings: of all models.
        cache: folder for converted graphs; without SEG_CACHE_DIR those of a model go with it.
        queue: theirs.

    Raises:
        EngineError: the settings ask for an engine or a precision that is not there.
    """

    def __init__(self, settings: Settings, cache: Path, queue: InferenceQueue) -> None:
        self._settings = settings
        self._cache = cache
        self._queue = queue
        self._s3 = S3()
        self._choice = choice_of(settings)
        self._engine = self._choice.settled().engine

    def find(self, folder: Path) -> Loadable:
        """Read what is cheap to read.

        Raises:
            BadModel: the artifact is broken, or the settings do not fit it.
        """
        with _in_callers_words():
            model = read_model(folder, told_of(self._settings))
            try:
                labels = labels_for(self._settings, model)
                check_options(self._settings, labels, task_of(model))
            except SettingsError as err:
                raise BadModel(reason=OurWords(str(err))) from err
            size = sum(path.stat().st_size for path in model.weights_files)
        wanted = Wanted(size, finds_things=task_of(model).finds_things)
        return Loadable(wanted, partial(self._load, model, labels))

    def _load(self, model: Model, labels: Labels, stack: ExitStack) -> Service:
        """The model, warm.

        Raises:
            BadModel: the artifact does not load.
            OutOfMemory: memory ran out.
            LoadFailed: anything else; the log has the cause.
        """
        stack.callback(give_back)  # last, when all else has gone
        with _in_callers_words():
            predictor = self._predictor(model, self._graphs_folder(stack))
            stack.callback(predictor.close)
            predictor.wait_until_loaded()
        return Service(self._settings, predictor, labels, model.title, self._s3, task_of(model))

    def _graphs_folder(self, stack: ExitStack) -> Path:
        if self._settings.cache_dir:
            return self._cache
        return stack.enter_context(temporary_folder("model.", self._cache))

    def _predictor(self, model: Model, graphs: Path) -> Predictor:
        load = prepared(model, self._choice, graphs)
        return Predictor(
            # MXNet is built where it runs; photos wait for that. The others need not.
            load if self._engine == "mxnet" else _built(load),
            self._queue,
            cache_bytes=self._settings.cache_mb << 20,
            batch_limit=partial(batch_limit_for, self._settings.batch_size),
        )


def _built(load: Callable[[], AnyEngine]) -> Callable[[], AnyEngine]:
    engine = load()
    return lambda: engine


@contextmanager
def _in_callers_words() -> Iterator[None]:
    try:
        yield
    except ServeError:
        raise
    except (ArtifactError, EngineError) as err:
        raise BadModel(reason=OurWords(str(err))) from err
    except KilledError as err:
        raise OutOfMemory(reason="the process that checks the model was killed") from err
    except Exception as err:  # whatever a native library throws
        if is_out_of_memory(err):
            raise OutOfMemory(reason="loading the model found none") from err
        if _NO_SPACE in str(err):
            raise OutOfMemory(reason="no disk space is left for its converted graphs") from err
        raise LoadFailed from err
