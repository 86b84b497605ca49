"""Arrays as NumPy's own file format: what numpy.load and the SageMaker SDK read."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode_npy(array: NDArray[np.generic]) -> bytes:
    """Any array of numbers → `.npy` bytes, C order."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def as_dtype(scores: NDArray[np.float32], dtype: str) -> NDArray[Any]:
    """Probabilities as float32, float16, or uint8: 255 times their value, rounded."""
    converted: NDArray[Any] = (
        np.rint(scores * np.float32(255)).astype(np.uint8)
        if dtype == "uint8"
        else scores.astype(np.dtype(dtype), copy=False)
    )
    return converted
