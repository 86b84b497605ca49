"""The reference engine against GluonCV's own networks, every layer loaded strictly by both."""

from collections.abc import Callable
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest

from model.artifact import read_artifact
from model.engines.mxnet import MXNetEngine
from tests.artifacts import Recipe, photo_pixels, reference, softmax

BINS = (1, 2, 3, 6)
BUILT_IN = [
    Recipe(algorithm, backbone, crop_size=128)
    for algorithm in ("fcn", "psp", "deeplab")
    for backbone in ("resnet-50", "resnet-101")
]
FREE = [*BUILT_IN, Recipe("danet", aux=False)]
BAKED = [Recipe("fastscnn", "none"), Recipe("icnet"), Recipe("deeplabplus", "xception")]


def name(recipe: Recipe) -> str:
    return f"{recipe.algorithm}-{recipe.backbone}"


@pytest.mark.parametrize("recipe", FREE, ids=name)
def test_equals_gluoncv_predict_at_any_size(
    recipe: Recipe, artifact_of: Callable[[Recipe], Path]
) -> None:
    folder = artifact_of(recipe)
    engine = MXNetEngine(read_artifact(folder), BINS)
    logits = reference(folder, recipe, recipe.crop_size)
    for height, width in ((96, 96), (1, 1), (33, 47), (7, 300), (201, 317), (96, 96)):
        image = photo_pixels(height, width)
        expected = logits(image)
        assert (height, width) == (1, 1) or expected.std() >= 3, "flat logits hide faults"
        scores = engine.predict(image).scores()
        assert scores.shape == (recipe.classes, height, width)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, softmax(expected), atol=1e-5)
        np.testing.assert_array_equal(engine.predict(image).mask(), scores.argmax(axis=0))


@pytest.mark.parametrize("recipe", BAKED, ids=name)
def test_equals_gluoncv_forward_at_the_crop_size(
    recipe: Recipe, artifact_of: Callable[[Recipe], Path]
) -> None:
    folder = artifact_of(recipe)
    engine = MXNetEngine(read_artifact(folder), BINS)
    for side in (128, 224):
        image = photo_pixels(side, side)
        expected = reference(folder, recipe, side)(image)
        assert expected.std() >= 3, "flat logits hide faults"
        np.testing.assert_allclose(engine.predict(image).scores(), softmax(expected), atol=1e-5)


@pytest.mark.parametrize("recipe", BAKED, ids=name)
def test_answers_at_every_size(recipe: Recipe, artifact_of: Callable[[Recipe], Path]) -> None:
    engine = MXNetEngine(read_artifact(artifact_of(recipe)), BINS)
    for height, width in ((1, 1), (31, 33), (7, 300), (201, 317), (100, 157)):
        image = photo_pixels(height, width)
        scores = engine.predict(image).scores()
        assert scores.shape == (recipe.classes, height, width)
        np.testing.assert_allclose(scores.sum(axis=0), 1, atol=1e-5)
        np.testing.assert_array_equal(engine.predict(image).mask(), scores.argmax(axis=0))


def test_a_short_side_is_padded_with_its_edge_and_cropped_again(
    artifact_of: Callable[[Recipe], Path],
) -> None:
    engine = MXNetEngine(read_artifact(artifact_of(Recipe("fastscnn", "none"))), BINS)
    image = photo_pixels(20, 50)
    padded = np.concatenate([image, np.repeat(image[-1:], 12, axis=0)])
    np.testing.assert_array_equal(
        engine.predict(image).scores(), engine.predict(padded).scores()[:, :20]
    )


def test_psp_bins_are_those_asked_for(artifact_of: Callable[[Recipe], Path]) -> None:
    recipe = Recipe("psp")
    folder = artifact_of(recipe)
    image = photo_pixels(97, 131)
    block_logits = reference(folder, recipe, recipe.crop_size)

    old = MXNetEngine(read_artifact(folder), (1, 2, 3, 4)).predict(image).scores()

    assert np.abs(old - softmax(block_logits(image))).max() > 1e-3
    pooled = []
    original = mx.nd.contrib.AdaptiveAvgPooling2D

    def four_instead_of_six(x: mx.nd.NDArray, output_size: int) -> mx.nd.NDArray:
        pooled.append(output_size)
        return original(x, output_size=4 if output_size == 6 else output_size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mx.nd.contrib, "AdaptiveAvgPooling2D", four_instead_of_six)
        expected = softmax(block_logits(image))
    assert pooled == [1, 2, 3, 6]
    np.testing.assert_allclose(old, expected, atol=1e-5)


def test_photos_at_once_are_answered_as_each_alone(artifact_of: Callable[[Recipe], Path]) -> None:
    engine = MXNetEngine(read_artifact(artifact_of(Recipe("fastscnn", "none"))), BINS)
    images = [photo_pixels(40, 60), photo_pixels(40, 60)[:, ::-1]]
    for found, image in zip(engine.predict_many(images), images, strict=True):
        np.testing.assert_array_equal(found.scores(), engine.predict(image).scores())
