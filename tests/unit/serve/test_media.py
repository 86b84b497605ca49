import pytest

from serve import media
from serve.errors import NotAcceptable, UnsupportedMediaType

RECORDIO = "application/x-recordio-protobuf"
PROTOBUF = "application/x-protobuf"


@pytest.mark.parametrize(
    ("accept", "media_type", "params"),
    [
        ("image/png", "image/png", {}),
        ("image/png;palette=voc", "image/png", {"palette": "voc"}),
        ("Image/PNG ; Palette=voc", "image/png", {"palette": "voc"}),
        ('image/png;class="cat,dog";q=0.5', "image/png", {"class": "cat,dog"}),
        ('image/png;class="cat,dog";q=0.5, application/x-protobuf', PROTOBUF, {}),
        ("application/x-protobuf, image/png", PROTOBUF, {}),
        ("image/png, application/x-protobuf;palette=voc", "image/png", {}),
        ("*/*, image/png", "image/png", {}),
        ("*/*;q=0.9, image/png;q=0.8", RECORDIO, {}),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "image/jpeg", {}),
        ("image/webp; Q=.2, image/png; q=.25", "image/png", {}),
        ('image/png;class="a;q=.5";q=.5', "image/png", {"class": "a;q=.5"}),
        ("image/*;palette=voc", "image/png", {"palette": "voc"}),
        ("*/*;palette=voc", RECORDIO, {"palette": "voc"}),
    ],
)
def test_the_best_type_is_chosen_with_its_parameters(
    accept: str, media_type: str, params: dict[str, str]
) -> None:
    assert media.choose(accept, media.DEFAULT_ACCEPT) == media.Choice(media_type, params)


@pytest.mark.parametrize(
    "accept", [None, "", "*/*", "application/*", "text/html, */*;q=0.1", "*/*; q=.2"]
)
def test_a_wildcard_means_the_default_with_its_options(accept: str | None) -> None:
    chosen = media.choose(accept, "image/png;palette=voc")
    assert chosen == media.Choice("image/png", {}, {"palette": "voc"})


def test_what_a_wildcard_is_asked_with_is_told_from_the_defaults_own() -> None:
    chosen = media.choose("*/*;alpha=0.4", "image/png;palette=voc;alpha=0.6")
    assert chosen == media.Choice("image/png", {"alpha": "0.4"}, {"palette": "voc", "alpha": "0.6"})


@pytest.mark.parametrize("accept", ["image/*;alpha=0.4", "image/png;alpha=0.4"])
def test_where_the_default_is_not_meant_neither_are_its_options(accept: str) -> None:
    chosen = media.choose(accept, "image/png;palette=voc")
    assert chosen == media.Choice("image/png", {"alpha": "0.4"})


def test_a_default_of_anything_is_recordio() -> None:
    assert media.choose(None, "*/*").media_type == RECORDIO


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/png;q=0",
        "image/png;q=.0",
        "image/png;q=high",
        "png",
        "audio/*",
        ";;",
        "/",
    ],
)
def test_nothing_we_write_is_refused_with_the_list(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        media.choose(accept, media.DEFAULT_ACCEPT)
    assert refused.value.details["allowed"] == list(media.ANSWERS)


@pytest.mark.parametrize(
    "content_type", [None, "", "image/png", "IMAGE/TIFF; page=1", "application/json"]
)
def test_a_photo_json_or_no_label_at_all_is_accepted(content_type: str | None) -> None:
    media.check_content_type(content_type)


@pytest.mark.parametrize(
    "content_type", ["text/json", "text/plain", "image/svg+xml", "multipart/form-data"]
)
def test_another_label_is_refused_with_the_list(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        media.check_content_type(content_type)
    assert content_type in refused.value.message
    assert refused.value.details["allowed"] == [*media.PHOTOS, "application/json"]


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/jsonl", False),
        ("image/json", False),
        ("", False),
        (None, False),
    ],
)
def test_json_is_told_by_its_label(content_type: str | None, expected: bool) -> None:
    assert media.is_json(content_type) is expected


def test_a_picture_has_the_name_that_browsers_know() -> None:
    named = [media.registered(media_type) for media_type in ("image/png-mask", "image/png")]
    assert named == ["image/png", "image/png"]
    assert media.registered("image/webp-overlay") == "image/webp"
    assert media.registered(media.NPY) == media.NPY
