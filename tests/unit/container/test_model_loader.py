"""A folder becomes a model that answers, or an error in words that leave the server."""

import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from container.model_loader import ModelLoader
from model.child import CheckError, KilledError
from model.errors import ArtifactError, EngineError
from serve.errors import BadModel, InferenceFailed, LoadFailed, ModelNotReady, OutOfMemory
from serve.errors import ServeError as Told
from serve.inference_queue import InferenceQueue
from serve.room import Wanted
from serve.setting import SettingsError
from serve.settings import Settings
from serve.visit import Visit
from tests.checkpoints import write_checkpoint
from tests.red import RedEngine

DEMO = Path("demo/model")
IMAGE = np.full((2, 3, 3), 150, np.uint8)
Loader = Callable[..., ModelLoader]


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    """Prepares nothing; `prepared` stands for the check and the engine that comes of it."""

    def make(prepared: Callable[[Path], Any] | None = None, **settings: object) -> ModelLoader:
        def stand_in(_artifact: object, _choice: object, cache: Path) -> Callable[[], Any]:
            return lambda: prepared(cache) if prepared else RedEngine()

        monkeypatch.setattr("container.model_loader.prepared", stand_in)
        (tmp_path / "cache").mkdir(exist_ok=True)
        chosen = Settings(batch_size="1", **settings)  # type: ignore[arg-type]
        return ModelLoader(chosen, tmp_path / "cache", InferenceQueue(1))

    return make


def test_a_model_is_loaded_with_its_names_and_forgotten(loader: Loader) -> None:
    found = loader().find(DEMO)
    assert found.wanted.weights_bytes == (DEMO / "model_best.params").stat().st_size
    with ExitStack() as stack:
        service = found.load(stack)
        assert service.labels.names == ("background", "cat", "dog")
        assert service.title == "fastscnn with 3 classes"
        mask = service.predictor.run(IMAGE, lambda p: p.mask(), Visit("id"))
        np.testing.assert_array_equal(mask, np.ones((2, 3)))
    with pytest.raises(ModelNotReady):
        service.predictor.engine()
    assert service.predictor.facts() == []
    assert not service.predictor.keeps_predictions


@pytest.mark.parametrize("engine", ["openvino", "mxnet"])
def test_mxnet_alone_is_built_on_the_thread_that_runs_it(loader: Loader, engine: str) -> None:
    builders: list[int] = []

    def prepared(_cache: Path) -> RedEngine:
        builders.append(threading.get_ident())
        return RedEngine()

    with ExitStack() as stack:
        loader(prepared, engine=engine, precision="f32").find(DEMO).load(stack)
    assert (builders == [threading.get_ident()]) == (engine == "openvino")


@pytest.mark.parametrize("keeps", [False, True])
def test_graphs_go_with_their_model_unless_a_cache_is_set(
    loader: Loader, tmp_path: Path, keeps: bool
) -> None:
    folders: list[Path] = []

    def prepared(cache: Path) -> RedEngine:
        folders.append(cache)
        return RedEngine()

    settings = {"cache_dir": tmp_path / "cache"} if keeps else {}
    with ExitStack() as stack:
        loader(prepared, **settings).find(DEMO).load(stack)
        (folder,) = folders
        assert folder.is_relative_to(tmp_path / "cache")
        assert (folder == tmp_path / "cache") is keeps
        assert folder.is_dir()
    assert folder.is_dir() is keeps


@pytest.mark.parametrize(
    ("error", "told", "says"),
    [
        (ArtifactError("model_best.params lacks 'a'"), BadModel, "model_best.params lacks 'a'"),
        (EngineError("int8/ is not whole"), BadModel, "int8/ is not whole"),
        (KilledError("signal 9 in /srv/x"), OutOfMemory, "was killed"),
        (MemoryError(), OutOfMemory, "found none"),
        (RuntimeError("std::bad_alloc"), OutOfMemory, "found none"),
        (SettingsError("kept in '/srv/x': No space left on device"), OutOfMemory, "disk space"),
        (CheckError("loading the model crashed: /srv/x"), LoadFailed, "the log names the cause"),
        (SettingsError("cannot be kept in '/srv/x'"), LoadFailed, "the log names the cause"),
        (RuntimeError("/srv/x"), LoadFailed, "the log names the cause"),
        (InferenceFailed(), InferenceFailed, ""),
    ],
)
def test_what_fails_is_told_without_what_is_ours(
    loader: Loader, tmp_path: Path, error: Exception, told: type[Told], says: str
) -> None:
    def fail(_cache: Path) -> None:
        raise error

    found = loader(fail).find(DEMO)
    with ExitStack() as stack, pytest.raises(told) as refused:
        found.load(stack)
    assert says in refused.value.message
    assert "/srv" not in refused.value.message
    assert not [*(tmp_path / "cache").iterdir()]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"default_options": "class=tiger"}, "option 'class' cannot be 'tiger'"),
        ({"default_accept": "image/png;class=tiger"}, "option 'class' cannot be 'tiger'"),
        ({"class_names": ("a", "b")}, "SEG_CLASSES has 2 names, the model 3 classes"),
    ],
)
def test_settings_that_do_not_fit_the_model_are_named(
    loader: Loader, tmp_path: Path, settings: dict[str, object], says: str
) -> None:
    model = Path(shutil.copytree(DEMO, tmp_path / "model"))
    (model / "classes.json").unlink()
    with pytest.raises(BadModel) as refused:
        loader(**settings).find(model)
    assert says in refused.value.message


def test_a_broken_artifact_is_named_by_its_files(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(BadModel) as refused:
        loader().find(tmp_path)
    assert "model_best.params and model_algo-1 are both missing" in refused.value.message
    assert str(tmp_path) not in refused.value.message


def test_an_engine_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not f16"):
        ModelLoader(Settings(engine="openvino", precision="f16"), tmp_path, InferenceQueue(1))


def test_all_files_of_a_checkpoint_count_and_that_it_finds_things(
    loader: Loader, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    write_checkpoint(folder, 7, {"fastrcnn/outputs/class/b": np.zeros(4, np.float32)})
    found = loader(algorithm="mask_rcnn_tensorpack").find(folder)
    sizes = [path.stat().st_size for path in folder.glob("model-7.*")]
    assert len(sizes) > 1
    assert found.wanted == Wanted(sum(sizes), finds_things=True)
