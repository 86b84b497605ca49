"""GET /openapi.json of a server that holds several models: its answers and refusals are as told."""

import json
from pathlib import Path
from typing import Any

import pytest

from serve import media, models_api
from serve.errors import BadModel, LoadFailed, OurWords, OutOfMemory, ServeError
from tests.contract import Contract
from tests.http.conftest import MakeModelsApp, ModelsApp
from tests.photos import noise, saved
from tests.shelf import MIB, OwnEngine

PHOTO = saved(noise(4, 5, 3), "PNG")
MODEL, INVOKE = "/models/{name}", "/models/{name}/invoke"
ENDPOINT = "/endpoints/{name}/invocations"


@pytest.fixture
def app(models_app_of: MakeModelsApp) -> ModelsApp:
    """Room for two models; `pets/cats` is loaded."""
    app = models_app_of(most_mib=2, max_payload_mb=1)
    assert app.load("pets/cats", 1).status_code == 200
    return app


@pytest.fixture
def contract(app: ModelsApp) -> Contract:
    response = app.client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    return Contract(response.get_json())


def refuse_as_told(contract: Contract, path: str, response: Any, code: str) -> None:
    assert response.get_json()["code"] == code
    contract.check(path, response)


def test_a_models_life_is_as_told(app: ModelsApp, contract: Contract) -> None:
    sent = {"model_name": "dogs", "url": str(app.shelf.base / "2")}
    contract.validator("components", "schemas", "LoadRequest").validate(sent)
    for path, method, at in (
        ("/models", "POST", "/models"),
        ("/models", "GET", "/models"),
        (MODEL, "GET", "/models/pets/cats"),
        (INVOKE, "POST", "/models/dogs/invoke"),
        (MODEL, "DELETE", "/models/pets/cats"),
    ):
        body = {"data": PHOTO} if path == INVOKE else {"data": json.dumps(sent)}
        response = app.client.open(at, method=method, **body, buffered=True)
        assert response.status_code == 200, at
        contract.check(path, response)


def test_a_page_of_models_and_its_token_are_as_told(
    app: ModelsApp, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models_api, "PAGE_MODELS", 1)
    app.load("~/!", 2)
    response = app.client.get("/models")
    assert "nextPageToken" in response.get_json()
    contract.check("/models", response)
    place = ("paths", "/models", "get", "parameters", "0", "schema")
    contract.validator(*place).validate(response.get_json()["nextPageToken"])
    refused = app.client.get("/models", query_string={"next_page_token": "zz"})
    refuse_as_told(contract, "/models", refused, "bad-model-request")


@pytest.mark.parametrize("options", ["", ";class=2", ";regions=polygons"])
@pytest.mark.parametrize("accept", media.ANSWERS)
def test_answers_to_photos_are_as_told(
    app: ModelsApp, contract: Contract, accept: str, options: str
) -> None:
    response = app.ask("pets/cats", Accept=f"{accept}{options}")
    assert response.status_code == 200
    contract.check(INVOKE, response)


@pytest.mark.parametrize("path", ["/ping", "/metrics", "/openapi.json"])
def test_answers_of_the_server_are_as_told(app: ModelsApp, contract: Contract, path: str) -> None:
    response = app.client.get(path)
    assert response.status_code == 200
    contract.check(path, response)


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"no photo", {}, "undecodable-image"),
        (b"", {}, "empty-body"),
        (None, {"Accept": "text/html"}, "not-acceptable"),
        (None, {"Accept": "image/png-overlay;class=99"}, "bad-option"),
        (b"{", {"Content_Type": media.JSON}, "bad-json"),
        (b"1,2", {"Content_Type": "text/csv"}, "unsupported-media-type"),
        (bytes(MIB + 1), {}, "body-too-large"),
    ],
)
def test_refusals_of_photos_are_as_told(
    app: ModelsApp, contract: Contract, body: bytes | None, headers: dict[str, str], code: str
) -> None:
    refuse_as_told(contract, INVOKE, app.ask("pets/cats", body, **headers), code)


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        (MODEL, "GET /models/none", "model-not-found"),
        (MODEL, "DELETE /models/none", "model-not-found"),
        (MODEL, "GET /models/a%0Ab", "not-found"),
        (INVOKE, "POST /models/none/invoke", "model-not-found"),
        (INVOKE, "POST /models/a%0Ab/invoke", "not-found"),
        ("/invocations", "POST /invocations", "model-not-named"),
        ("/", "GET /", "model-not-named"),
        ("/models", "POST /models", "bad-model-request"),
    ],
)
def test_refusals_of_names_are_as_told(
    app: ModelsApp, contract: Contract, path: str, asked: str, code: str
) -> None:
    method, at = asked.split()
    response = app.client.open(at, method=method, data=b"x")
    refuse_as_told(contract, path, response, code)


@pytest.mark.parametrize(
    ("path", "method", "at"),
    [
        ("/models", "POST", "/models"),
        (MODEL, "DELETE", "/models/pets/cats"),
        (INVOKE, "POST", "/models/pets/cats/invoke"),
    ],
)
def test_another_method_is_refused_as_told(
    app: ModelsApp, contract: Contract, path: str, method: str, at: str
) -> None:
    response = app.client.put(at, data=PHOTO)
    assert response.status_code == 405
    contract.check(path, response, method)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadModel(reason=OurWords("model_best.params is cut short")), "bad-model"),
        (OutOfMemory(reason="none"), "out-of-memory"),
        (LoadFailed(), "load-failed"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_refused_as_told(
    app: ModelsApp,
    contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
    error: ServeError,
    code: str,
) -> None:
    def fail(_folder: Path) -> None:
        raise error

    monkeypatch.setattr(app.models, "_find", fail)
    refuse_as_told(contract, "/models", app.load("dogs", 2), code)


def test_a_name_that_is_taken_and_a_third_model_are_refused_as_told(
    app: ModelsApp, contract: Contract
) -> None:
    refuse_as_told(contract, "/models", app.load("pets/cats", 2), "model-exists")
    assert app.load("dogs", 2).status_code == 200
    refuse_as_told(contract, "/models", app.load("birds", 0), "out-of-memory")
    long = app.client.post("/models", data=bytes(MIB + 1))
    refuse_as_told(contract, "/models", long, "body-too-large")


def test_a_photo_for_which_there_is_no_memory_is_refused_as_told(
    app: ModelsApp, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: OwnEngine, _image: object) -> None:
        raise MemoryError

    monkeypatch.setattr(OwnEngine, "predict", fail)
    refuse_as_told(contract, INVOKE, app.ask("pets/cats"), "out-of-memory")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("pets/cats", 200, ""),
        ("none", 424, "model-not-found"),
        ("", 424, "model-not-named"),
    ],
)
def test_the_runtime_apis_answers_are_as_told(
    app: ModelsApp, contract: Contract, name: str, status: int, code: str
) -> None:
    headers = {"X-Amzn-SageMaker-Target-Model": name}
    response = app.client.post("/endpoints/any/invocations", data=PHOTO, headers=headers)
    assert response.status_code == status
    contract.check(ENDPOINT, response)
    assert not code or code in response.get_json()["OriginalMessage"]
