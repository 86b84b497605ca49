from typing import Any

import pytest

from container.verdict import verdict
from model.int8.report import Figures, Report


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "left out, not quantized: 0 of 45 convolutions\nSEG_PRECISION=auto takes int8 on"),
        ({"left_out": ("a", "b")}, "left out, not quantized: 2 of 45 convolutions: a, b\n"),
        ({"same_ids": 0.9}, "SEG_PRECISION=auto does not take int8, which needs 99% of ids as in"),
        (
            {"f32": Figures(0.8, 0.8, ()), "int8": Figures(0.7, 0.7, ())},
            "a loss of mIoU of at most 0.005; int8 does",
        ),
    ],
)
def test_the_verdict(values: dict[str, Any], says: str) -> None:
    whole: dict[str, Any] = {
        "photos_calibrated": 30,
        "photos_judged": 60,
        "convolutions": 45,
        "left_out": (),
        "same_ids": 0.995,
        "same_ids_worst_photo": 0.9,
    }
    assert says in verdict(Report(**{**whole, **values}))
