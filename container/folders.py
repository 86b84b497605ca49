"""The model's folder and the cache's: as they are, or temporary for as long as they are needed.

What is temporary is removed by the process that made it: forked workers leave through here too.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.archive import unpack
from model.errors import ArtifactError
from serve.setting import SettingsError


@contextmanager
def model_folder(path: Path) -> Iterator[Path]:
    """The folder of the model at `path`.

    Raises:
        ArtifactError: there is nothing at `path`, or the archive is not usable.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as err:  # a name too long, a folder that may not be entered
        msg = f"there is no model to be read at {str(path)[:80]!r}: {err.strerror}"
        raise ArtifactError(msg) from err
    if is_folder:
        yield path
        return
    if not is_file:
        msg = f"there is no model at {path}"
        raise ArtifactError(msg)
    with temporary_folder("model.") as folder:
        unpack(path, folder)
        yield folder


@contextmanager
def cache_folder(path: Path | None) -> Iterator[Path]:
    """Where converted graphs go: the folder set, made if need be, or a temporary one.

    Raises:
        SettingsError: the folder set cannot be written.
    """
    if path is None:
        with temporary_folder("graphs.") as folder:
            yield folder
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as err:
        msg = f"SEG_CACHE_DIR={str(path)!r} cannot be written: {err.strerror}"
        raise SettingsError(msg) from err
    yield path


@contextmanager
def temporary_folder(prefix: str, inside: Path | None = None) -> Iterator[Path]:
    """A folder for as long as this process needs it, inside another or wherever such are.

    Raises:
        SettingsError: none can be made.
    """
    owner = os.getpid()
    try:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=inside))
    except OSError as err:
        msg = f"no temporary folder can be made ({err.strerror}); TMPDIR names another place"
        raise SettingsError(msg) from err
    try:
        yield folder
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
