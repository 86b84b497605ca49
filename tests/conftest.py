"""Fixtures that cost something and are shared."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from grpc_tools import protoc

from tests.artifacts import Recipe, write_artifact
from tests.runtime import runtime_of
from tests.s3 import RunningS3
from tests.sagemaker import SageMaker, extend_moto
from tests.server import RunningServer


@pytest.fixture(scope="session")
def artifact_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Recipe], Path]:
    """Writes an artifact once a session; returns its folder."""
    written: dict[Recipe, Path] = {}

    def folder(recipe: Recipe) -> Path:
        if recipe not in written:
            written[recipe] = tmp_path_factory.mktemp(recipe.algorithm)
            write_artifact(written[recipe], recipe)
        return written[recipe]

    return folder


@pytest.fixture(scope="session")
def demo_server() -> Iterator[RunningServer]:
    """A server of the demo model that all tests may share: none may change or stop it."""
    with RunningServer() as server:
        yield server.wait_until_ready()


@pytest.fixture
def runtime(demo_server: RunningServer) -> Any:
    """boto3's client of it, as of an endpoint of SageMaker; it asks once."""
    return runtime_of(demo_server.port)


@pytest.fixture(scope="session")
def record_pb2(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Google's protobuf library, taught `tests/record.proto`: the judge of our own few bytes."""
    folder = tmp_path_factory.mktemp("record_pb2")
    here = Path(__file__).parent
    assert protoc.main(["protoc", f"-I{here}", f"--python_out={folder}", "record.proto"]) == 0
    spec = importlib.util.spec_from_file_location("record_pb2", folder / "record_pb2.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def s3() -> Iterator[RunningS3]:
    """S3 by moto, over HTTP; tests take keys of their own."""
    running = RunningS3()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def running_sagemaker() -> Iterator[SageMaker]:
    """SageMaker by moto, over HTTP; for the fixture below."""
    running = SageMaker()
    with pytest.MonkeyPatch.context() as patch:
        extend_moto(patch, running)
        yield running
    running.stop()


@pytest.fixture
def sagemaker(running_sagemaker: SageMaker, monkeypatch: pytest.MonkeyPatch) -> SageMaker:
    """SageMaker with a model and an image, and nothing deployed; boto3 finds it."""
    for name, value in running_sagemaker.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("container.deploy.endpoint.POLL_S", 0.001)
    return running_sagemaker.fill()
