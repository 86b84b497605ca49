"""model.params: a model's weights."""

import os
import tempfile
from pathlib import Path

import numpy as np

from fuzz import refusal
from model.errors import ArtifactError
from model.params import read_params, write_params

_DTYPES = ("f4", "f8", "f2", "u1", "i4", "i1", "i8", "?")


def check(content: bytes) -> None:
    """Arrays no larger than the file, each readable to its end, or a refusal."""
    file = os.memfd_create("fuzz")
    try:
        os.write(file, content)
        arrays = read_params(Path(f"/proc/self/fd/{file}"))
        assert sum(array.nbytes for array in arrays.values()) <= 2 * len(content)
        assert all(len(array.tobytes()) == array.nbytes for array in arrays.values())
    except ArtifactError as error:
        refusal.check_line(error)
    finally:
        os.close(file)


def seeds() -> list[bytes]:
    """A file of every dtype, and files with one array each."""
    arrays = {dtype: np.arange(6).reshape(2, 3).astype(dtype) for dtype in _DTYPES}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "seed.params")
        files = []
        for chosen in (arrays, *({name: array} for name, array in arrays.items())):
            write_params(path, chosen)
            files.append(path.read_bytes())
    return files
