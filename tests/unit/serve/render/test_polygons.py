import numpy as np
import pytest
from PIL import Image, ImageDraw

from serve.errors import OutlinesTooLong
from serve.render.polygons import MAX_POINTS, polygons_of


def test_a_square_is_one_ring_around_it() -> None:
    inside = np.zeros((6, 8), bool)
    inside[2:4, 3:6] = True
    ((ring,),) = polygons_of(inside)
    corners = np.array(ring)
    assert corners[0].tolist() == corners[-1].tolist()
    assert corners.min(axis=0).tolist() == [3.0, 2.0]
    assert corners.max(axis=0).tolist() == [6.0, 4.0]


def test_a_hole_is_a_ring_of_its_own_and_parts_are_polygons() -> None:
    inside = np.zeros((20, 30), bool)
    inside[2:12, 2:12] = True
    inside[5:8, 5:8] = False
    inside[15:18, 20:25] = True
    polygons = polygons_of(inside)
    assert sorted(len(rings) for rings in polygons) == [1, 2]


def test_nothing_is_no_polygon() -> None:
    assert polygons_of(np.zeros((3, 3), bool)) == []


def test_a_photo_too_busy_is_refused() -> None:
    rows, columns = np.mgrid[:700, :700]
    with pytest.raises(OutlinesTooLong) as refused:
        polygons_of((rows + columns) % 2 == 0)
    assert refused.value.details["max_points"] == MAX_POINTS


def test_drawn_again_they_cover_the_same_pixels() -> None:
    y, x = np.mgrid[:60, :80]
    inside = (x - 40) ** 2 + (y - 30) ** 2 < 25**2
    inside &= (x - 40) ** 2 + (y - 30) ** 2 > 10**2
    scale = 8
    picture = Image.new("L", (80 * scale, 60 * scale))
    draw = ImageDraw.Draw(picture)
    for rings in polygons_of(inside):
        for index, ring in enumerate(rings):
            draw.polygon([(x * scale, y * scale) for x, y in ring], fill=int(index == 0))
    drawn = np.asarray(picture).reshape(60, scale, 80, scale).mean(axis=(1, 3)) > 0.5
    assert (drawn == inside).mean() > 0.999
