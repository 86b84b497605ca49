import numpy as np

from serve.render.legend import legend_below, with_legend, with_scale

PHOTO = np.full((300, 400, 3), 7, np.uint8)
ENTRIES = [("cat", (220, 60, 60)), ("dog", (60, 90, 220))]


def test_the_photo_is_as_it_was_and_a_strip_is_beside_it() -> None:
    picture = with_legend(PHOTO, ENTRIES)
    assert picture.shape[0] == 300
    assert 420 < picture.shape[1] < 520
    np.testing.assert_array_equal(picture[:, :400], PHOTO)


def test_every_colour_is_there_and_so_is_text() -> None:
    strip = with_legend(PHOTO, ENTRIES)[:, 400:].reshape(-1, 3)
    colors = {tuple(color) for color in strip.tolist()}
    assert {(220, 60, 60), (60, 90, 220), (255, 255, 255)} <= colors
    assert min(sum(color) for color in colors) < 150  # ink


def test_many_classes_take_more_columns() -> None:
    many = [(f"class {i}", (i, i, i)) for i in range(150)]
    few = with_legend(PHOTO, many[:10])
    assert with_legend(PHOTO, many).shape[1] > 2 * few.shape[1] - 400


def test_a_low_picture_has_a_legend_too() -> None:
    assert with_legend(PHOTO[:5], ENTRIES).shape[0] == 5


def test_nothing_to_tell_is_no_strip() -> None:
    np.testing.assert_array_equal(with_legend(PHOTO, []), PHOTO)


def test_a_scale_goes_from_the_maps_end_at_the_top_to_its_beginning() -> None:
    strip = with_scale(PHOTO, "cat", "jet")[:, 400:]
    bar = strip[30:, 12]  # below the title
    colors = [tuple(color) for color in bar.tolist() if tuple(color) != (255, 255, 255)]
    assert colors[0] == (127, 0, 0)
    assert colors[-1] == (0, 0, 127)
    assert with_scale(PHOTO[:3], "cat", "jet").shape[0] == 3


def test_below_a_picture_entries_go_into_as_many_rows_as_they_need() -> None:
    one = legend_below(ENTRIES, 400)
    assert one.shape == (24, 400, 3)
    colors = {tuple(color) for color in one.reshape(-1, 3).tolist()}
    assert {(220, 60, 60), (60, 90, 220)} <= colors
    assert legend_below(ENTRIES, 80).shape == (48, 80, 3)
    assert legend_below([], 80).shape == (0, 80, 3)


def test_a_name_wider_than_the_picture_is_cut() -> None:
    black = (legend_below([("x" * 100, (0, 0, 0))], 100) < 100).all(axis=2)
    assert black.any()
    assert not black[:, -3:].any()


def test_names_in_other_letters_are_written_as_they_sound() -> None:
    picture = np.zeros((90, 120, 3), np.uint8)
    for other, ascii_ in (("Gemüse", "Gemuse"), ("кот", "kot")):
        entries = [((name, (200, 0, 0)),) for name in (other, ascii_)]
        one, two = (with_legend(picture, entry) for entry in entries)
        np.testing.assert_array_equal(one, two)
        one, two = (with_scale(picture, name, "jet") for name in (other, ascii_))
        np.testing.assert_array_equal(one, two)
