from typing import Any

import numpy as np

from container.outcome import Outcome
from container.report import json_values, table


def outcome(confusion: list[list[int]], **facts: Any) -> Outcome:
    seconds, same = (0.5, 0.1, 0.2), ((10, 10), (9, 10))
    values = {"engine": "openvino", "precision": "f32", "seconds": seconds, "same": same}
    return Outcome(confusion=np.array(confusion, np.int64), **{**values, **facts})


def test_classes_that_are_nowhere_are_said_to_be_left_out() -> None:
    one = outcome([[3, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert table([one], ["ground", "cat", "dog"]).splitlines() == [
        "                    openvino f32",
        "mIoU                      0.3750",
        "pixel accuracy            0.7500",
        "IoU ground                0.7500",
        "IoU cat                   0.0000",
        "IoU dog                        -",
        "s a photo, median         0.2000",
        "openvino f32: left out of mIoU, neither labelled nor predicted: dog",
    ]
    (values,) = json_values([one], ["ground", "cat", "dog"])["engines"]
    assert (values["iou"], values["accuracy"]) == ([0.75, 0, None], [0.75, None, None])


def test_a_hundred_per_cent_is_all_of_them() -> None:
    first = outcome([[1]], same=((10**7, 10**7),))
    nearly = outcome([[1]], same=((10**7 - 1, 10**7),))
    line = table([first, nearly], ["a"]).splitlines()[-1]
    assert line.split()[-2:] == ["100", "99.9999"]


def test_without_labels_nothing_is_said_of_them() -> None:
    first, second = outcome([[0]], precision="f32"), outcome([[0]], precision="int8")
    labels = [line.split("  ")[0] for line in table([first, second], ["a"]).splitlines()]
    assert labels == ["", "s a photo, median", "same ids as the first, %", "on the worst photo, %"]
