import json
import os
from pathlib import Path

import pytest

from train.errors import AlgorithmError, ClientError, TrainError
from train.job import read_job
from train.layout import Layout

HYPERPARAMETERS: dict[str, object] = {"num_classes": "3", "num_training_samples": "2"}
CHANNELS = ("train", "train_annotation", "validation", "validation_annotation")
FILE = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
PIPE = {
    "TrainingInputMode": "Pipe",
    "RecordWrapperType": "RecordIO",
    "ContentType": "application/x-recordio",
}
CONFIG: dict[str, object] = {
    "hyperparameters": HYPERPARAMETERS,
    "inputdataconfig": dict.fromkeys(CHANNELS, FILE),
    "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"]},
}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """What SageMaker lays out for a job with the four channels, all empty."""
    layout = Layout(tmp_path)
    layout.config.mkdir(parents=True)
    for name, values in CONFIG.items():
        write(layout, name, values)
    for name in CHANNELS:
        layout.channel(name).mkdir(parents=True)
    return layout


def write(layout: Layout, name: str, values: object) -> None:
    (layout.config / f"{name}.json").write_text(json.dumps(values))


def refusal(layout: Layout, error: type[TrainError]) -> str:
    with pytest.raises(error) as refused:
        read_job({"SAGEMAKER_BASE_DIR": str(layout.base)})
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 400
    return message


def test_a_job_is_read(layout: Layout) -> None:
    job = read_job({"SAGEMAKER_BASE_DIR": str(layout.base), "TRAINING_JOB_NAME": "ss-demo"})
    assert job.name == "ss-demo"
    assert job.layout == layout
    assert job.hyperparameters.num_classes == 3
    assert job.channels == {name: layout.base / "input" / "data" / name for name in CHANNELS}


def test_paths_are_sagemakers() -> None:
    layout = Layout.from_env({"SAGEMAKER_BASE_DIR": ""})
    assert str(layout.config) == "/opt/ml/input/config"
    assert str(layout.channel("train")) == "/opt/ml/input/data/train"
    assert str(layout.model) == "/opt/ml/model"
    assert str(layout.checkpoints) == "/opt/ml/checkpoints"
    assert str(layout.output) == "/opt/ml/output/data"
    assert str(layout.failure) == "/opt/ml/output/failure"


def test_optional_channels_and_fast_file_mode(layout: Layout) -> None:
    fast = {"TrainingInputMode": "FastFile"}
    given = dict.fromkeys((*CHANNELS, "label_map", "model"), fast)
    write(layout, "inputdataconfig", given)
    for name in ("label_map", "model"):
        layout.channel(name).mkdir()
    assert read_job({"SAGEMAKER_BASE_DIR": str(layout.base)}).channels.keys() == given.keys()


def test_hyperparameters_written_by_hand_may_be_json_values(layout: Layout) -> None:
    values = HYPERPARAMETERS | {"num_classes": 4, "syncbn": True, "learning_rate": 1e-05}
    write(layout, "hyperparameters", values)
    chosen = read_job({"SAGEMAKER_BASE_DIR": str(layout.base)}).hyperparameters
    assert (chosen.num_classes, chosen.syncbn, chosen.learning_rate) == (4, True, 1e-05)


def test_a_hyperparameter_out_of_range_is_the_users(layout: Layout) -> None:
    write(layout, "hyperparameters", HYPERPARAMETERS | {"num_classes": "1"})
    assert refusal(layout, ClientError).startswith("num_classes='1' cannot be used")


def test_a_hyperparameter_that_is_a_list_is_not(layout: Layout) -> None:
    write(layout, "hyperparameters", HYPERPARAMETERS | {"lr_scheduler_step": [10]})
    said = refusal(layout, AlgorithmError)
    assert said == "hyperparameters.json: 'lr_scheduler_step' must be a string, it is a list"


@pytest.mark.parametrize("name", CONFIG)
def test_a_missing_file_is_named(layout: Layout, name: str) -> None:
    (layout.config / f"{name}.json").unlink()
    assert refusal(layout, AlgorithmError) == f"{name}.json is missing from {layout.config}"


@pytest.mark.parametrize("name", CONFIG)
@pytest.mark.parametrize("content", [b"", b'{"a": ', b"[]", b"\xff"])
def test_a_damaged_file_is_named(layout: Layout, name: str, content: bytes) -> None:
    (layout.config / f"{name}.json").write_bytes(content)
    assert refusal(layout, AlgorithmError).startswith(f"{name}.json ")


@pytest.mark.parametrize("hosts", [None, [], "algo-1"])
def test_a_job_without_hosts_is_not_sagemakers(layout: Layout, hosts: object) -> None:
    write(layout, "resourceconfig", {"hosts": hosts})
    assert refusal(layout, AlgorithmError).startswith("resourceconfig.json: 'hosts' must be")


def test_two_instances_are_one_too_many(layout: Layout) -> None:
    write(layout, "resourceconfig", {"hosts": ["algo-1", "algo-2"]})
    assert refusal(layout, ClientError).startswith("the job has 2 instances")


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (("train_annotation",), "channel train_annotation;"),
        (("validation", "validation_annotation"), "channels validation, validation_annotation;"),
        (CHANNELS, "channels train, train_annotation, validation, validation_annotation;"),
    ],
)
def test_a_required_channel_that_is_not_there_is_named(
    layout: Layout, lacking: tuple[str, ...], named: str
) -> None:
    write(layout, "inputdataconfig", {name: FILE for name in CHANNELS if name not in lacking})
    assert refusal(layout, ClientError).startswith(f"the job lacks {named} required: train, ")


def test_an_unknown_channel_is_named(layout: Layout) -> None:
    write(layout, "inputdataconfig", dict.fromkeys((*CHANNELS, "label_maps"), FILE))
    layout.channel("label_maps").mkdir()
    said = refusal(layout, ClientError)
    assert said == (
        "the job has channel label_maps, which the algorithm does not know; "
        "optional: label_map, model"
    )


def piped(**changed: object) -> dict[str, object]:
    """An inputdataconfig in Pipe mode, both channels with these facts changed."""
    return dict.fromkeys(("train", "validation"), PIPE | changed)


def test_pipe_mode_has_two_channels_whose_pipes_are_not_opened(layout: Layout) -> None:
    write(layout, "inputdataconfig", {**piped(), "label_map": FILE})
    layout.channel("label_map").mkdir()
    for name in CHANNELS:
        layout.channel(name).rmdir()
    for name in ("train", "validation"):
        os.mkfifo(layout.pipe(name))
    job = read_job({"SAGEMAKER_BASE_DIR": str(layout.base)})
    assert job.pipes == ("train", "validation")
    place = layout.base / "input" / "data"
    assert job.channels == {
        "train": place / "train_0",
        "validation": place / "validation_0",
        "label_map": place / "label_map",
    }


def test_file_mode_has_no_pipes(layout: Layout) -> None:
    assert read_job({"SAGEMAKER_BASE_DIR": str(layout.base)}).pipes == ()


def test_content_type_changes_nothing_in_a_pipe(layout: Layout) -> None:
    write(layout, "inputdataconfig", piped(ContentType="application/x-image"))
    assert read_job({"SAGEMAKER_BASE_DIR": str(layout.base)}).pipes == ("train", "validation")


@pytest.mark.parametrize("name", ["hyperparameters", "resourceconfig"])
def test_pipes_are_judged_after_hyperparameters_and_hosts(layout: Layout, name: str) -> None:
    write(layout, "inputdataconfig", piped(RecordWrapperType="None"))
    wrong = {"hyperparameters": {}, "resourceconfig": {"hosts": ["algo-1", "algo-2"]}}
    write(layout, name, wrong[name])
    assert refusal(layout, ClientError).startswith(("num_classes is not given", "the job has 2"))


@pytest.mark.parametrize("wrapper", [{"RecordWrapperType": "None"}, {}])
def test_a_pipe_without_record_wrapper_says_what_to_set(
    layout: Layout, wrapper: dict[str, str]
) -> None:
    facts = {"TrainingInputMode": "Pipe", "ContentType": "image/jpeg", **wrapper}
    write(layout, "inputdataconfig", dict.fromkeys(("train", "validation"), facts))
    assert refusal(layout, ClientError) == (
        "channel train is in Pipe mode with RecordWrapperType None and ContentType image/jpeg; "
        "required: RecordWrapperType RecordIO, ContentType application/x-recordio"
    )


@pytest.mark.parametrize(("pipe", "other"), [("train", "validation"), ("validation", "train")])
def test_one_pipe_and_one_folder_are_refused(layout: Layout, pipe: str, other: str) -> None:
    write(layout, "inputdataconfig", {**dict.fromkeys(CHANNELS, FILE), pipe: PIPE})
    assert refusal(layout, ClientError) == (
        f"channel {pipe} has input mode Pipe, {other} has File; allowed: Pipe for both or "
        "for neither"
    )


@pytest.mark.parametrize("facts", [FILE, {"TrainingInputMode": "Pipe"}])
def test_annotations_beside_pipes_are_refused(layout: Layout, facts: dict[str, str]) -> None:
    names = ("train_annotation", "validation_annotation")
    write(layout, "inputdataconfig", {**piped(), **dict.fromkeys(names, facts)})
    assert refusal(layout, ClientError) == (
        "the job has channels train_annotation, validation_annotation beside train and validation "
        "in Pipe mode, where the augmented manifest's records carry the annotations; leave them "
        "out, or use File mode"
    )


def test_a_lone_pipe_lacks_the_other(layout: Layout) -> None:
    write(layout, "inputdataconfig", {"train": PIPE})
    said = refusal(layout, ClientError)
    assert said == "the job lacks channel validation; required: train, validation"


@pytest.mark.parametrize("name", ["label_map", "model"])
@pytest.mark.parametrize("others", [dict.fromkeys(CHANNELS, FILE), piped()])
def test_other_channels_are_no_pipes(layout: Layout, name: str, others: dict[str, object]) -> None:
    write(layout, "inputdataconfig", {**others, name: PIPE})
    said = refusal(layout, ClientError)
    assert said == f"channel {name} has input mode 'Pipe'; allowed: File, FastFile"


def test_an_input_mode_that_nobody_knows_is_named(layout: Layout) -> None:
    stream = {"TrainingInputMode": "Stream"}
    write(layout, "inputdataconfig", dict.fromkeys(CHANNELS, stream))
    said = refusal(layout, ClientError)
    assert said == "channel train has input mode 'Stream'; allowed: File, FastFile, Pipe"


def test_a_channel_without_a_folder_is_sagemakers(layout: Layout) -> None:
    layout.channel("validation").rmdir()
    said = refusal(layout, AlgorithmError)
    assert said == f"channel validation has no folder in {layout.base / 'input' / 'data'}"


def test_a_channel_that_is_no_object_is_sagemakers(layout: Layout) -> None:
    write(layout, "inputdataconfig", {"train": "File"})
    said = refusal(layout, AlgorithmError)
    assert said == "inputdataconfig.json: 'train' must be an object, it is a str"
