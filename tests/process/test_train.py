"""A training job from start to endpoint: interrupted, resumed, served, loaded by GluonCV."""

import io
import json
import os
import re
import shutil
import tarfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.artifact import read_artifact
from model.cpu import has_vnni
from model.params import read_params
from tests.server import RunningServer
from tests.training import RunningJob, add_channel, as_pipes, run_job, write_job

SMALL: dict[str, Any] = {
    "crop_size": 64,
    "base_size": 80,
    "mini_batch_size": 4,
    "use_pretrained_model": "False",
}
PATTERNS = (
    r"train loss: (\S+)",
    r"train throughput: (\S+)",
    r"validation mIOU: (\S+)",
    r"pixel_accuracy: (\S+)",
    r"validation throughput: (\S+)",
)
"""As recorded from the service's console for the built-in algorithm."""


@dataclass(frozen=True)
class Interrupted:
    """A job of three epochs that got a SIGTERM in its second and was started again."""

    base: Path
    first: str
    """What it said before."""
    second: str
    twin: Path
    """The same job from the end of its first epoch on, not interrupted."""


ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""With more of them MXNet adds up gradients in an order of its own each time."""


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    base = write_job(tmp_path_factory.mktemp("job"), epochs=3, class_names="sky,disk,box", **SMALL)
    with RunningJob(base, **ONE_THREAD) as running:
        running.wait_for("epoch 1/3")
        assert running.stop() == 143, running.output
        first = running.output
    twin = Path(shutil.copytree(base, base.with_name("twin")))
    shutil.rmtree(base / "model")  # a new instance has the checkpoints alone
    for path in sorted((twin / "checkpoints").iterdir())[1:]:
        path.unlink()
    code, second = run_job(base, **ONE_THREAD)
    assert code == 0, second
    code, output = run_job(twin, **ONE_THREAD)
    assert code == 0, output
    return Interrupted(base, first, second, twin)


def test_every_epoch_has_a_line_that_the_metric_patterns_find(job: Interrupted) -> None:
    for pattern in PATTERNS:
        values = [float(value) for value in re.findall(pattern, job.first + job.second)]
        assert len(values) == 3
        assert np.isfinite(values).all()


def test_a_resumed_job_learns_what_it_would_have_learned(job: Interrupted) -> None:
    steps = [int(path.stem[5:]) for path in sorted((job.base / "checkpoints").iterdir())]
    assert steps[-1] == 18
    assert re.search(r"going on from the checkpoint of step ([7-9]|1[01])\n", job.second)
    for name in ("model_algo-1", "model_best.params"):
        resumed, straight = (read_params(base / "model" / name) for base in (job.base, job.twin))
        assert resumed.keys() == straight.keys()
        for key, array in resumed.items():
            assert np.array_equal(array, straight[key]), key


def test_the_artifact_is_served_from_its_graphs(job: Interrupted) -> None:
    photo = (job.base / "input/data/validation/1.png").read_bytes()
    with RunningServer(job.base / "model") as server:
        server.wait_until_ready()
        status, _, body = server.post(photo, Accept="image/png")
        assert status == 200, body
        assert Image.open(io.BytesIO(body)).size == (97, 61)
        status, _, body = server.post(photo, Accept="application/json")
        assert {entry["name"] for entry in json.loads(body)["classes"]} <= {"sky", "disk", "box"}


def test_gluoncv_loads_both_files_strictly(job: Interrupted) -> None:
    from gluoncv.model_zoo import FCN  # noqa: PLC0415  # slow

    for name in ("model_algo-1", "model_best.params"):
        network = FCN(3, backbone="resnet50", pretrained_base=False)
        network.load_parameters(str(job.base / "model" / name))
    artifact = read_artifact(job.base / "model")
    assert artifact.dotted
    assert artifact.has_aux_head
    assert {array.dtype for array in artifact.weights.values()} == {np.dtype(np.float32)}


def test_the_artifact_says_what_the_job_was_told(job: Interrupted) -> None:
    told = json.loads((job.base / "model/hyperparams.json").read_text())
    assert told["algorithm"] == "fcn"
    assert told["backbone"] == "resnet-50"
    assert told["crop_size"] == "64"
    assert told["use_pretrained_model"] == "False"
    assert not (job.base / "output/failure").exists()


def test_there_are_pictures_to_look_at(job: Interrupted) -> None:
    output = job.base / "output" / "data"
    with Image.open(output / "curves.png") as curves:
        assert curves.size == (1000, 720)
    assert {path.name for path in (output / "validation").iterdir()} == {"0.png", "1.png"}


def test_an_earlier_model_is_gone_on_from(job: Interrupted, tmp_path: Path) -> None:
    write_job(tmp_path, epochs=1, photos=4, learning_rate=1e-9, **SMALL)
    archive = add_channel(tmp_path, "model") / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(job.base / "model", arcname=".")
    code, output = run_job(tmp_path, **ONE_THREAD)
    assert code == 0, output
    assert "going on from model.tar.gz, fcn on resnet50 with 3 classes" in output
    before, after = (read_params(base / "model/model_best.params") for base in (job.base, tmp_path))
    for name in ("conv1.0.weight", "head.block.4.weight", "auxlayer.block.4.weight"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-5)


def test_a_model_of_another_network_is_refused(job: Interrupted, tmp_path: Path) -> None:
    write_job(tmp_path, algorithm="psp", photos=4, **SMALL)
    shutil.copytree(job.base / "model", add_channel(tmp_path, "model"), dirs_exist_ok=True)
    code, output = run_job(tmp_path)
    assert code == 1
    reason = (tmp_path / "output/failure").read_text()
    assert reason in output
    assert reason == (
        "ClientError: channel model has fcn on resnet50 with 3 classes, the job trains psp on "
        "resnet50 with 3 classes; both must be the same\n"
    )


def test_what_comes_through_pipes_is_trained_on(tmp_path: Path) -> None:
    write_job(tmp_path, algorithm="fastscnn", epochs=1, photos=4, **SMALL)
    streams = as_pipes(tmp_path)
    (tmp_path / "pipes.left" / "train").mkdir(parents=True)  # by a job that was killed
    writers = [Thread(target=path.write_bytes, args=(sent,)) for path, sent in streams.items()]
    for writer in writers:
        writer.start()
    code, output = run_job(tmp_path)
    assert code == 0, output
    for writer in writers:
        writer.join()
    assert "reading train and validation, to be kept on disk" in output
    assert not list(tmp_path.glob("pipes.*"))
    assert read_artifact(tmp_path / "model").classes == 3


@pytest.mark.parametrize("filling", [False, True])
def test_sigterm_ends_the_wait_for_a_pipe(tmp_path: Path, *, filling: bool) -> None:
    """For somebody to fill it, or to go on doing so."""
    write_job(tmp_path, algorithm="fastscnn", photos=4, **SMALL)
    path, sent = next(iter(as_pipes(tmp_path).items()))
    with RunningJob(tmp_path) as job, ExitStack() as after:
        job.wait_for("reading train and validation, to be kept on disk")
        if filling:
            writer = os.open(path, os.O_RDWR)
            after.callback(os.close, writer)
            os.write(writer, sent[:5000])  # the first record and a part of the second
        assert job.stop() == 143, job.output
    assert not list(tmp_path.glob("pipes.*"))


def test_a_killed_job_leaves_no_process_and_goes_on(tmp_path: Path) -> None:
    write_job(tmp_path, algorithm="fastscnn", epochs=3, photos=8, **SMALL)
    with RunningJob(tmp_path, **ONE_THREAD) as job:
        job.wait_for("epoch 2/3")  # the first one's checkpoint is written by now
        pid = job.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert children
        job.process.kill()
        job.wait_for_end()
        give_up_at = time.monotonic() + 60
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
    code, output = run_job(tmp_path, **ONE_THREAD)
    assert code == 0, output
    assert output.count("validation mIOU") < 3


def test_a_job_quantizes_its_model_where_it_is_asked_to(tmp_path: Path) -> None:
    write_job(tmp_path, algorithm="fastscnn", epochs=1, photos=6, quantize="True", **SMALL)
    code, output = run_job(tmp_path)
    assert code == 0, output
    if not has_vnni():
        assert "WARNING the model is not quantized: int8 needs cores with VNNI" in output
        return
    report = json.loads((tmp_path / "model/int8/report.json").read_text())
    assert (report["photos_calibrated"], report["photos_judged"]) == (6, 2)
    assert "quantized for int8, on photos of validation:" in output
    with RunningServer(tmp_path / "model", SEG_PRECISION="int8") as server:
        server.wait_until_ready()
        assert "loaded by openvino in int8" in server.output


@pytest.mark.parametrize("algorithm", ["psp", "deeplab"])
def test_networks_with_branches_validate_at_odd_sizes(tmp_path: Path, algorithm: str) -> None:
    sizes = ((97, 61), (33, 50), (64, 131))
    write_job(tmp_path, algorithm=algorithm, epochs=1, photos=4, validation_sizes=sizes, **SMALL)
    code, output = run_job(tmp_path)
    assert code == 0, output
    assert "validation mIOU: " in output
