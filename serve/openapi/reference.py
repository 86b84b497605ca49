"""What the pieces of the document are, and how one names another."""

from typing import Any

Json = dict[str, Any]
"""A part of the document: JSON values by name."""

_ABOUT = ("description", "default", "examples")


def ref(section: str, name: str) -> Json:
    """Point at one of the document's components; see OpenAPI 3.1, Reference Object."""
    return {"$ref": f"#/components/{section}/{name}"}


def nullable(schema: Json) -> Json:
    """The same, or null: in a request that is nothing."""
    about: Json = {name: schema[name] for name in _ABOUT if name in schema}
    values = {name: part for name, part in schema.items() if name not in about}
    return {**about, "anyOf": [*values.get("anyOf", [values]), {"type": "null"}]}
