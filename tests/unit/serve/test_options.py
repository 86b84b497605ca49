"""Every option at its limits and one past them."""

from typing import Any

import pytest

from serve.errors import BadOption
from serve.options import KINDS, Colormap, Options, parse_options


def test_the_defaults_are_the_built_ins() -> None:
    assert parse_options({}) == Options()
    assert Options().palette is None
    assert Options().orientation is None


def test_names_and_values_are_read_in_any_case() -> None:
    read = parse_options({"Palette": "VOC", "ORIENTATION": "Shown", "Legend": "TRUE"})
    assert read == Options(palette="voc", orientation="shown", legend=True)


def test_charset_is_passed_over() -> None:
    assert parse_options({"charset": "utf-8"}) == Options()


def test_earlier_sources_win_name_by_name() -> None:
    accept, attributes, environment = (
        {"alpha": "0.1"},
        {"Alpha": "0.2", "legend": "1"},
        {"legend": "0", "outline": "3"},
    )
    read = parse_options(accept, attributes, environment)
    assert (read.alpha, read.legend, read.outline) == (0.1, True, 3)


def test_a_bad_value_is_refused_even_where_an_earlier_source_wins() -> None:
    with pytest.raises(BadOption):
        parse_options({"alpha": "0.1"}, {"alpha": "2"})


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("class", "cat", "class_", ("cat",)),
        ("class", " 1, potted plant ,0", "class_", ("1", "potted plant", "0")),
        ("alpha", "0", "alpha", 0.0),
        ("alpha", "1.0", "alpha", 1.0),
        ("alpha", ".25", "alpha", 0.25),
        ("color", "#f80", "color", (255, 136, 0)),
        ("color", "#FF8001", "color", (255, 128, 1)),
        ("color", "Tomato", "color", (255, 99, 71)),
        ("color", "0, 1, 0.999", "color", (0, 255, 254)),
        ("colormap", "JET", "colormap", Colormap("jet")),
        ("colormap", "viridis|dynamic", "colormap", Colormap("viridis", dynamic=True)),
        ("colormap", "jet|0|24", "colormap", Colormap("jet", low=0, high=24)),
        ("colormap", "jet|5", "colormap", Colormap("jet", low=5)),
        ("colormap", "jet||20", "colormap", Colormap("jet", high=20)),
        ("colormap", "jet|Dynamic|5|5", "colormap", Colormap("jet", dynamic=True, low=5, high=5)),
        ("probabilistic", "yes", "probabilistic", True),
        ("background", "off", "background", False),
        ("outline", "0", "outline", 0),
        ("outline", "16", "outline", 16),
        ("quality", "1", "quality", 1),
        ("quality", "100", "quality", 100),
        ("palette", "model", "palette", "model"),
        ("array", "mask", "array", "mask"),
        ("dtype", "uint8", "dtype", "uint8"),
        ("topk", "254", "topk", 254),
        ("regions", "rle", "regions", "rle"),
    ],
)
def test_a_value_in_range_is_taken(name: str, text: str, field: str, value: Any) -> None:
    assert getattr(parse_options({name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("class", ""),
        ("class", "cat,,dog"),
        ("alpha", "1.01"),
        ("alpha", "-0.1"),
        ("alpha", "nan"),
        ("alpha", "1e-1"),
        ("alpha", ""),
        ("alpha", "."),
        ("color", "#ff"),
        ("color", "#ff80017"),
        ("color", "nocolor"),
        ("color", "255,0,0"),
        ("color", "0,1"),
        ("color", "rgb(1,2,3)"),
        ("colormap", "rainbows"),
        ("colormap", ""),
        ("colormap", "jet|x"),
        ("colormap", "jet|5|4"),
        ("colormap", "jet|0|10000"),
        ("colormap", "jet|0|1|dynamic"),
        ("probabilistic", "maybe"),
        ("outline", "17"),
        ("outline", "-1"),
        ("outline", "1.5"),
        ("outline", "٣"),
        ("quality", "0"),
        ("quality", "101"),
        ("palette", "pink"),
        ("array", "tensor"),
        ("dtype", "float64"),
        ("topk", "0"),
        ("topk", "255"),
        ("regions", "svg"),
        ("orientation", ""),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(name: str, text: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_options({name: text})
    assert refused.value.details["option"] == name
    assert refused.value.details["allowed"] == KINDS[name].allowed
    assert refused.value.message.startswith(f"option '{name}' cannot be '{text}'; allowed: ")


def test_a_name_we_do_not_know_is_refused_with_those_we_do() -> None:
    with pytest.raises(BadOption) as refused:
        parse_options({"colour": "1"})
    assert refused.value.message.startswith("there is no option 'colour'; options: class, alpha")
