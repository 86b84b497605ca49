"""Answers held against the document that describes them, by libraries that know no code of ours."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

_REQUESTS = ("JsonRequest", "LoadRequest", "Options")


class Contract:
    """A document; answers may have nothing that it does not name."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        told = copy.deepcopy(document)
        for name, schema in told["components"]["schemas"].items():
            if name not in _REQUESTS:
                _close(schema)
        resource = Resource.from_contents(told, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:document", resource)

    def validator(self, *place: str) -> Draft202012Validator:
        """Of the schema at a place in the document."""
        pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)
        return Draft202012Validator(
            {"$ref": f"urn:document#/{quote(pointer)}"}, registry=self._registry
        )

    def check(self, path: str, response: TestResponse, method: str = "") -> None:
        """Its status, type, headers and JSON are those of an operation."""
        method = (method or response.request.method).lower()
        place = ("paths", path, method, "responses", str(response.status_code))
        told = self.document["paths"][path][method]["responses"][place[-1]]
        for name in told.get("headers", {}):
            self._check_header((*place, "headers", name), response.headers[name])
        if "content" not in told:
            assert response.get_data() == b""
            return
        assert response.mimetype in told["content"]
        if response.mimetype == "application/json":
            where = (*place, "content", response.mimetype, "schema")
            self.validator(*where).validate(response.get_json())

    def _check_header(self, place: tuple[str, ...], text: str) -> None:
        header = self._at(place)
        if "$ref" in header:
            place = tuple(header["$ref"].split("/")[1:])
        integer = self._at(place)["schema"].get("type") == "integer"
        self.validator(*place, "schema").validate(int(text) if integer else text)

    def _at(self, place: tuple[str, ...]) -> Any:
        found: Any = self.document
        for part in place:
            found = found[part]
        return found


def _close(schema: Any) -> None:
    """Let objects have the properties that are named and no others."""
    if isinstance(schema, list):
        for part in schema:
            _close(part)
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            _close(part)
