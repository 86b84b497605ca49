"""What was sent and what is wanted: Content-Type and Accept.

Werkzeug parses and ranks Accept; a type is matched with its parameters set aside, and they are then
the request's options (serve/options.py). Pure: strings in, a choice out.

The built-in algorithm answers RecordIO to a request without Accept and to `*/*`; both of its names
for that type are in use, and the one asked for is echoed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from werkzeug.http import parse_accept_header, parse_options_header

from serve.attributes import split_unquoted
from serve.errors import BadOption, NotAcceptable, UnsupportedMediaType

PNG = "image/png"
PNG_MASK = "image/png-mask"
PNG_OVERLAY = "image/png-overlay"
JPEG_OVERLAY = "image/jpeg-overlay"
WEBP_OVERLAY = "image/webp-overlay"
JPEG, WEBP = "image/jpeg", "image/webp"
JSON = "application/json"
NPY = "application/x-npy"
PROTOBUF = "application/x-protobuf"
RECORDIO = "application/x-recordio-protobuf"
DEFAULT_ACCEPT = RECORDIO
_DEFAULTS = frozenset({"*/*", "*", "application/*"})
_ANY_IMAGE = "image/*"

# RFC 9110, 5.6.6: a token, "=", and a token or a quoted string.
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf'{_WORD}\s*=\s*(?:{_WORD}|"(?:[^"\\]|\\.)*")')
_BARE_FRACTION = re.compile(r'"(?:[^"\\]|\\.)*"|(;\s*q\s*=\s*)(?=\.[0-9])', re.IGNORECASE)
"""`q=.2` outside of quotes: no quality by the letter, but what Java's HttpURLConnection sends."""
_PARAMETERS = "name=value, the value in double quotes where it has spaces, separators or accents"

ANSWERS = (
    PNG,
    RECORDIO,
    PROTOBUF,
    PNG_OVERLAY,
    JPEG_OVERLAY,
    WEBP_OVERLAY,
    JPEG,
    WEBP,
    PNG_MASK,
    JSON,
    NPY,
)

PHOTOS = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/bmp",
    "image/tiff",
    "application/x-image",
    "application/octet-stream",
)
"""The types of photos; the bytes decide what a photo is, not its label."""

BODIES = (*PHOTOS, JSON)
"""The types named to those who send another."""

_REGISTERED = {PNG_MASK: PNG, PNG_OVERLAY: PNG, JPEG_OVERLAY: JPEG, WEBP_OVERLAY: WEBP}

ALSO_PHOTOS = frozenset(
    {
        "image/jpg",
        "image/pjpeg",
        "image/x-png",
        "image/mpo",
        "image/x-tiff",
        "image/x-ms-bmp",
        "image/x-bmp",
        "image/tif",
        "binary/octet-stream",  # what S3 calls an object that nobody labelled
        "application/x-www-form-urlencoded",  # what curl --data-binary says unless told otherwise
        "file-path/raw-bytes",  # what the SageMaker SDK's DataSerializer says of a file's bytes
    }
)
"""Other names by which photos come."""


@dataclass(frozen=True)
class Choice:
    """The type of the answer and the parameters it was asked for with."""

    media_type: str
    params: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the default, where that is meant: for those that were not asked for."""


def choose(accept: str | None, default: str, answers: Collection[str] = ANSWERS) -> Choice:
    """Pick the answer's type.

    Args:
        accept: the Accept header, None when there is none.
        default: what absent and `*/*` mean, itself in the form of an Accept header; JSON where it
            is none of `answers`.
        answers: the types there are.

    Raises:
        BadOption: a parameter of one of our types cannot be read.
        NotAcceptable: nothing in the list is a type we write.
    """
    _check_parameters(accept or "*/*", answers)
    for wanted, quality in _ranked(accept or "*/*"):
        media_type, params = parse_options_header(wanted)
        media_type = media_type.lower()
        if quality <= 0:
            continue
        if media_type in _DEFAULTS:
            meant = _chosen_for_all(default, answers)
            return Choice(meant.media_type, params, meant.params)
        if media_type == _ANY_IMAGE:
            return Choice(PNG, params)
        if media_type in answers:
            return Choice(media_type, params)
    raise NotAcceptable(accept=accept or "", allowed=list(answers))


def _chosen_for_all(default: str, answers: Collection[str]) -> Choice:
    """What `*/*` means; a default of `*/*` is as none."""
    try:
        return choose(default, DEFAULT_ACCEPT if default != DEFAULT_ACCEPT else JSON, answers)
    except NotAcceptable:
        return Choice(JSON, {})


def _check_parameters(accept: str, answers: Collection[str]) -> None:
    """Refuse what the parser would pass over without a word."""
    for wanted in split_unquoted(accept, ","):
        media_type, *parameters = split_unquoted(wanted, ";")
        if media_type.strip().lower() not in {*answers, *_DEFAULTS, _ANY_IMAGE}:
            continue
        for parameter in parameters:
            if parameter.strip() and not _PARAMETER.fullmatch(parameter.strip()):
                raise BadOption(option="", value=parameter, allowed=_PARAMETERS)


def _ranked(accept: str) -> list[tuple[str, float]]:
    """Best first: by q, then names before wildcards, then in the client's order."""
    accept = _BARE_FRACTION.sub(lambda found: found[0] + "0" * bool(found[1]), accept)
    ranked = parse_accept_header(accept)
    return sorted(ranked, key=lambda item: (-item[1], "*" in item[0]))


def is_json(content_type: str | None) -> bool:
    """Whether a body is labelled as a request in JSON rather than as a photo."""
    return parse_options_header(content_type)[0].lower() == JSON


def check_content_type(content_type: str | None) -> None:
    """Refuse a body that its sender calls something other than a photo or JSON.

    Raises:
        UnsupportedMediaType: it is labelled, and not as one of these or as plain bytes.
    """
    media_type = parse_options_header(content_type)[0].lower()
    if media_type and media_type not in BODIES and media_type not in ALSO_PHOTOS:
        raise UnsupportedMediaType(content_type=media_type, allowed=list(BODIES))


def registered(media_type: str) -> str:
    """The name by which browsers know an answer's type: `image/png` for `image/png-mask`."""
    return _REGISTERED.get(media_type, media_type)
