"""`predict` against a real server, and against ones that misbehave."""

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from container.__main__ import main
from tests.server import CAT, RunningServer


def url_of(server: RunningServer) -> str:
    return f"http://127.0.0.1:{server.port}/invocations"


def test_a_folder_is_answered_photo_by_photo(
    demo_server: RunningServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    shutil.copy(CAT, tmp_path / "in" / "cat.jpg")
    Image.open(CAT).save(tmp_path / "in" / "deeper" / "cat.png")
    (tmp_path / "in" / "broken.jpg").write_bytes(b"no photo")
    for no_photo in ("notes.txt", "._cat.jpg"):
        (tmp_path / "in" / no_photo).write_text("no photo")
    (tmp_path / "in" / "folder.png").mkdir()
    out = tmp_path / "out"
    arguments = ["predict", str(tmp_path / "in"), "--url", url_of(demo_server), "-o", str(out)]
    assert main([*arguments, "--accept", "application/x-npy;array=mask"]) == 1
    said = capsys.readouterr()
    assert "2 of 3 photos answered" in said.out
    assert "broken.jpg: 400 undecodable-image" in said.err
    masks = [np.load(out / name) for name in ("cat.jpg.npy", "deeper/cat.png.npy")]
    np.testing.assert_array_equal(*masks)
    assert sum(path.is_file() for path in out.rglob("*")) == 2


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ('image/png-overlay;class="cat,dog"', "chelsea.jpg.png"),
        ("image/png-overlay;legend=1", "chelsea.jpg.png"),
        ("image/jpeg", "chelsea.jpg.jpg"),
        ("application/json", "chelsea.jpg.json"),
        ("application/x-recordio-protobuf", "chelsea.jpg.recordio"),
    ],
)
def test_the_answers_name_says_its_type(
    demo_server: RunningServer, tmp_path: Path, accept: str, name: str
) -> None:
    arguments = ["predict", str(CAT), "--url", url_of(demo_server), "-o", str(tmp_path)]
    assert main([*arguments, "--accept", accept]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_answers_may_go_above_the_photos(
    demo_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(CAT, tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    assert main(["predict", "photos", "--url", url_of(demo_server), "-o", "."]) == 0
    assert (tmp_path / "chelsea.jpg.png").is_file()


def test_answers_are_not_taken_for_photos(demo_server: RunningServer, tmp_path: Path) -> None:
    shutil.copy(CAT, tmp_path)
    arguments = ["predict", str(tmp_path), "--url", url_of(demo_server), "-o"]
    for _ in range(2):
        assert main([*arguments, str(tmp_path / "out")]) == 0
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 2


@pytest.fixture
def moody() -> Iterator[Callable[[list[int]], str]]:
    """A server that answers with the statuses it is given, one after the other."""
    servers = []

    def serve(statuses: list[int]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # http.server calls it so
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(statuses.pop(0))
                self.send_header("Content-Type", "image/png")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/invocations"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("statuses", "retries", "ends"),
    [
        ([503, 503, 200], 2, (0, 0)),
        ([503, 503, 200], 1, (1, 1)),
        ([400, 200], 5, (1, 1)),
    ],
)
def test_a_busy_server_is_asked_again_and_a_refusal_is_taken(
    moody: Callable[[list[int]], str],
    tmp_path: Path,
    statuses: list[int],
    retries: int,
    ends: tuple[int, int],
) -> None:
    """It ends with an exit code, and with so many statuses never asked for."""
    statuses = [*statuses]
    arguments = ["predict", str(CAT), "--url", moody(statuses), "-o", str(tmp_path / "out")]
    assert (main([*arguments, "--retries", str(retries)]), len(statuses)) == ends


def test_no_server_is_a_line_for_each_photo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["predict", str(CAT), "--url", "http://127.0.0.1:9/", "-o", str(tmp_path)]
    assert main([*arguments, "--retries", "0"]) == 1
    assert "no answer from http://127.0.0.1:9/: [Errno 111]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.jpg"], "there is no photo or folder at missing.jpg"),
        (["empty"], "has no photos"),
        (["copy", "-o", "copy"], "is the folder of the photos"),
        ([str(CAT), "--url", "file:///etc/passwd"], "allowed: http://"),
        ([str(CAT), "--url", "http://[x/"], "allowed: http://"),
        ([str(CAT), "--url", "http://host:port/"], "allowed: http://"),
        ([str(CAT), "--accept", "image/png\r\nX: y"], "allowed: a type"),
        ([str(CAT), "copy/chelsea.jpg"], "would have one name"),
        (["x" * 300], "there is no photo or folder"),
        ([str(CAT), "--jobs", "0"], "--jobs 0 cannot be used; allowed: 1 or more"),
        ([str(CAT), "--retries", "-1"], "--retries -1 cannot be used; allowed: 0 or more"),
        (
            [str(CAT), "--timeout", "0"],
            "--timeout 0.0 cannot be used; allowed: more than 0 seconds",
        ),
        ([str(CAT), "--timeout", "inf"], "--timeout inf cannot be used"),
        ([str(CAT), "--timeout", "nan"], "--timeout nan cannot be used"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "copy").mkdir()
    shutil.copy(CAT, tmp_path / "copy")
    assert main(["predict", "-o", "out", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
