"""What fuzz/targets asserts, of seeds with a few changes and of bytes by chance."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.run import TARGETS

BYTE = st.one_of(st.sampled_from([0, 1, 7, 8, 34, 44, 59, 61, 127, 128, 255]), st.integers(0, 255))
CHANGES = st.lists(st.tuples(st.integers(0, 400), BYTE), max_size=6)


def changed(seed: bytes, changes: list[tuple[int, int]], cut: int) -> bytes:
    content = bytearray(seed)
    for place, value in changes:
        content[place % len(content)] = value
    return bytes(content[: len(content) - cut])


@dataclass(frozen=True)
class Target:
    check: Callable[[bytes], None]
    seeds: list[bytes]


@pytest.fixture(scope="module", params=list(TARGETS.values()), ids=list(TARGETS))
def target(request: pytest.FixtureRequest) -> Target:
    module = importlib.import_module(request.param)
    return Target(module.check, module.seeds())


def test_seeds_as_they_are(target: Target) -> None:
    assert len(target.seeds) >= 3
    for seed in target.seeds:
        target.check(seed)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_seeds_with_changes(target: Target, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from([seed for seed in target.seeds if seed]))
    cut = data.draw(st.one_of(st.just(0), st.integers(0, len(seed))))
    target.check(changed(seed, data.draw(CHANGES), cut))


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=300))
def test_bytes_by_chance(target: Target, content: bytes) -> None:
    target.check(content)
