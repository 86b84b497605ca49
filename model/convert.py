"""Artifact → ONNX graphs, in a process of its own.

MXNet is a native library of another decade: it holds 250 MB, is not thread safe, and a malformed
file can end its process. So a child builds the network, pours the weights in, writes the graphs and
exits; what it says, or how it dies, is one line here, and the server never imports mxnet.

    python -m model.convert FOLDER 1,2,3,6 OUT     the child
"""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from model.artifact import Artifact, read_artifact
from model.child import run_child
from model.errors import ArtifactError
from model.graphs import (
    DATA,
    FOLDER,
    HEADS,
    MANIFEST,
    Graphs,
    Identity,
    find_graphs,
    identity_of,
    write_manifest,
)

_CHILD = "model.convert"
_PART, _LOCK = ".part.", "lock"


def graphs_of(
    artifact: Artifact, psp_bins: tuple[int, ...], *, cache: Path, timeout_s: float
) -> Graphs:
    """The artifact's graphs: its own, the cached ones, or made now and left in the cache.

    Raises:
        ArtifactError: the artifact does not load.
        CheckError: the conversion crashed or took longer than `timeout_s`.
        OSError: the cache cannot be written.
    """
    identity = identity_of(artifact, psp_bins)
    places = [artifact.folder / FOLDER, cache / identity.key]
    found = find_graphs(places, identity)
    return found or convert_into(places[-1], artifact, psp_bins, timeout_s=timeout_s)


def convert_into(
    folder: Path, artifact: Artifact, psp_bins: tuple[int, ...], *, timeout_s: float
) -> Graphs:
    """Convert in a child, to files that take the place of those of their names in `folder`.

    Raises: see `convert_in_child`.
    """
    bins = ",".join(map(str, psp_bins))
    child = (_CHILD, [str(artifact.folder.absolute()), bins])
    identity = identity_of(artifact, psp_bins)
    return convert_in_child(folder, identity, child, timeout_s=timeout_s)


def convert_in_child(
    folder: Path, identity: Identity, child: tuple[str, list[str]], *, timeout_s: float
) -> Graphs:
    """Have a child write graphs, and put them into `folder`.

    File by file, the manifest last and nothing else touched: the same artifact gives the same
    bytes, so two servers with one cache may both do it, and what one of them reads stays whole.

    Args:
        folder: made where it is not there.
        identity: whose graphs they are to be.
        child: module to run and its arguments; one more is the folder that it writes to.
        timeout_s: for the child.

    Raises:
        ArtifactError: the artifact does not load, or changed meanwhile.
        CheckError: the conversion crashed or took longer than `timeout_s`.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    module, arguments = child
    with _part_of(folder) as part:
        run_child(module, [*arguments, str(part.absolute())], timeout_s=timeout_s)
        for name in (*identity.files, MANIFEST):
            (part / name).replace(folder / name)
    found = find_graphs([folder], identity)
    if found is None:
        msg = "the weights changed while they were converted"
        raise ArtifactError(msg)
    return found


def write_graphs(artifact: Artifact, psp_bins: tuple[int, ...], out: Path) -> None:
    """Convert here, in this process; imports mxnet. `out` exists."""
    from model.networks import build_network  # noqa: PLC0415  # the child alone pays for it
    from model.onnx_graph import body_model  # noqa: PLC0415
    from model.onnx_heads import head_model  # noqa: PLC0415
    from model.tiling.surgery import write_tiling  # noqa: PLC0415

    network = build_network(artifact, psp_bins)
    body = body_model(network.graph, network.weights, out / DATA)
    (out / "body.onnx").write_bytes(body.SerializeToString(deterministic=True))
    write_tiling(out)
    for need in HEADS:
        (out / f"{need}.onnx").write_bytes(head_model(need).SerializeToString(deterministic=True))
    write_manifest(out, identity_of(artifact, psp_bins))


@contextlib.contextmanager
def _part_of(folder: Path) -> Iterator[Path]:
    """A folder for what is not whole yet; what killed conversions have left is removed first.

    Its owner holds a lock in it, which goes with the owner however that ends.
    """
    for path in folder.glob(f"{_PART}*"):
        with contextlib.suppress(OSError), (path / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=_PART, dir=folder))
    try:
        with (part / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.rmdir()  # where nothing came of it


def _main(folder: str, bins: str, out: str) -> None:
    write_graphs(read_artifact(Path(folder)), tuple(map(int, bins.split(","))), Path(out))


if __name__ == "__main__":
    from model.child import child_main

    child_main(_main)
