"""GET /: the page is there where it should be, and can load nothing but itself."""

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from serve.page import policy_of
from serve.render import colormaps


def test_the_page_is_html_that_is_asked_for_anew(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.text.startswith("<!doctype html>")


def test_the_page_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    html = client.get("/").text
    assert not re.search(r"https?:|[\"'(]//", html)
    assert not re.search(r"<(script|style)\s|@import|\burl\(|<link(?! rel=\"icon\")", html)
    addresses = re.findall(r"\b(?:src|href|action)=[\"']([^\"']*)", html)
    assert addresses == ["data:,", "openapi.json"]  # relative, as the page may lie anywhere


def test_the_page_writes_no_markup_from_strings(client: FlaskClient) -> None:
    html = client.get("/").text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", html)
    assert not re.search(r"\s(on[a-z]+|style)=", html), "the policy would stop it"


def test_the_policy_allows_the_pages_own_style_and_script_alone(client: FlaskClient) -> None:
    response = client.get("/")
    directives = dict(
        part.strip().split(" ", 1)
        for part in response.headers["Content-Security-Policy"].split(";")
    )
    for element in ("script", "style"):
        start, end = f"<{element}>", f"</{element}>"
        inside = response.text.partition(start)[2].partition(end)[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert directives.pop(f"{element}-src") == f"'sha256-{digest}'"
    assert directives == {
        "default-src": "'none'",
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_a_policy_has_a_hash_for_every_script() -> None:
    policy = policy_of("<style>a{}</style><script>1</script><script>2</script>")
    assert policy.count("'sha256-") == 3


def test_the_facts_are_the_models(client_of: Callable[..., FlaskClient]) -> None:
    facts = client_of(max_payload_mb=2, runtime_api="off").get("/page.json").get_json()
    assert facts == {
        "title": "",
        "classes": [
            {"id": 0, "name": "background", "color": "#000000"},
            {"id": 1, "name": "cat", "color": "#dc3c3c"},
            {"id": 2, "name": "dog", "color": "#3c5adc"},
        ],
        "colormaps": list(colormaps.names()),
        "max_body_bytes": 2 << 20,
        "runtime_api": False,
        "finds_things": False,
        "score_threshold": 0.5,
        "first_class": 0,
    }


@pytest.mark.parametrize("path", ["/", "/page.json"])
@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"page": "off"}, 404),
        ({"page": "on"}, 200),
        ({"on_sagemaker": True}, 404),
        ({"on_sagemaker": True, "page": "on"}, 200),
    ],
)
def test_the_page_can_be_hidden(
    client_of: Callable[..., FlaskClient], settings: dict[str, object], status: int, path: str
) -> None:
    response = client_of(**settings).get(path)
    assert response.status_code == status
    if status == 404:
        assert response.get_json()["code"] == "not-found"


def test_the_page_only_answers_get(client: FlaskClient) -> None:
    refused = client.post("/", data=b"a photo")
    assert (refused.status_code, refused.get_json()["details"]) == (405, {"allowed": ["GET"]})
