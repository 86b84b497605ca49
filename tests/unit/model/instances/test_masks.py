"""Masks of boxes that were cut."""

import numpy as np

from model.instances.masks import cut


def test_of_a_box_cut_in_half_the_other_half_is_left_finer() -> None:
    mask = np.tile(np.linspace(0, 1, 4, dtype=np.float32), (4, 1))[None]
    boxes = np.array([[-4, 0, 4, 8]], np.float32)
    within = np.array([[0, 0, 4, 8]], np.float32)
    # Cells of the whole lie at -3, -1, 1, 3; of the rest at 0.5, 1.5, 2.5, 3.5, the last beyond.
    expected = np.interp([0.5, 1.5, 2.5, 3.5], [-3, -1, 1, 3], mask[0, 0])
    np.testing.assert_allclose(cut(mask, boxes, within)[0], np.tile(expected, (4, 1)), atol=1e-6)


def test_whole_boxes_keep_their_masks_and_nothing_is_written_to() -> None:
    masks = np.random.default_rng(0).uniform(size=(2, 4, 4)).astype(np.float32)
    before = masks.copy()
    boxes = np.array([[0, 0, 4, 4], [-1, -1, 3, 3]], np.float32)
    found = cut(masks, boxes, np.maximum(boxes, 0))
    np.testing.assert_array_equal(found[0], masks[0])
    assert np.abs(found[1] - masks[1]).max() > 0.01
    np.testing.assert_array_equal(masks, before)
