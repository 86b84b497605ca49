"""serve.instances.json_request: a request in JSON for things, and what it hands on."""

import json

from fuzz import refusal
from serve import media
from serve.errors import ServeError
from serve.instances.json_request import parse_instances_json
from serve.instances.options import INSTANCE_KINDS
from serve.options import Options, parse_options
from serve.s3_uri import S3Uri


def check(content: bytes) -> None:
    """A photo or where one is, its name, and options that are taken; or a refusal."""
    try:
        wish = parse_instances_json(content)
        assert isinstance(wish.image, bytes | S3Uri)
        assert isinstance(wish.img_id, str)
        assert isinstance(parse_options(wish.options, kinds=INSTANCE_KINDS), Options)
        media.choose(wish.accept, media.JSON)
    except ServeError as error:
        refusal.check(error)


def seeds() -> list[bytes]:
    """Every field, in the kinds of values that it may have."""
    named = {"img_id": "cat.jpg", "img_data": "aGVsbG8="}
    bodies = [
        named,
        {**named, "score_threshold": 0.8, "mask_threshold": 5e-1, "rpn": True},
        {**named, "scores": "yes", "boxes": "float", "ids": "coco", "regions": "polygons"},
        {**named, "class": ["cat", 17], "color": "#0ff", "palette": "voc", "labels": False},
        {"img_id": 139, "ImageS3Uri": "s3://bucket/key.png", "OutputS3Uri": "s3://bucket/out"},
        {**named, "Accept": "image/png-overlay;legend=1", "alpha": 1e-3, "outline": 2},
    ]
    return [json.dumps(body).encode() for body in bodies]
