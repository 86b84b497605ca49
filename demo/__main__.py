"""`make demo`: serve demo/model, send demo/photos/chelsea.jpg, write what comes back to demo/out.

A client as anybody would write it: HTTP, Pillow, numpy and the one-file RecordIO reader.
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

import numpy as np
from PIL import Image

from demo.picture import overlay
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
    environment = os.environ | {"SAGEMAKER_BIND_TO_PORT": str(port)}
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


def _ask(url: str) -> None:
    photo = PHOTO.read_bytes()
    print(f"sending {_shown(PHOTO)} ...")
    OUT.mkdir(exist_ok=True)
    (OUT / "mask.png").write_bytes(_post(url, photo, "image/png"))
    (OUT / "mask_voc.png").write_bytes(_post(url, photo, "image/png;palette=voc"))
    scores = read_scores(_post(url, photo, "application/x-recordio-protobuf"))
    mask = np.asarray(Image.open(OUT / "mask.png"))
    classes = json.loads((MODEL / "classes.json").read_text())
    summary = _summary(mask, scores, classes["classes"])
    (OUT / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    overlay(Image.open(PHOTO), mask, classes["classes"], classes["palette"]).save(
        OUT / "picture.png"
    )
    for found in summary["classes"]:
        print(f"  {found['name']:<12}{found['share']:6.1%} of the photo")
    for name, what in (
        (
            "mask.png",
            "class ids, the built-in algorithm's image/png answer (dark: ids are 0, 1, 2)",
        ),
        ("mask_voc.png", "the same ids with a palette for looking"),
        ("summary.json", "pixels, share and mean score of each class"),
        ("picture.png", "the photo with the mask blended in"),
    ):
        print(f"wrote {_shown(OUT / name):<24}{what}")


def _post(url: str, photo: bytes, accept: str) -> bytes:
    headers = {"Content-Type": "image/jpeg", "Accept": accept}
    request = urllib.request.Request(url, photo, headers)  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        body: bytes = response.read()
    return body


def _summary(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    names: list[str],
) -> dict[str, list[dict[str, object]]]:
    found = []
    for class_id, name in enumerate(names):
        there = mask == class_id
        if there.any():
            found.append(
                {
                    "id": class_id,
                    "name": name,
                    "pixels": int(there.sum()),
                    "share": round(float(there.mean()), 4),
                    "mean_score": round(float(scores[class_id][there].mean()), 4),
                }
            )
    return {"classes": found}


def _shown(path: Path) -> str:
    return str(path.relative_to(HERE.parent))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
