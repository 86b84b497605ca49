"""serve.options: the Custom-Attributes header, and SEG_OPTIONS."""

import contextlib

from fuzz import refusal
from fuzz.header import text_of
from serve.attributes import own_attributes, split_attributes
from serve.errors import BadOption
from serve.options import KINDS, Options, parse_options


def check(content: bytes) -> None:
    """Options, or a refusal of an option; ValueError where all must be attributes."""
    text = text_of(content)
    own = {name: value for name, value in own_attributes(text).items() if name.lower() in KINDS}
    _parse(own)
    given: dict[str, str] = {}
    with contextlib.suppress(ValueError):
        given = split_attributes(text)
    _parse(given)


def _parse(given: dict[str, str]) -> None:
    try:
        assert isinstance(parse_options(given), Options)
    except BadOption as error:
        refusal.check(error)


def seeds() -> list[bytes]:
    """Each option, and all that quoting and separators can do."""
    texts = [
        'class="cat,dog";alpha=0.4;legend',
        'color="0,1,1";colormap=jet|dynamic|0|24',
        "color=#0ff;probabilistic=yes;background=off;outline=2",
        "quality=90,palette=voc,array=mask,dtype=float16,topk=3",
        "regions=rle;orientation=shown;charset=utf-8",
        r'class="a \"b\" \\ c";trace=1-67891233-abcdef012345678912345678',
        'class="größe";=;;"',
    ]
    return [text.encode() for text in texts]
