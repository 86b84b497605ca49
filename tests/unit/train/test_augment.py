from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from train.augment import Placement, Sizes, augment, draw, jitter, place

PLAIN = Placement((0, 0), (0, 0), flipped=False, brightness=1, contrast=1, saturation=1)
SEEDS = st.integers(0, 1 << 32)
SIDES = st.integers(1, 60)


def noise(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A photo and labels 0, 1, 2 and 255, which may not be written."""
    rng = np.random.default_rng(height * 1000 + width)
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    mask = rng.choice(np.array((0, 1, 2, 255), np.uint8), (height, width))
    image.flags.writeable = mask.flags.writeable = False
    return image, mask


@pytest.mark.parametrize(
    ("crop_size", "side"), [(17, 24), (24, 24), (239, 240), (240, 240), (241, 248)]
)
def test_the_crop_is_a_multiple_of_8(crop_size: int, side: int) -> None:
    assert Sizes(520, crop_size).side == side


@settings(deadline=None)
@given(height=SIDES, width=SIDES, seed=SEEDS, base=st.integers(17, 80), crop=st.integers(17, 80))
def test_any_photo_comes_out_square_with_labels_that_were_there(
    height: int, width: int, seed: int, base: int, crop: int
) -> None:
    image, mask = noise(height, width)
    sizes = Sizes(base, crop)
    view, labels = augment(image, mask, np.random.default_rng(seed), sizes)
    assert view.shape == (sizes.side, sizes.side, 3)
    assert labels.shape == (sizes.side, sizes.side)
    assert view.dtype == labels.dtype == np.uint8
    assert view.flags.c_contiguous
    assert labels.flags.c_contiguous
    assert set(np.unique(labels)) <= set(np.unique(mask)) | {255}
    view[0, 0] = labels[0, 0] = 1  # the caller's own; the inputs refuse to be written


def test_a_seed_decides_everything() -> None:
    image, mask = noise(30, 40)
    first, again, other = (
        augment(image, mask, np.random.default_rng(seed), Sizes(40, 24)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


@settings(deadline=None)
@given(seed=SEEDS, height=SIDES, width=SIDES)
def test_every_sample_takes_as_many_random_numbers(seed: int, height: int, width: int) -> None:
    ours, plain = np.random.default_rng(seed), np.random.default_rng(seed)
    draw(ours, (height, width), Sizes(40, 24))
    plain.random(7)
    assert ours.random() == plain.random()


@settings(deadline=None)
@given(seed=SEEDS, height=SIDES, width=SIDES)
def test_what_is_drawn_is_in_range(seed: int, height: int, width: int) -> None:
    drawn = draw(np.random.default_rng(seed), (height, width), Sizes(520, 240))
    assert 260 <= max(drawn.size) <= 1040
    longer, shorter = max(drawn.size), min(drawn.size)
    assert abs(shorter - longer * min(height, width) / max(height, width)) <= 1
    for start, whole in zip(drawn.corner, drawn.size, strict=True):
        assert 0 <= start <= max(0, whole - 240)
    for factor in (drawn.brightness, drawn.contrast, drawn.saturation):
        assert 0.9 <= factor <= 1.1


def test_chance_reaches_both_ends() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw(rng, (100, 200), Sizes(100, 32)) for _ in range(3000)]
    widths = [placement.size[1] for placement in drawn]
    assert (min(widths), max(widths)) == (50, 200)
    assert 0.45 < np.mean([placement.flipped for placement in drawn]) < 0.55
    assert 120 < np.mean(widths) < 130
    slack = [placement.corner[1] / (placement.size[1] - 32) for placement in drawn]
    assert (min(slack), max(slack)) == (0, 1)


def test_no_choice_depends_on_another() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw(rng, (200, 200), Sizes(100, 32)) for _ in range(3000)]
    choices: list[list[float]] = [
        [placement.size[0] for placement in drawn],
        [placement.corner[0] / (placement.size[0] - 32) for placement in drawn],
        [placement.corner[1] / (placement.size[1] - 32) for placement in drawn],
        [placement.flipped for placement in drawn],
        [placement.brightness for placement in drawn],
        [placement.contrast for placement in drawn],
        [placement.saturation for placement in drawn],
    ]
    assert np.abs(np.corrcoef(choices) - np.eye(7)).max() < 0.1


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS, edge=st.integers(4, 56), across=st.booleans())
def test_an_edge_stays_where_its_label_changes(seed: int, edge: int, across: bool) -> None:
    # Bilinear weights cross one half exactly where nearest neighbour changes sides (but at the
    # photo's border, where the filter has one side only).
    mask = np.zeros((60, 60), np.uint8)
    mask[edge:] = 1
    mask = mask if across else mask.T.copy()
    image = np.repeat(mask[..., np.newaxis] * np.uint8(255), 3, axis=2)
    sizes = Sizes(60, 40)
    placement = draw(np.random.default_rng(seed), (60, 60), sizes)
    placement = replace(placement, brightness=1, contrast=1, saturation=1)
    view, labels = place(image, mask, placement, sizes.side)
    gray = view[..., 0].astype(int)
    clear = (labels != 255) & (np.abs(2 * gray - 255) > 4)
    assert np.array_equal(gray[clear] > 127, labels[clear] == 1)


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS, height=SIDES, width=SIDES)
def test_a_view_is_what_scaling_the_whole_and_cropping_would_give(
    seed: int, height: int, width: int
) -> None:
    image, mask = noise(height, width)
    sizes = Sizes(48, 32)
    drawn = draw(np.random.default_rng(seed), (height, width), sizes)
    placement = replace(PLAIN, size=drawn.size, corner=drawn.corner)
    view, labels = place(image, mask, placement, sizes.side)
    (rows, columns), (top, left) = placement.size, placement.corner
    whole = np.asarray(Image.fromarray(image).resize((columns, rows), Image.Resampling.BILINEAR))
    part = whole[top : top + 32, left : left + 32].astype(int)
    found = view[: part.shape[0], : part.shape[1]]
    assert np.abs(found - part).max() <= 2  # a box is in float32
    centres = [
        (np.arange(start, min(start + 32, scaled)) + 0.5) * side / scaled
        for start, scaled, side in zip((top, left), (rows, columns), (height, width), strict=True)
    ]
    down, along = (np.floor(centre).astype(int) for centre in centres)
    clear = np.ix_(*(np.abs(centre - np.rint(centre)) > 1e-6 for centre in centres))
    expected = mask[np.ix_(down, along)]
    assert np.array_equal(labels[: len(down), : len(along)][clear], expected[clear])


def test_what_a_small_photo_leaves_is_black_and_ignored() -> None:
    image, mask = np.full((10, 20, 3), 200, np.uint8), np.ones((10, 20), np.uint8)
    placement = replace(PLAIN, size=(10, 20), contrast=0.9, brightness=1.1)
    view, labels = place(image, mask, placement, 24)
    assert (view[:10, :20] == 220).all()
    assert (labels[:10, :20] == 1).all()
    assert not view[10:].any()
    assert not view[:, 20:].any()
    assert (labels[10:] == 255).all()
    assert (labels[:, 20:] == 255).all()


def test_a_flip_mirrors_both() -> None:
    image, mask = noise(30, 40)
    placement = replace(PLAIN, size=(20, 27), corner=(0, 3))
    view, labels = place(image, mask, placement, 24)
    mirrored, mirrored_labels = place(image, mask, replace(placement, flipped=True), 24)
    assert np.array_equal(mirrored, view[:, ::-1])
    assert np.array_equal(mirrored_labels, labels[:, ::-1])


def test_factors_of_one_change_no_colour() -> None:
    image, _ = noise(30, 40)
    assert np.array_equal(jitter(image, PLAIN), image)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"brightness": 1.1}, [[110, 110, 110], [220, 220, 220]]),
        ({"contrast": 0.9}, [[105, 105, 105], [195, 195, 195]]),
        ({"saturation": 1.1}, [[100, 100, 100], [200, 200, 200]]),
    ],
)
def test_factors_do_what_they_are_called(
    change: dict[str, float], expected: list[list[int]]
) -> None:
    image = np.array([[[100, 100, 100], [200, 200, 200]]], np.uint8)
    assert jitter(image, replace(PLAIN, **change)).tolist() == [expected]  # type: ignore[arg-type]


def test_saturation_moves_colours_from_their_gray() -> None:
    red = np.array([[[200, 100, 100]]], np.uint8)  # its luma is 129.9
    assert jitter(red, replace(PLAIN, saturation=1.1)).tolist() == [[[207, 97, 97]]]
    assert jitter(red, replace(PLAIN, saturation=0.9)).tolist() == [[[193, 103, 103]]]


def test_colours_stop_at_the_ends() -> None:
    image = np.array([[[255, 0, 250]]], np.uint8)
    assert jitter(image, replace(PLAIN, brightness=1.1)).tolist() == [[[255, 0, 255]]]
