"""The API for several models, status by status, around engines that can be reckoned by hand."""

import io
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from serve import models_api
from serve.errors import BadModel, LoadFailed, OurWords, OutOfMemory
from tests.http.conftest import MakeModelsApp, ModelsApp
from tests.http.test_invocations import photo_bytes
from tests.http.test_journal import samples
from tests.shelf import MIB, OwnEngine


@pytest.fixture
def app(models_app_of: MakeModelsApp) -> ModelsApp:
    return models_app_of()


def refused(response: Any) -> tuple[int, str]:
    body = response.get_json()
    assert body["request_id"] == response.headers["X-Request-Id"]
    return response.status_code, body["code"]


def ids(response: Any) -> set[int]:
    assert response.status_code == 200, response.get_data()
    return set(np.unique(np.asarray(Image.open(io.BytesIO(response.get_data())))))


def test_it_is_healthy_without_a_model(app: ModelsApp) -> None:
    response = app.client.get("/ping")
    assert (response.status_code, response.get_data()) == (200, b"")


def test_a_model_is_loaded_told_asked_and_unloaded(app: ModelsApp) -> None:
    told = {"modelName": "cats", "modelUrl": str(app.shelf.base / "1")}
    loaded = app.load("cats", 1)
    assert (loaded.status_code, loaded.get_json()) == (200, told)
    assert loaded.headers["Server-Timing"].startswith("load;dur=")
    assert app.load("birds", 2).status_code == 200
    assert app.client.get("/models/cats").get_json() == told
    assert [each["modelName"] for each in listed(app)] == ["birds", "cats"]
    assert (ids(app.ask("cats")), ids(app.ask("birds"))) == ({1}, {2})
    gone = app.client.delete("/models/cats")
    assert (gone.status_code, gone.get_data()) == (200, b"")
    assert refused(app.ask("cats")) == (404, "model-not-found")
    assert refused(app.client.get("/models/cats")) == (404, "model-not-found")
    assert refused(app.client.delete("/models/cats")) == (404, "model-not-found")
    assert ids(app.ask("birds")) == {2}


def listed(app: ModelsApp, token: str | None = None) -> list[dict[str, str]]:
    query = {} if token is None else {"next_page_token": token}
    page = app.client.get("/models", query_string=query).get_json()
    found: list[dict[str, str]] = page["models"]
    following = page.get("nextPageToken")
    return found + listed(app, following) if following else found


@pytest.mark.parametrize("path", ["/models//a", "/models//a/invoke"])
def test_two_slashes_are_no_redirect(app: ModelsApp, path: str) -> None:
    method = "POST" if path.endswith("invoke") else "GET"
    answer = app.client.open(path, method=method, headers={"Host": "elsewhere"})
    assert refused(answer)[0] == 404


def test_a_name_with_a_slash_is_asked_as_any_other(app: ModelsApp) -> None:
    assert app.load("pets/cats.tar.gz", 1).status_code == 200
    assert ids(app.ask("pets/cats.tar.gz")) == {1}
    assert ids(app.ask("pets%2Fcats.tar.gz")) == {1}
    assert app.client.delete("/models/pets/cats.tar.gz").status_code == 200


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 6, 7])
def test_many_are_listed_page_by_page(
    app: ModelsApp, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(models_api, "PAGE_MODELS", 3)
    names = [f"{n}/~!" for n in range(count)]
    for name in names:
        assert app.load(name, 0).status_code == 200
    assert [each["modelName"] for each in listed(app)] == names
    first = app.client.get("/models").get_json()
    assert len(first["models"]) == min(count, 3)
    assert ("nextPageToken" in first) == (count > 3)


def test_the_next_page_begins_where_the_last_ended_though_models_went(
    app: ModelsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models_api, "PAGE_MODELS", 2)
    for name in "abcd":
        app.load(name, 0)
    token = app.client.get("/models").get_json()["nextPageToken"]
    for name in "ab":
        app.client.delete(f"/models/{name}")
    assert [each["modelName"] for each in listed(app, token)] == ["c", "d"]


@pytest.mark.parametrize("token", ["zz", "a", "ff", "\u00e4"])
def test_a_token_of_another_kind_is_refused(app: ModelsApp, token: str) -> None:
    response = app.client.get("/models", query_string={"next_page_token": token})
    assert refused(response) == (400, "bad-model-request")
    assert "next_page_token" in response.get_json()["message"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "model_name"),
        (b"{}", "model_name"),
        (b'{"model_name": "a", "url": 7}', "url"),
        (b'{"model_name": "a b", "url": "/"}', "printable ASCII"),
        (b'{"model_name": "a", "url": "/"}', "within `models`"),
    ],
)
def test_a_request_to_load_that_is_none_says_what_is_allowed(
    app: ModelsApp, body: bytes, says: str
) -> None:
    response = app.client.post("/models", data=body)
    assert refused(response) == (400, "bad-model-request")
    assert says in response.get_json()["message"]


def test_its_body_has_the_limit_of_all_bodies(models_app_of: MakeModelsApp) -> None:
    app = models_app_of(max_payload_mb=1)
    response = app.client.post("/models", data=b" " * (MIB + 1))
    assert refused(response) == (413, "body-too-large")


def test_a_model_is_loaded_once(app: ModelsApp) -> None:
    app.load("cats", 1)
    assert refused(app.load("cats", 2)) == (409, "model-exists")


def test_where_there_is_no_room_a_model_is_refused_or_another_unloaded(
    models_app_of: MakeModelsApp,
) -> None:
    full = models_app_of(most_mib=1)
    full.load("a", 0)
    response = full.load("b", 1)
    assert refused(response) == (507, "out-of-memory")
    assert "SEG_MODELS_MB allows 1" in response.get_json()["message"]
    assert ids(full.ask("a")) == {0}


def test_if_asked_to_another_is_unloaded_for_it(models_app_of: MakeModelsApp) -> None:
    app = models_app_of(most_mib=1, models="unload")
    app.load("a", 0)
    assert app.load("b", 1).status_code == 200
    assert refused(app.ask("a")) == (404, "model-not-found")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadModel(reason=OurWords("model_best.params is cut short")), 400, "bad-model"),
        (OutOfMemory(reason="none"), 507, "out-of-memory"),
        (LoadFailed(), 500, "load-failed"),
    ],
)
def test_what_the_loader_says_is_passed_on(
    app: ModelsApp, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(_folder: Path) -> None:
        raise error

    monkeypatch.setattr(app.models, "_find", fail)
    assert refused(app.load("cats", 1)) == (status, code)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (MemoryError(), 507, "out-of-memory"),
        (RuntimeError("Exception from x.cpp:7:\nFailed to allocate 9 bytes"), 507, "out-of-memory"),
        (RuntimeError("Status Message: std::bad_alloc"), 507, "out-of-memory"),
        (RuntimeError("CUDA error: out of memory"), 507, "out-of-memory"),
        (RuntimeError("shapes differ"), 500, "inference-failed"),
        (ValueError("out of memory, it says"), 500, "inference-failed"),
    ],
)
def test_a_network_that_finds_no_memory_says_so_and_stays(
    app: ModelsApp, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    app.load("cats", 1)

    def fail(_self: OwnEngine, _image: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(OwnEngine, "predict", fail)
        assert refused(app.ask("cats")) == (status, code)
    assert ids(app.ask("cats")) == {1}
    assert app.models.places.taken == 0
    assert app.client.delete("/models/cats").status_code == 200


def test_a_list_that_fails_is_no_models_fault(
    app: ModelsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.models, "listed", None)
    answer = app.client.get("/models")
    assert refused(answer) == (500, "internal-error")
    assert "model" not in answer.get_json()["message"]


def test_memory_that_runs_out_before_the_network_is_told_the_same(
    app: ModelsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.load("cats", 1)

    def fail(*_arguments: object, **_more: object) -> None:
        raise MemoryError

    monkeypatch.setattr("serve.invoke.open_photo", fail)
    assert refused(app.ask("cats")) == (507, "out-of-memory")


def test_each_model_has_its_own_classes_and_predictions(app: ModelsApp) -> None:
    app.load("one", 1)
    app.load("two", 2)
    photo = photo_bytes()
    names = {}
    for name in ("one", "two", "one", "two"):
        (found,) = app.ask(name, photo, Accept="application/json").get_json()["classes"]
        names[name] = found["id"], found["name"]
    assert names == {"one": (1, "class 1"), "two": (2, "dog")}
    asked_by_name = app.ask("two", photo, Accept="image/png-overlay;class=dog")
    assert asked_by_name.status_code == 200
    refusal = app.ask("one", photo, Accept="image/png-overlay;class=dog")
    assert refused(refusal) == (400, "bad-option")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"no photo", {}, 400, "undecodable-image"),
        (b"", {}, 400, "empty-body"),
        (None, {"Accept": "text/html"}, 406, "not-acceptable"),
        (b"1,2", {"Content_Type": "text/csv"}, 415, "unsupported-media-type"),
        (b"{}", {"Content_Type": "application/json"}, 400, "bad-json"),
    ],
)
def test_a_photo_is_refused_as_at_invocations_and_the_model_is_free(
    app: ModelsApp, body: bytes | None, headers: dict[str, str], status: int, code: str
) -> None:
    app.load("cats", 1)
    assert refused(app.ask("cats", body, **headers)) == (status, code)
    assert app.client.delete("/models/cats").status_code == 200


def test_places_are_the_whole_servers(models_app_of: MakeModelsApp) -> None:
    app = models_app_of(queue_size=1)
    for number, name in ((1, "one"), (2, "two")):
        app.load(name, number)
    app.shelf.engines[1].may_run.clear()
    with ThreadPoolExecutor(1) as caller:
        waiting = caller.submit(app.ask, "one")
        while not app.models.places.taken:
            threading.Event().wait(0.001)
        assert refused(app.ask("two")) == (503, "overloaded")
        app.shelf.engines[1].may_run.set()
        assert ids(waiting.result()) == {1}
    assert ids(app.ask("two")) == {2}


@pytest.mark.parametrize(("method", "path"), [("POST", "/invocations"), ("GET", "/")])
def test_where_one_model_would_answer_the_routes_are_told(
    models_app_of: MakeModelsApp, method: str, path: str
) -> None:
    response = models_app_of(page="on").client.open(path, method=method, data=b"x")
    assert refused(response) == (404, "model-not-named")
    message = response.get_json()["message"]
    for route in ("POST /models", "GET /models", "POST /models/NAME/invoke", "DELETE /models/NAME"):
        assert route in message


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/models", "GET, POST"),
        ("POST", "/models/cats", "DELETE, GET"),
        ("PUT", "/models/cats/invoke", "DELETE, GET, POST"),
        ("GET", "/invocations", "POST"),
    ],
)
def test_another_method_is_told_which_there_are(
    app: ModelsApp, method: str, path: str, allowed: str
) -> None:
    response = app.client.open(path, method=method)
    assert refused(response) == (405, "method-not-allowed")
    assert response.headers["Allow"] == allowed


def test_a_server_of_one_model_has_none_of_this(client: FlaskClient) -> None:
    for method, path in (("GET", "/models"), ("POST", "/models"), ("DELETE", "/models/cats")):
        assert refused(client.open(path, method=method)) == (404, "not-found")


def test_boto3s_route_goes_by_the_target_model(app: ModelsApp) -> None:
    app.load("pets/cats.tar.gz", 1)

    def ask(**headers: str) -> Any:
        path, sent = "/endpoints/any/invocations", {"Accept": "image/png", **headers}
        return app.client.post(path, data=photo_bytes(), headers=sent, buffered=True)

    header = "X-Amzn-SageMaker-Target-Model"
    assert ids(ask(**{header: "pets/cats.tar.gz"})) == {1}
    for headers, code in (({header: "dogs"}, "model-not-found"), ({}, "model-not-named")):
        response = ask(**headers)
        assert response.status_code == 424
        assert response.headers["x-amzn-ErrorType"] == "ModelError"
        told = response.get_json()
        assert told["OriginalStatusCode"] == 404
        assert json.loads(told["OriginalMessage"])["code"] == code


def test_the_log_and_the_metrics_say_which_model(
    models_app_of: MakeModelsApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = models_app_of(metrics_namespace="Seg")
    app.load("cats", 1)
    answer = app.ask("cats", X_Amzn_SageMaker_Target_Model="cats.tar.gz")
    app.ask("d" * 300)
    entries = [vars(record) for record in caplog.records if record.name == "serve.requests"]
    loaded, asked, unknown = entries
    assert (loaded["model"], loaded["status"]) == ("cats", 200)
    assert loaded["load_ms"] >= 0
    expected = {"model": "cats", "target_model": "cats.tar.gz", "engine": "red", "status": 200}
    assert {name: asked[name] for name in expected} == expected
    assert "predict;dur=" in answer.headers["Server-Timing"]
    assert asked["request_id"] == answer.headers["X-Request-Id"]
    assert (unknown["model"], unknown["code"]) == ("d" * 80, "model-not-found")
    assert "engine" not in unknown
    app.load("birds", 2)
    found = samples(app.client)
    assert found["seg_models_loaded"] == 2
    assert found['seg_model_info{engine="red",model="cats",precision="f32"}'] == 1
    assert found["seg_ready"] == 1
    app.client.delete("/models/cats")
    found = samples(app.client)
    assert found["seg_models_loaded"] == 1
    assert not any('model="cats"' in name for name in found)
