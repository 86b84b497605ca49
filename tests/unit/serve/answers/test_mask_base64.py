"""The Lambda's six renderings, pixel by pixel; values of matplotlib are matplotlib's own bytes."""

import base64
import io
import json
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from serve import media
from serve.answers.answer import Asked, Photo
from serve.answers.mask_base64 import LambdaPicture, MaskBase64Answer, with_lambda_defaults
from serve.json_request import parse_json
from serve.labels import labels_of
from serve.options import Colormap, Options
from serve.stages import Stages

CLASSES = 25
CYAN = (0, 255, 255)


@dataclass(frozen=True)
class Reckoned:
    """One row of ids, or of the probability of every class."""

    ids: tuple[int, ...] = (0, 0, 0)
    probabilities: tuple[float, ...] = (0, 0.5, 1)
    nbytes = 0

    def mask(self) -> NDArray[np.uint8]:
        return np.array([self.ids], np.uint8)

    def plane(self, class_id: int) -> NDArray[np.float32]:
        return np.array([self.probabilities], np.float32) / (1 if class_id == 14 else 2)

    def scores(self) -> NDArray[np.float32]:
        return np.stack([self.plane(id_) for id_ in range(CLASSES)])

    def top(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        return self.mask(), self.plane(0)

    def small_scores(self, dtype: str) -> NDArray[Any]:
        raise NotImplementedError

    def top_k(self, k: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        raise NotImplementedError


def asked(**fields: Any) -> Asked:
    wish = parse_json(json.dumps({"ImageBase64": "AAAA", **fields}).encode(), classes=CLASSES)
    return Asked(media.JSON, wish.over(Options()), labels_of(CLASSES))


def pixels(prediction: Reckoned, **fields: Any) -> list[tuple[int, ...]]:
    """RGBA of the row."""
    answer = MaskBase64Answer(asked(**fields))
    size = (1, len(prediction.ids))
    photo = Photo(size, lambda: np.zeros((*size, 3), np.uint8))
    written = json.loads(answer.write(answer.read(prediction), photo, Stages()))
    assert set(written) == {"MaskBase64"}
    with Image.open(io.BytesIO(base64.b64decode(written["MaskBase64"], validate=True))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGBA")
        assert picture.size == (size[1], size[0])
        return [tuple(pixel) for pixel in np.asarray(picture)[0].tolist()]


def mapped(name: str, fraction: float) -> tuple[int, ...]:
    """Matplotlib's colour, truncated to bytes."""
    return tuple((255 * np.array(mpl.colormaps[name](float(fraction))[:3])).astype(int).tolist())


def test_1_one_colour_as_opaque_as_the_class_is_probable() -> None:
    row = pixels(Reckoned(), TargetClassId=14, Probabilistic=True, Alpha=0.8)
    assert row == [(*CYAN, 0), (*CYAN, 102), (*CYAN, 204)]


def test_2_one_colour_where_the_class_wins() -> None:
    row = pixels(Reckoned((0, 14, 15)), TargetClassId=14, Alpha=0.8, MaskColor=[1, 0.5, 0])
    assert row == [(255, 127, 0, 0), (255, 127, 0, 204), (255, 127, 0, 0)]


def test_3a_a_colormap_over_the_ids_in_the_photo() -> None:
    row = pixels(Reckoned((0, 14, 15)), TargetClassId=14, Alpha=0.8, MaskColorMap="jet")
    assert row == [(0, 0, 127, 204), (*mapped("jet", 14 / 15), 204), (127, 0, 0, 204)]


def test_3a_a_colormap_with_bounds() -> None:
    row = pixels(Reckoned((0, 14, 24)), Alpha=0.8, MaskColorMap="jet|0|24")
    assert row == [(0, 0, 127, 204), (192, 255, 54, 204), (127, 0, 0, 204)]


@pytest.mark.parametrize("text", ["jet|dynamic", "Jet|DYNAMIC", "jet|dynamic|0|15"])
def test_3b_the_same_where_the_class_wins(text: str) -> None:
    row = pixels(Reckoned((0, 14, 15)), TargetClassId=14, MaskColorMap=text)
    assert row == [(0, 0, 127, 0), (*mapped("jet", 14 / 15), 255), (127, 0, 0, 0)]


def test_4a_a_colormap_of_the_probability_as_it_is() -> None:
    row = pixels(
        Reckoned(probabilities=(0.25, 0.5, 0.75)),
        TargetClassId=14,
        Probabilistic=True,
        Alpha=0.8,
        MaskColorMap="viridis",
    )
    assert row == [(*mapped("viridis", value), 204) for value in (0.25, 0.5, 0.75)]


def test_4b_the_same_as_opaque_as_the_class_is_probable() -> None:
    fields: dict[str, Any] = {"TargetClassId": 14, "Probabilistic": True, "Alpha": 0.8}
    row = pixels(Reckoned(), MaskColorMap="viridis|dynamic", **fields)
    assert row == [
        (*mapped("viridis", 0), 0),
        (*mapped("viridis", 0.5), 102),
        (*mapped("viridis", 1.0), 204),
    ]


def test_nothing_said_is_class_0_in_cyan_covering() -> None:
    assert pixels(Reckoned((0, 14, 15))) == [(*CYAN, 255), (*CYAN, 0), (*CYAN, 0)]
    assert pixels(Reckoned(), Probabilistic=True) == [(*CYAN, 0), (*CYAN, 63), (*CYAN, 127)]


@pytest.mark.parametrize(("alpha", "opacity"), [(0, 0), (0.5, 127), (0.999, 254), (1, 255)])
def test_bytes_are_cut_not_rounded(alpha: float, opacity: int) -> None:
    assert pixels(Reckoned((0,)), Alpha=alpha) == [(*CYAN, opacity)]


@pytest.mark.parametrize(
    ("text", "ids", "fractions"),
    [
        ("jet", (7, 7, 7), (0, 0, 0)),  # the Lambda divided by zero: black
        ("jet|5|24", (0, 5, 24), (0, 0, 1)),  # its ids below min had the colour of the top
        ("jet|5|5", (4, 5, 6), (0, 0, 1)),
        ("jet|4", (4, 9, 14), (0, 0.5, 1)),
        ("jet|dynamic|4|", (4, 9, 14), (0, 0.5, 1)),
        ("jet||18", (4, 4, 11), (0, 0, 0.5)),
        ("jet|-10|10", (0, 5, 10), (0.5, 0.75, 1)),
        ("jet|0|300", (0, 15, 24), (0, 0.05, 0.08)),
        ("tab10|0|9", (0, 1, 9), (0, 1 / 9, 1)),
    ],
)
def test_ids_and_bounds_at_their_edges(
    text: str, ids: tuple[int, ...], fractions: tuple[float, ...]
) -> None:
    name = text.split("|", maxsplit=1)[0]
    colors = [pixel[:3] for pixel in pixels(Reckoned(ids), MaskColorMap=text)]
    assert colors == [mapped(name, fraction) for fraction in fractions]


def test_bounds_do_not_touch_probabilities() -> None:
    fields = {"TargetClassId": 14, "Probabilistic": True}
    assert pixels(Reckoned(), MaskColorMap="jet|3|9", **fields) == pixels(
        Reckoned(), MaskColorMap="jet", **fields
    )


def test_a_picture_of_any_other_request_spans_the_models_classes() -> None:
    assert with_lambda_defaults(Options(colormap=Colormap("jet"))).colormap == Colormap(
        "jet", spans_photo=True
    )
    assert asked(MaskColorMap="jet").options.colormap == Colormap("jet")


def test_an_empty_colormap_is_none() -> None:
    assert pixels(Reckoned((0,)), MaskColorMap="", MaskColor=[1, 0, 0]) == [(255, 0, 0, 255)]


def test_a_palette_is_not_painted_over() -> None:
    options = Options(class_=("14",), palette="voc")
    assert with_lambda_defaults(options) == options
    assert with_lambda_defaults(Options(color=(1, 2, 3))).color == (1, 2, 3)


def test_the_picture_alone_is_the_same() -> None:
    prediction, photo = Reckoned((0, 1, 0)), Photo((1, 3), lambda: np.zeros((1, 3, 3), np.uint8))
    wrapped, alone = MaskBase64Answer(asked()), LambdaPicture(asked())
    written = json.loads(wrapped.write(wrapped.read(prediction), photo, Stages()))
    picture = alone.write(alone.read(prediction), photo, Stages())
    assert base64.b64decode(written["MaskBase64"]) == picture
