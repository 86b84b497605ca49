import io

import numpy as np
import pytest

from serve.encode.npy import as_dtype, encode_npy


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_numpy_reads_it_without_pickle(dtype: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    read = np.load(io.BytesIO(encode_npy(array.transpose(2, 1, 0))), allow_pickle=False)
    assert read.dtype == array.dtype
    assert not np.isfortran(read)
    np.testing.assert_array_equal(read, array.transpose(2, 1, 0))


def test_quantized_probabilities_are_rounded() -> None:
    scores = np.array([0, 0.0019, 0.002, 0.5, 1], np.float32)
    assert as_dtype(scores, "uint8").tolist() == [0, 0, 1, 128, 255]
    assert as_dtype(scores, "uint8").dtype == np.uint8
    assert as_dtype(scores, "float16").dtype == np.float16
    assert as_dtype(scores, "float32") is scores
