from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from model.engines.engine import Prediction
from train.errors import ClientError
from train.loader import Sample
from train.validation import validate


class Masked:
    """A prediction of which there is a mask alone."""

    def __init__(self, ids: NDArray[np.uint8]) -> None:
        self._ids = ids

    def mask(self) -> NDArray[np.uint8]:
        return self._ids


class RedEngine:
    """Three classes; says that the red channel is the class."""

    name, precision, classes = "red", "f32", 3

    def predict(self, image: NDArray[np.uint8]) -> Prediction:
        return Masked(image[..., 0])  # type: ignore[return-value]  # no more is asked of it

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[Prediction]:
        return [self.predict(image) for image in images]


def sample(labels: object, predicted: object) -> Sample:
    red = np.array(predicted, np.uint8)[..., np.newaxis]
    return Sample("x", np.repeat(red, 3, axis=2), np.array(labels, np.uint8))


def test_all_pixels_of_all_photos_are_counted_but_the_ignored() -> None:
    score = validate(
        RedEngine(),
        [
            sample([[0, 0, 1], [1, 255, 255]], [[0, 1, 1], [1, 0, 2]]),
            sample([[0, 0, 0, 1]], [[0, 0, 0, 1]]),
        ],
    )
    assert score.confusion.tolist() == [[4, 1, 0], [0, 3, 0], [0, 0, 0]]
    assert score.photos == 2
    assert score.pixel_accuracy == 7 / 8
    assert score.miou == pytest.approx((4 / 5 + 3 / 4) / 2)  # class 2 is nowhere and not counted


def test_a_class_that_is_predicted_and_never_labelled_counts_as_missed() -> None:
    score = validate(RedEngine(), [sample([[0, 0]], [[0, 2]])])
    assert score.miou == pytest.approx((1 / 2 + 0) / 2)


def test_pixels_are_counted_and_not_photos_averaged() -> None:
    small, large = sample([[1]], [[0]]), sample([[0] * 9], [[0] * 9])
    assert validate(RedEngine(), [small, large]).pixel_accuracy == 9 / 10


@pytest.mark.parametrize("samples", [[], [sample([[255, 255]], [[0, 1]])]])
def test_a_score_of_nothing_is_an_error_that_names_the_channel(samples: list[Sample]) -> None:
    with pytest.raises(ClientError, match=r"^no pixel of validation_annotation is labelled"):
        validate(RedEngine(), samples)
