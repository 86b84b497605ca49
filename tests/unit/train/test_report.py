import re

import pytest

from train.history import Epoch
from train.report import epoch_line, pace_line

FOUND = {
    r"train loss: (\S+)": "0.1234",
    r"train throughput: (\S+)": "123.46",
    r"validation mIOU: (\S+)": "0.5679",
    r"pixel_accuracy: (\S+)": "0.9000",
    r"validation throughput: (\S+)": "7.50",
}
"""By the regular expressions recorded for the built-in algorithm's metrics."""

EPOCH = Epoch(
    loss=0.12341,
    miou=0.56789,
    pixel_accuracy=0.9,
    learning_rate=0.00123456,
    photos_per_s=123.456,
    validated_per_s=7.5,
    waited=0.0123,
)


@pytest.mark.parametrize(("pattern", "number"), FOUND.items())
def test_each_metric_is_found_once_and_is_a_number(pattern: str, number: str) -> None:
    assert re.findall(pattern, epoch_line([EPOCH], 10)) == [number]


def test_an_epochs_line_is_whole() -> None:
    assert epoch_line([EPOCH, EPOCH], 10) == (
        "epoch 2/10  train loss: 0.1234  train throughput: 123.46 photos/s"
        "  validation mIOU: 0.5679  pixel_accuracy: 0.9000"
        "  validation throughput: 7.50 photos/s"
        "  learning rate: 0.00123  waited for photos: 1.2 %"
    )


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (1, "0 s"),
        (118, "59 s"),
        (119, "1 min"),  # 59.5 s
        (120, "1 min"),
        (7138, "59 min"),
        (7199, "1 h 0 min"),  # 59.99 min
        (7200, "1 h 0 min"),
        (10_000, "1 h 23 min"),
        (14_390, "2 h 0 min"),  # 1 h 59.9 min
        (720_000, "100 h 0 min"),
    ],
)
def test_durations_have_two_units_at_most(steps: int, words: str) -> None:
    assert pace_line(0.5, steps, steps) == (
        f"0.50 s a step: {words} an epoch, {words} to the last, validation not counted"
    )
