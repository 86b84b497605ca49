from collections.abc import Callable

from flask.testing import FlaskClient

from serve.transform import TransformPlan


def test_a_job_is_told_how_to_send_its_photos(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(transform=TransformPlan(concurrency=3, payload_mb=0))
    response = client.get("/execution-parameters")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.get_json() == {
        "MaxConcurrentTransforms": 3,
        "BatchStrategy": "SINGLE_RECORD",
        "MaxPayloadInMB": 0,
    }


def test_it_is_asked_for_by_get_alone(client: FlaskClient) -> None:
    response = client.post("/execution-parameters")
    assert (response.status_code, response.get_json()["code"]) == (405, "method-not-allowed")
