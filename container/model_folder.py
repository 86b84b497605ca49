"""Where a model lies: a folder as it is, or a model.tar.gz unpacked for as long as it is needed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.archive import unpack
from model.errors import ArtifactError


@contextmanager
def model_folder(path: Path) -> Iterator[Path]:
    """The folder of the model at `path`.

    An unpacked copy is removed by the process that made it: forked workers leave through here too.

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
    owner = os.getpid()
    folder = Path(tempfile.mkdtemp(prefix="model."))
    try:
        unpack(path, folder)
        yield folder
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
