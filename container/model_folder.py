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
    if path.is_dir():
        yield path
        return
    if not path.is_file():
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
