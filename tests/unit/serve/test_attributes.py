import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.attributes import own_attributes, split_attributes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("  ", {}),
        ("alpha=0.4", {"alpha": "0.4"}),
        ("score_threshold=0.7", {"score_threshold": "0.7"}),
        ("alpha=0.4;legend=1", {"alpha": "0.4", "legend": "1"}),
        ("alpha=0.4, legend=1", {"alpha": "0.4", "legend": "1"}),
        (" alpha = 0.4 ; legend ", {"alpha": "0.4", "legend": "1"}),
        ("alpha=0.4;", {"alpha": "0.4"}),
        ('class="cat,dog";legend', {"class": "cat,dog", "legend": "1"}),
        (r'class="a \"b\" \\";alpha=1', {"class": 'a "b" \\', "alpha": "1"}),
        ("color=#ff0000;colormap=jet|0|24", {"color": "#ff0000", "colormap": "jet|0|24"}),
        ("alpha=", {"alpha": ""}),
        ("alpha=1;alpha=2", {"alpha": "2"}),
        ("class=potted plant", {"class": "potted plant"}),
    ],
)
def test_names_and_values_are_split(text: str, expected: dict[str, str]) -> None:
    assert split_attributes(text) == expected


@pytest.mark.parametrize("text", ["=1", ";", 'a="b', 'a="b"c', "550e8400-e29b", "a=1;;b=2", "ä=1"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no name=value at"):
        split_attributes(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trace-id=1;alpha=0", {"alpha": "0"}),
        ("c000b4f9-df62;alpha=0.4", {"alpha": "0.4"}),
        ('alpha=0.4;note=say "hi"', {"alpha": "0.4"}),
        ("legend=1;;outline=2", {"legend": "1", "outline": "2"}),
        ('alpha=0.4;class="cat', {"alpha": "0.4"}),
        ("", {}),
    ],
)
def test_what_others_write_there_is_passed_over(text: str, expected: dict[str, str]) -> None:
    assert own_attributes(text) == expected


@pytest.mark.parametrize("piece", [" ", '"', "\\", "a=", ";", '="', "a "])
def test_long_texts_are_read_once(piece: str) -> None:
    """A pattern that tried every way to match would be at it for years."""
    own_attributes("a=" + piece * 100_000 + '"')


@given(st.text(max_size=60))
def test_any_text_is_split_or_refused(text: str) -> None:
    try:
        found = split_attributes(text)
    except ValueError:
        return
    assert all(name.replace("_", "").isalpha() for name in found)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=20)))
def test_what_is_quoted_comes_back(values: dict[str, str]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = ";".join(f"{name}={quoted(value)}" for name, value in values.items())
    assert split_attributes(text) == values
