import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from serve.render.text import cut, one_line

FONT = ImageFont.load_default(14)


@given(text=st.text(st.characters(), max_size=30), width=st.integers(0, 200))
def test_whatever_it_is_it_is_cut_to_what_fits(text: str, width: int) -> None:
    line = one_line(text)
    fitted = cut(FONT, line, width)
    assert fitted in {line, fitted.removesuffix("…").rstrip() + "…"}
    assert FONT.getlength(fitted) <= max(width, FONT.getlength("…"))


@pytest.mark.parametrize(("text", "line"), [("a\n b\tc ", "a b c"), ("\udc80x", "?x"), ("", "")])
def test_breaks_and_halves_of_characters_go(text: str, line: str) -> None:
    assert one_line(text) == line
