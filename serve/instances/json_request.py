"""A request in JSON as the Mask R-CNN containers took it: bytes → what is wanted.

    {"img_id": "000000000139.jpg", "img_data": "...",
     "score_threshold": 0.8, "mask_threshold": 0.5, "rpn": false,
     "scores": true, "class": ["cat", "dog"], ...,
     "ImageS3Uri": "s3://bucket/key", "OutputS3Uri": "s3://bucket/key", "Accept": "image/png"}

The first two lines are the containers', whose `rpn` did nothing lately, as here. Every option of
serve/instances/options.py may be a field. The last line is ours, and goes for any request in JSON.
Fields of other names are passed over, and null is the same as nothing.
"""

from collections.abc import Mapping
from functools import partial

from serve.errors import BadJson
from serve.instances.options import INSTANCE_KINDS
from serve.json_fields import (
    COMMON,
    JsonKind,
    JsonRequest,
    number_text,
    object_in,
    parts_text,
    photo_in,
    read_fields,
    text,
)
from serve.kinds import Kind


def parse_instances_json(body: bytes) -> JsonRequest:
    """Read a request.

    Raises:
        BadJson: no JSON object, or no photo or no img_id in it.
        BadOption: a field's value cannot be used.
    """
    given = object_in(body, "img_data")
    read = read_fields(given, _FIELDS)
    if "img_id" not in read:
        raise BadJson(reason="it has no img_id")
    return JsonRequest(
        image=photo_in(given, "img_data", read.get("ImageS3Uri")),
        output=read.get("OutputS3Uri"),
        accept=read.get("Accept"),
        options={name: read[name] for name in INSTANCE_KINDS if name in read},
        img_id=read["img_id"],
    )


def _img_id(value: object) -> str:
    return text(value) if isinstance(value, str) else number_text(value)


def _option(name: str, kind: Kind, value: object) -> str:
    """As it would stand in a header, where it may be used."""
    written = parts_text(name, value)
    kind.parse(written.strip())
    return written


_FIELDS: Mapping[str, JsonKind] = {
    **COMMON,
    "img_id": JsonKind("a text or a number", _img_id),
    **{
        name: JsonKind(kind.allowed, partial(_option, name, kind))
        for name, kind in INSTANCE_KINDS.items()
    },
}
