import numpy as np
import pytest

from train.errors import ClientError
from train.loop import _check_finite


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_the_last_step_spoilt_end_the_job(value: float) -> None:
    good = {"a": np.ones(3, np.float32), "b": np.zeros((2, 2), np.float32)}
    _check_finite(good)
    with pytest.raises(ClientError, match="no finite numbers any more; try a lower learning_rate"):
        _check_finite(good | {"c": np.array([0, value], np.float32)})
