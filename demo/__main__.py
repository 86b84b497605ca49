"""`make demo`: serve demo/model, send demo/photos/chelsea.jpg, write what comes back to demo/out.

A client as anybody would write it: plain HTTP, and the one-file RecordIO reader.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from serve.encode.recordio import read_scores

HERE = Path(__file__).parent
PHOTO = HERE / "photos" / "chelsea.jpg"
MODEL = HERE / "model"
OUT = HERE / "out"

_READY_WITHIN_S = 120


def main() -> int:
    """Run the demo; 0 when every file is written."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "container", "serve", "--model-dir", str(MODEL)]
    print(f"starting the server on port {port} with the model in {_shown(MODEL)} ...", flush=True)
    # Its log would stand between the lines that are to be read here.
    quiet = {"SAGEMAKER_CONTAINER_LOG_LEVEL": "warning"}
    environment = os.environ | quiet | {"SAGEMAKER_BIND_TO_PORT": str(port)}
    server = subprocess.Popen(command, env=environment, cwd=HERE.parent)
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/ping")
        _ask(f"http://127.0.0.1:{port}/invocations")
    finally:
        server.terminate()  # Ctrl-C has reached it too
        with contextlib.suppress(KeyboardInterrupt):
            server.wait()
    print("the server is stopped; `make serve` starts it to stay")
    return 0


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < give_up_at:
        if server.poll() is not None:
            sys.exit(f"the server ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"the server was not ready within {_READY_WITHIN_S} s")


_ANSWERS = {
    "overlay.png": (
        "image/png-overlay;legend=1;outline=1",
        "the photo with its classes laid over it, and a legend",
    ),
    "heat.jpg": (
        "image/jpeg-overlay;class=cat;probabilistic=1;colormap=viridis;legend=1",
        "how probable a cat is, pixel by pixel",
    ),
    "cutout.png": ("image/png-mask;class=cat", "the layer alone, transparent elsewhere"),
    "summary.json": ("application/json;regions=rle", "classes, shares, scores, boxes, COCO RLE"),
    "mask.png": (
        "image/png",
        "class ids, the built-in algorithm's image/png answer (dark: ids are 0, 1, 2)",
    ),
    "mask_voc.png": ("image/png;palette=voc", "the same ids with a palette for looking"),
    "scores.npy": ("application/x-npy;dtype=uint8", "probabilities for numpy.load, 0 to 255"),
}
"""By file: what is asked for, and what it is."""


def _ask(url: str) -> None:
    photo = PHOTO.read_bytes()
    print(f"sending {_shown(PHOTO)} ...")
    OUT.mkdir(exist_ok=True)
    for name, (accept, what) in _ANSWERS.items():
        (OUT / name).write_bytes(_post(url, photo, accept))
        print(f"wrote {_shown(OUT / name):<24}{what}")
    scores = read_scores(_post(url, photo, "application/x-recordio-protobuf"))
    print(f"read RecordIO without MXNet: scores of shape {scores.shape}")
    for found in json.loads((OUT / "summary.json").read_text())["classes"]:
        print(f"  {found['name']:<12}{found['share']:6.1%} of the photo")


def _post(url: str, photo: bytes, accept: str) -> bytes:
    headers = {"Content-Type": "image/jpeg", "Accept": accept}
    request = urllib.request.Request(url, photo, headers)  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        body: bytes = response.read()
    return body


def _shown(path: Path) -> str:
    return str(path.relative_to(HERE.parent))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
