"""Imports go one way: container → serve, train → model.

The serving process needs no mxnet of its own. client.py stands outside, for anybody to take along.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = {
    "model": {"model"},
    "serve": {"serve", "model"},
    "train": {"train", "model"},
    "container": {"container", "serve", "train", "model"},
}
NATIVE = {"mxnet", "gluoncv"}
TRAINERS = {"devices", "network", "learner"}
HTTP = {"flask", "werkzeug", "gunicorn", "http", "urllib"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    for path in Path(room).rglob("*.py"):
        ours = {name.split(".")[0] for name in imports(path)} & set(ROOMS)
        assert ours <= ROOMS[room], path


def test_model_and_train_know_no_http_and_serve_no_network_library() -> None:
    for path in [*Path("model").rglob("*.py"), *Path("train").rglob("*.py")]:
        assert not {name.split(".")[0] for name in imports(path)} & HTTP, path
    for path in Path("serve").rglob("*.py"):
        assert not {name.split(".")[0] for name in imports(path)} & NATIVE, path


def test_serve_takes_only_the_engines_protocols_from_the_model_room() -> None:
    for path in Path("serve").rglob("*.py"):
        ours = {name for name in imports(path) if name.startswith("model")}
        assert ours <= {"model.engines.engine", "model.instances.instances"}, path


def test_two_files_alone_know_boto3_and_the_server_does_not_import_it_at_its_start() -> None:
    paths = [path for room in ROOMS for path in Path(room).rglob("*.py")]
    aws = {"boto3", "botocore"}
    users = {str(path) for path in paths if {name.split(".")[0] for name in imports(path)} & aws}
    assert users == {"serve/s3.py", "container/deploy/aws.py"}
    code = "import sys, container.__main__; sys.exit(bool({'boto3', 'botocore'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_few_files_import_mxnet_and_the_server_neither_at_its_start() -> None:
    paths = [path for room in ROOMS for path in Path(room).rglob("*.py")]
    users = {str(path) for path in paths if {name.split(".")[0] for name in imports(path)} & NATIVE}
    trainers = {f"train/{name}.py" for name in TRAINERS}
    assert users == {"model/networks.py", "model/engines/mxnet.py"} | trainers
    code = "import sys, container.__main__; sys.exit(bool({'mxnet', 'gluoncv'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reading_a_job_and_decoding_its_photos_imports_no_mxnet() -> None:
    modules = sorted({path.stem for path in Path("train").glob("[a-z]*.py")} - TRAINERS - {"loop"})
    code = f"import sys; from train import {', '.join(modules)}; "
    code += "sys.exit(bool({'mxnet', 'gluoncv'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_client_stands_alone_and_no_room_leans_on_it() -> None:
    tops = {name.split(".")[0] for name in imports(Path("client.py"))}
    assert tops - sys.stdlib_module_names == {"numpy", "requests"}
    for path in [path for room in ROOMS for path in Path(room).rglob("*.py")]:
        assert "client" not in imports(path), path
