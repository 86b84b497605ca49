"""Pooling, against MXNet's operator."""

from dataclasses import replace
from typing import Any

import mxnet as mx
import numpy as np
import pytest
from numpy.typing import NDArray

from model.instances.network import Rules
from model.instances.networks import GLUON
from model.instances.regions import Cells, levels_of, pooled

HALF = replace(GLUON, half_pixel=True, wider=0.0, least_cells=0.0)
REGIONS = np.array(
    [[3, 5, 61, 90], [0, 0, 128, 96], [-9, 40, 30, 44], [100.5, 2.25, 180, 95.75], [7, 7, 8, 9]],
    np.float32,
)


def maps(seed: int = 0) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    sizes = [(96 // stride, 128 // stride) for stride in (4, 8, 16, 32)]
    return [rng.normal(size=(1, *size, 6)).astype(np.float32) for size in sizes]


def by_mxnet(regions: NDArray[Any], side: int, rules: Rules) -> NDArray[Any]:
    """(N, 6, side, side): each from the map of its level."""
    found = []
    for region, level in zip(regions, levels_of(regions, rules), strict=True):
        tensor = mx.nd.array(maps()[level - 2].transpose(0, 3, 1, 2))
        roi = mx.nd.array(np.concatenate([[0], region])[None])
        more = {"sample_ratio": rules.samples, "aligned": rules.half_pixel}
        cells = mx.nd.contrib.ROIAlign(tensor, roi, (side, side), 1 / 2**level, **more)
        found.append(cells.asnumpy()[0])
    return np.array(found)


@pytest.mark.parametrize("rules", [GLUON, HALF, replace(GLUON, samples=1)])
@pytest.mark.parametrize("side", [7, 14])
def test_cells_are_mxnets(rules: Rules, side: int) -> None:
    found = pooled(maps(), REGIONS, Cells(side, rules)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found, by_mxnet(REGIONS, side, rules), atol=1e-4)


def test_halved_cells_are_averaged_as_mxnet_averages_them() -> None:
    found = pooled(maps(), REGIONS, Cells(14, GLUON, halved=True)).transpose(0, 3, 1, 2)
    whole = mx.nd.array(by_mxnet(REGIONS, 14, GLUON))
    halved = mx.nd.Pooling(whole, kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="avg")
    np.testing.assert_allclose(found, halved.asnumpy(), atol=1e-4)


def test_of_one_map_its_level_is_four() -> None:
    (fine, _, coarse, _) = maps()
    found = pooled([coarse], REGIONS[:1], Cells(7, GLUON))
    roi = mx.nd.array(np.concatenate([[0], REGIONS[0]])[None])
    tensor = mx.nd.array(coarse.transpose(0, 3, 1, 2))
    expected = mx.nd.contrib.ROIAlign(tensor, roi, (7, 7), 1 / 16, sample_ratio=2).asnumpy()
    np.testing.assert_allclose(found.transpose(0, 3, 1, 2), expected, atol=1e-4)
    assert fine.shape[1] == 24


@pytest.mark.parametrize(
    ("side", "level"), [(0, 2), (110, 2), (111, 3), (222, 3), (223, 4), (447, 5), (9000, 5)]
)
def test_the_level_follows_the_size_a_pixel_added(side: int, level: int) -> None:
    region = np.array([[5, 5, 5 + side, 5 + side]], np.float32)
    assert levels_of(region, GLUON).tolist() == [level]


def test_no_regions_have_no_cells() -> None:
    assert pooled(maps(), REGIONS[:0], Cells(7, GLUON)).shape == (0, 7, 7, 6)
