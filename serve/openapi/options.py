"""The options of a picture, as JSON has them: range, default, meaning, and the types they are for.

Names and ranges are those of serve/options.py. One that has no line in `_MEANINGS` cannot be told
of, and the document cannot be made.
"""

from collections.abc import Mapping
from typing import Any

from serve import media
from serve.answers import UPRIGHT
from serve.kinds import FLAGS, Kind, whole
from serve.labels import Labels
from serve.openapi import instances
from serve.openapi.described import Described, most_classes
from serve.openapi.reference import Json, nullable, ref
from serve.options import KINDS, Options, fitting
from serve.render import colormaps
from serve.task import SEMANTIC, Task

_OVERLAYS = tuple(sorted(UPRIGHT))
_PICTURES = (*_OVERLAYS, media.PNG_MASK)
_LOSSY = tuple(name for name in _OVERLAYS if media.registered(name) != media.PNG)
_SHOWN_COLORMAPS = ("viridis", "jet|dynamic", "jet|dynamic|0|20")

_MEANINGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "class": (
        "only these classes, by id or by name in any case; one text may have several, with commas",
        (*_PICTURES, media.JSON, media.NPY),
    ),
    "alpha": ("opacity; by default 0.5 over the photo, 1 for the layer alone", _PICTURES),
    "color": ("one colour for all that is drawn; the classes' own by default", _PICTURES),
    "colormap": ("colours for ids, or for probabilities; none by default", _PICTURES),
    "probabilistic": (
        "opacity, or the colormap's colour, follows the probability: of the one class asked for,"
        " else of each pixel's winner",
        _PICTURES,
    ),
    "background": (
        "draw class 0; by default unless it is called background, or has no name",
        _PICTURES,
    ),
    "outline": ("pixels of boundary in full colour", _PICTURES),
    "legend": ("names and colours, or the colormap's scale, on the right", _OVERLAYS),
    "quality": ("of JPEG and WebP; 90 and 85 by default", _LOSSY),
    "palette": ("colours by class; gray for image/png, else the model's", (media.PNG, *_PICTURES)),
    "array": ("which array", (media.NPY,)),
    "dtype": ("of probabilities; uint8 is 255 times their value, rounded", (media.NPY,)),
    "topk": ("only so many classes, the most probable; all by default", (media.NPY,)),
    "regions": ("each class's pixels as well: COCO's run lengths, or polygons", (media.JSON,)),
    "orientation": (
        "whether the answer matches the photo as stored, or as EXIF says to show it; overlays are"
        " shown, the rest stored",
        media.ANSWERS,
    ),
}


_DEFAULTS: Mapping[str, Any] = {"outline": 0, "array": "scores", "regions": "none"}
"""Those that are not `Options`' own, as other networks have others."""


def options_schema(server: Described) -> Json:
    """An object of options, each with its default on this server."""
    return {
        "type": "object",
        "description": "Options by name; null is nothing. Numbers, true and false may be texts.",
        "additionalProperties": False,
        "properties": {name: option_schema(name, server) for name in server.task.kinds},
    }


def options_of(media_type: str, task: Task = SEMANTIC) -> list[str]:
    """Names of the options that mean something for a type."""
    meanings = instances.OPTIONS if task.finds_things else _MEANINGS
    return [name for name in task.kinds if media_type in meanings[name][1]]


def class_id(labels: Labels | None) -> Json:
    """An id, or its digits as a text."""
    numbers = range(most_classes(labels)) if labels is None else labels.numbers
    return _with_text({"type": "integer", "minimum": numbers[0], "maximum": numbers[-1]})


def flag() -> Json:
    """True, false, or a word for them."""
    return _with_text({"type": "boolean"})


def colormap_schema() -> Json:
    """A colormap, in the Lambda's writing."""
    return {
        **KINDS["colormap"].schema,
        "description": f"{KINDS['colormap'].allowed}. Names: {', '.join(colormaps.names())}.",
        "examples": [*_SHOWN_COLORMAPS],
    }


def set_options(server: Described) -> Mapping[str, str]:
    """What SEG_OPTIONS says, by option."""
    options = fitting(server.settings.options, server.task.kinds)
    return {name.lower(): text for name, text in options.items()}


def option_schema(name: str, server: Described) -> Json:
    """One of them."""
    meaning, _ = (instances.OPTIONS if server.task.finds_things else _MEANINGS)[name]
    kind, default = server.task.kinds[name], _default(name, server)
    return {
        "description": f"{kind.allowed}: {meaning}",
        **nullable(_schema(name, kind, server.labels)),
        **({} if default is None else {"default": default}),
    }


def _schema(name: str, kind: Kind, labels: Labels | None) -> Json:
    if name == "class":
        return _classes(labels)
    if name == "colormap":
        return ref("schemas", "Colormap")
    kind = whole(1, most_classes(labels)) if name == "topk" else kind
    return _with_text(dict(kind.schema))


def _classes(labels: Labels | None) -> Json:
    """One class, or a list of them; a name with a comma in it stands alone."""
    ids = class_id(labels)["anyOf"]
    alone, listed = _any_name(), _any_name()
    if labels:
        plain = [name for name in labels.names if "," not in name]
        alone, listed = ({"type": "string", "enum": [*each]} for each in (labels.names, plain))
    items = {"anyOf": [*ids, listed]}
    return {"anyOf": [*ids, alone, {"type": "array", "items": items, "minItems": 1}]}


def _any_name() -> Json:
    """The models differ in what they call their classes."""
    return {"type": "string", "format": "class", "minLength": 1}


def _default(name: str, server: Described) -> Any:
    """What SEG_OPTIONS says, else what holds for every type; None where there is no such thing."""
    text, is_of_things = set_options(server).get(name), server.task.finds_things
    if text is None:  # `class` is none of its fields
        default = getattr(Options(), name, None) if not is_of_things else None
        return (instances.DEFAULTS if is_of_things else _DEFAULTS).get(name, default)
    value = server.task.kinds[name].parse(text)
    if name == "class":
        return [*value]
    return value if isinstance(value, str | float | int) else text


def _with_text(schema: Json) -> Json:
    """The same, with the texts that say it."""
    match schema.get("type"):
        case "integer":
            numbers = "|".join(map(str, range(schema["minimum"], schema["maximum"] + 1)))
            return {"anyOf": [schema, {"type": "string", "pattern": f"^({numbers})$"}]}
        case "number":
            pattern = r"^(0?\.[0-9]+|0(\.[0-9]*)?|1(\.0*)?)$"
            return {"anyOf": [schema, {"type": "string", "pattern": pattern}]}
        case "boolean":
            words = {"type": "string", "enum": [*FLAGS]}
            return {"anyOf": [schema, {"type": "integer", "enum": [0, 1]}, words]}
    return schema
