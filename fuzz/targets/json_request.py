"""serve.json_request: a request in JSON, and what it hands on."""

import json

from fuzz import refusal
from serve import media
from serve.errors import ServeError
from serve.json_request import parse_json
from serve.options import Options, parse_options
from serve.s3_uri import S3Uri

_CLASSES = 21


def check(content: bytes) -> None:
    """A photo or where one is, and options, or a refusal."""
    try:
        wish = parse_json(content, classes=_CLASSES)
        assert isinstance(wish.image, bytes | S3Uri)
        assert isinstance(wish.over(parse_options(wish.options)), Options)
        media.choose(wish.accept, media.JSON)
    except ServeError as error:
        refusal.check(error)


def seeds() -> list[bytes]:
    """Every field, in the kinds of values that it may have."""
    bodies = [
        {"ImageBase64": "aGVsbG8="},
        {"ImageBase64": "data:image/png;base64,aGVs bG8=", "TargetClassId": 14, "Alpha": 0.8},
        {"ImageS3Uri": "s3://bucket/key.png", "OutputS3Uri": "s3://bucket/out/key.png"},
        {"ImageBase64": "", "ImageS3Uri": "s3://bucket/key", "TargetClassId": "7"},
        {"ImageBase64": "aGVsbG8=", "MaskColor": [0, 1, 0.5], "Probabilistic": False},
        {"ImageBase64": "aGVsbG8=", "MaskColorMap": "jet|dynamic|0|20", "Alpha": 1e-3},
        {"ImageBase64": "aGVsbG8=", "Accept": "image/png-overlay;legend=1"},
        {"ImageBase64": "aGVsbG8=", "Options": {"class": ["cat", 2], "legend": True, "topk": 3.0}},
    ]
    return [json.dumps(body).encode() for body in bodies] + [
        b"[1,",
        b'{"a":NaN}',
        b"\xff\xfe{\0}\0",
    ]
