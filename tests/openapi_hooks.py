"""What schemathesis cannot know of our server from its document; loaded by SCHEMATHESIS_HOOKS.

A body of type image/jpeg is a photo, a text of format `colormap` names one that there is. Each
request asks for another type of answer, with options, for OpenAPI leaves Accept to its readers.
"""

from __future__ import annotations

import base64
import itertools
from http import HTTPStatus
from typing import Any

import numpy as np
import schemathesis
from hypothesis import strategies as st
from PIL import ImageColor

from serve import media
from serve.render import colormaps
from tests.photos import saved

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_OPTIONS = (
    "",
    ";class=0",
    ";alpha=0.4;outline=2;legend=1",
    ";colormap=viridis;probabilistic=1",
    ";palette=voc;orientation=shown",
    ";topk=2;dtype=uint8;regions=rle",
    ";array=mask;regions=polygons;quality=50",
)
_ACCEPTS = [f"{media_type}{options}" for options in _OPTIONS for media_type in media.ANSWERS]
_turns = itertools.cycle(["*/*", "image/*", *_ACCEPTS])


def _photo(height: int, width: int, name: str, seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return saved(pixels, name)


_sides = st.integers(1, 80)
photos = st.builds(_photo, _sides, _sides, st.sampled_from(_FORMATS), st.integers(0, 9))
_bounds = st.lists(st.integers(-9999, 9999), max_size=2).map(sorted)
_colormaps = st.builds(
    lambda name, dynamic, bounds: "|".join([name, *dynamic, *map(str, bounds)]),
    st.sampled_from(colormaps.names()),
    st.sampled_from([[], ["dynamic"]]),
    _bounds,
)
_fractions = st.integers(0, 100).map(lambda percent: f"{percent / 100:.2f}")
_colors = st.one_of(
    st.sampled_from(sorted(ImageColor.colormap)),
    st.from_regex(r"\A#([0-9a-f]{3}|[0-9A-F]{6})\Z"),
    st.lists(_fractions, min_size=3, max_size=3).map(",".join),
)

schemathesis.openapi.media_type("image/jpeg", photos, aliases=[*media.PHOTOS, *media.ALSO_PHOTOS])
schemathesis.openapi.format("byte", photos.map(lambda photo: base64.b64encode(photo).decode()))
schemathesis.openapi.format("colormap", _colormaps)
schemathesis.openapi.format("color", _colors)
schemathesis.openapi.format("accept", st.sampled_from(_ACCEPTS))


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Ask for the next type."""
    case.headers.setdefault("Accept", next(_turns))


@schemathesis.check
def type_asked_for(_context: Any, response: Any, case: Any) -> None:
    """A photo is answered in the type that Accept names."""
    asked = case.headers["Accept"].partition(";")[0]
    is_photo = case.method == "POST" and case.media_type != media.JSON
    if response.status_code == HTTPStatus.OK and is_photo and "*" not in asked:
        assert response.headers["content-type"] == [asked]


@schemathesis.check
def fault_of_the_client(_context: Any, response: Any, _case: Any) -> None:
    """What the runtime API wraps is no fault of the server's."""
    if response.status_code == HTTPStatus.FAILED_DEPENDENCY:
        assert response.json()["OriginalStatusCode"] < HTTPStatus.INTERNAL_SERVER_ERROR
