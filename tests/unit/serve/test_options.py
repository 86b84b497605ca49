import pytest

from serve.errors import BadOption
from serve.options import CHOICES, Options, parse_options


def test_the_defaults_are_the_built_ins() -> None:
    assert parse_options({}) == Options(palette="gray", orientation="stored")
    assert not Options().upright


def test_names_and_values_are_read_in_any_case() -> None:
    assert parse_options({"Palette": "VOC", "ORIENTATION": "Shown"}) == Options("voc", "shown")


def test_charset_is_passed_over() -> None:
    assert parse_options({"charset": "utf-8"}) == Options()


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"palette": "pink"}, "option 'palette' cannot be 'pink'; allowed: gray or voc"),
        ({"orientation": ""}, "option 'orientation' cannot be ''; allowed: stored or shown"),
        ({"colour": "1"}, "there is no option 'colour'; options: palette, orientation"),
    ],
)
def test_a_name_or_value_we_do_not_know_is_refused(params: dict[str, str], says: str) -> None:
    with pytest.raises(BadOption) as refused:
        parse_options(params)
    assert refused.value.message.startswith(says)


def test_every_choice_is_accepted() -> None:
    for name, values in CHOICES.items():
        for value in values:
            assert getattr(parse_options({name: value}), name) == value
