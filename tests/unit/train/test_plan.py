from dataclasses import replace
from pathlib import Path

import pytest

from model.classes import Classes
from model.engines import EngineChoice
from tests.unit.train.samples import write_job
from train.dataset import read_dataset
from train.plan import Plan
from train.start import Start


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Of two samples in batches of 16, and one to validate with."""
    job = write_job(tmp_path)
    classes = Classes(("a", "b", "c"))
    dataset = read_dataset(job, workers=1)
    return Plan(job, dataset, Start("from scratch"), classes, EngineChoice())


def told(plan: Plan, **values: object) -> Plan:
    chosen = replace(plan.chosen, **values)  # type: ignore[arg-type]  # by their names
    return replace(plan, job=replace(plan.job, hyperparameters=chosen))


@pytest.mark.parametrize(
    ("algorithm", "crop_size", "side"),
    [
        ("fcn", 17, 24),
        ("psp", 240, 240),
        ("deeplab", 241, 248),
        ("fastscnn", 17, 32),
        ("fastscnn", 240, 256),
        ("fastscnn", 256, 256),
    ],
)
def test_crops_are_rounded_up_to_what_the_network_can_halve(
    plan: Plan, algorithm: str, crop_size: int, side: int
) -> None:
    assert told(plan, algorithm=algorithm, crop_size=crop_size).sizes.side == side


@pytest.mark.parametrize(("batch", "steps"), [(1, 2), (2, 1), (16, 1)])
def test_an_epoch_has_the_steps_of_its_files(plan: Plan, batch: int, steps: int) -> None:
    assert told(plan, mini_batch_size=batch, num_training_samples=999).steps == steps


def test_a_checkpoint_must_agree_with_hyperparameters_and_counts(plan: Plan) -> None:
    identity = plan.identity
    assert identity["samples of train"] == "2"
    assert identity["samples of validation"] == "1"
    assert identity["learning_rate"] == "0.001"
    assert told(plan, learning_rate=0.002).identity.items() - identity.items() == {
        ("learning_rate", "0.002")
    }
    fewer = replace(plan.dataset.train, pairs=plan.dataset.train.pairs[:1])
    other = replace(plan, dataset=replace(plan.dataset, train=fewer)).identity
    assert other.items() - identity.items() == {("samples of train", "1")}
