"""serve.media: Accept with its parameters, and Content-Type."""

from fuzz import refusal
from fuzz.header import text_of
from serve import media
from serve.errors import ServeError
from serve.options import Options, parse_options


def check(content: bytes) -> None:
    """A type that is written, with options, or a refusal; a body that may come, or a refusal."""
    text = text_of(content)
    try:
        choice = media.choose(text, media.DEFAULT_ACCEPT)
        assert choice.media_type in media.ANSWERS
        assert isinstance(parse_options(choice.params), Options)
    except ServeError as error:
        refusal.check(error)
    try:
        media.check_content_type(text)
    except ServeError as error:
        refusal.check(error)
    assert media.is_json(text) in {True, False}


def seeds() -> list[bytes]:
    """Lists, q values, wildcards, parameters in quotes and out of them."""
    texts = [
        "image/png",
        "application/json;charset=utf-8",
        "text/html, image/png;q=0.5, */*;q=0.1",
        'image/png-overlay;class="cat,dog";alpha=0.4;legend=1',
        "application/x-npy; array=mask ; topk=3",
        "application/x-recordio-protobuf;q=0, application/*;q=1e3",
        "image/*;color=%230ff;filename*=UTF-8''%e2%82%ac",
        r'IMAGE/JPEG ; class="a \"b\" \\ c";;',
    ]
    return [text.encode() for text in texts]
