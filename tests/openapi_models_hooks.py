"""What schemathesis cannot know of a server that holds several models, beside tests/openapi_hooks.

The environment says which model is loaded, and from where; nothing asked here unloads it.
"""

from __future__ import annotations

import itertools
import os
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

import tests.openapi_hooks  # noqa: F401  # schemathesis is told of one module of hooks

_LOADED, _FOLDER = os.environ["LOADED_MODEL"], os.environ["MODEL_FOLDER"]
_CLASSES = 254  # the most there may be, so that any id is one of the loaded model's
_TARGET = "X-Amzn-SageMaker-Target-Model"
_TIMEOUT_S = 60
_turns = itertools.cycle([_LOADED, _LOADED, _LOADED, None])

schemathesis.openapi.format("class", st.integers(0, _CLASSES - 1).map("class {}".format))
# Loading takes a while, what is not there is refused at once; hypothesis likes what comes first.
_FOLDERS = [*(f"{_FOLDER}/{number}" for number in range(4)), _FOLDER]
schemathesis.openapi.format("model-folder", st.sampled_from(_FOLDERS))


@schemathesis.hook("before_call")
def name_it(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """A name that may be any is mostly that of the loaded model; what is wrong on purpose stays."""
    if _TARGET in case.headers and _is_right(case, ParameterLocation.HEADER):
        case.headers[_TARGET] = _LOADED
    if case.path.startswith("/models/{name}") and _is_right(case, ParameterLocation.PATH):
        case.path_parameters["name"] = next(_turns) or case.path_parameters["name"]


def _is_right(case: Any, location: ParameterLocation) -> bool:
    component = case.meta.components.get(location)
    return component is None or bool(component.mode.is_positive)


@schemathesis.hook("before_call")
def leave_it_loaded(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """What is to be unloaded is another, which is not there."""
    if case.method == "DELETE" and unquote(case.path_parameters.get("name", "")) == _LOADED:
        case.path_parameters["name"] = f"not/{_LOADED}"


@schemathesis.check
def folder_that_is_there(_context: Any, response: Any, case: Any) -> None:
    """The model in it is loaded, unless one of its name is; what is not there is refused."""
    if (case.path, case.method) == ("/models", "POST") and case.meta.generation.mode.is_positive:
        is_there = case.body["url"] == _FOLDER
        allowed = {HTTPStatus.OK, HTTPStatus.CONFLICT} if is_there else {HTTPStatus.BAD_REQUEST}
        assert response.status_code in allowed


@schemathesis.hook("after_call")
def unload_others(_context: Any, case: Any, response: Any) -> None:
    """Memory is finite."""
    if (case.path, case.method) == ("/models", "POST") and response.status_code == HTTPStatus.OK:
        name = quote(response.json()["modelName"], safe="")
        url = f"{response.request.url}/{name}"
        assert requests.delete(url, timeout=_TIMEOUT_S).status_code == HTTPStatus.OK
