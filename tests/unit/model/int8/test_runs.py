from pathlib import Path

import numpy as np

from model.int8.runs import Runner
from tests.small_body import image_of, tensors_of, write_small_body

TENSORS = ["logits", "relu_a", "conv_b", "add", "pool"]


def test_tensors_within_are_handed_out_as_another_runtime_has_them(tmp_path: Path) -> None:
    path = write_small_body(tmp_path)
    runner = Runner(path, TENSORS, threads=1)
    for image in (image_of(0), image_of(1, 33, 18)):
        found = runner.run(image)
        assert list(found) == TENSORS
        for name, expected in zip(TENSORS, tensors_of(path, image, *TENSORS), strict=True):
            largest = np.abs(expected).max()
            np.testing.assert_allclose(found[name], expected, atol=1e-5 * largest, err_msg=name)
