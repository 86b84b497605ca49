"""What the log and the metrics say of requests."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.http.test_invocations import photo_bytes

Client = Callable[..., FlaskClient]


@pytest.fixture
def entries(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The lines so far at INFO and above, as values by name."""
    caplog.set_level(logging.INFO)

    def read() -> list[dict[str, Any]]:
        records = [r for r in caplog.records if r.name == "serve.requests"]
        return [vars(record) for record in records]

    return read


def ask(client: FlaskClient, body: bytes | None = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = photo_bytes() if body is None else body
    return client.post("/invocations", data=sent, headers=named, buffered=True)


def test_an_answer_is_told_in_full(
    client: FlaskClient, entries: Callable[[], list[dict[str, Any]]]
) -> None:
    photo = photo_bytes()
    response = ask(
        client,
        photo,
        Accept="image/png",
        Content_Type="image/png",
        X_Amzn_SageMaker_Inference_Id="mine",
    )
    (entry,) = entries()
    expected = {
        "request_id": response.headers["X-Request-Id"],
        "method": "POST",
        "path": "/invocations",
        "status": 200,
        "content_type": "image/png",
        "accept": "image/png",
        "answer": "image/png",
        "bytes_in": len(photo),
        "bytes_out": len(response.get_data()),
        "height": 4,
        "width": 5,
        "places_taken": 1,
        "inference_id": "mine",
    }
    assert {name: entry.get(name) for name in expected} == expected
    stages = {name for name in entry if name.endswith("_ms")}
    assert stages == {"decode_ms", "queue_ms", "predict_ms", "encode_ms", "total_ms"}
    assert entry["total_ms"] >= entry["predict_ms"] >= 0
    assert "code" not in entry
    assert "aws" not in entry
    assert entry["message"].startswith("POST /invocations 200 image/png 4x5 ")


def test_a_refusal_has_its_code_and_the_answers_id(
    client: FlaskClient, entries: Callable[[], list[dict[str, Any]]]
) -> None:
    response = ask(client, b"no photo", Accept="image/png")
    (entry,) = entries()
    assert (entry["status"], entry["code"], entry["bytes_in"]) == (400, "undecodable-image", 8)
    ids = {entry["request_id"], response.headers["X-Request-Id"], response.json["request_id"]}
    assert len(ids) == 1


def test_what_a_client_says_is_cut_and_on_one_line(
    client: FlaskClient, entries: Callable[[], list[dict[str, Any]]]
) -> None:
    client.get("/a%0Ab" + "x" * 200, buffered=True)
    (entry,) = entries()
    assert entry["path"] == ("/ab" + "x" * 200)[:80]
    assert entry["status"] == 404
    assert len(entry["message"].splitlines()) == 1


def test_pings_and_scrapes_say_nothing(
    client: FlaskClient, entries: Callable[[], list[dict[str, Any]]]
) -> None:
    assert client.get("/ping", buffered=True).status_code == 200
    assert client.get("/metrics", buffered=True).status_code == 200
    assert entries() == []


def test_a_path_that_does_not_answer_a_method_says_what_it_does(client: FlaskClient) -> None:
    response = client.get("/invocations")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def samples(client: FlaskClient) -> dict[str, float]:
    """Prometheus' text format by name and labels (its text-based exposition format, 0.0.4)."""
    response = client.get("/metrics", buffered=True)
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    lines = [line for line in response.get_data(as_text=True).splitlines() if line[0] != "#"]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_prometheus_is_told_counts_times_and_what_is_served(client: FlaskClient) -> None:
    photo = photo_bytes()
    size_out = len(ask(client, photo, Accept="image/png").get_data())
    refused = len(ask(client, b"no photo", Accept="image/png").get_data())
    found = samples(client)
    assert found['seg_requests_total{code="",status="200"}'] == 1
    assert found['seg_requests_total{code="undecodable-image",status="400"}'] == 1
    assert found['seg_stage_seconds_count{stage="predict"}'] == 1
    assert found['seg_stage_seconds_count{stage="total"}'] == 2
    assert found["seg_bytes_in_total"] == len(photo) + 8
    assert found["seg_bytes_out_total"] == size_out + refused
    assert found["seg_queue_places"] == 8
    assert found["seg_queue_places_taken"] == 0
    assert found["seg_ready"] == 1
    assert found['seg_model_info{engine="red",precision="f32"}'] == 1


def test_two_servers_in_one_process_count_for_themselves(client_of: Client) -> None:
    one, other = client_of(), client_of()
    ask(one)
    assert 'seg_requests_total{code="",status="200"}' not in samples(other)


def test_cloudwatch_finds_its_metrics_in_the_line(
    client_of: Client, entries: Callable[[], list[dict[str, Any]]]
) -> None:
    client = client_of(metrics_namespace="Seg")
    ask(client, Accept="image/png")
    ask(client, b"no photo", Accept="image/png")
    for entry in entries():
        for directive in entry["aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"] == "Seg"
            (dimensions,) = directive["Dimensions"]
            assert all(isinstance(entry[name], str) for name in dimensions)
            metrics = [metric["Name"] for metric in directive["Metrics"]]
            assert all(isinstance(entry[name], int | float) for name in metrics)
    answered, refused = entries()
    (directive,) = answered["aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["engine", "precision"]]
    names = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert names["predict_ms"] == "Milliseconds"
    assert names["places_taken"] == "Count"
    rejects = refused["aws"]["CloudWatchMetrics"][1]
    assert rejects["Dimensions"] == [["code"]]
    assert (refused["code"], refused["rejected"]) == ("undecodable-image", 1)
