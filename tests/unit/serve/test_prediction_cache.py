import numpy as np
import pytest

from serve.prediction_cache import PredictionCache
from tests.red import RedPrediction


def prediction(nbytes: int) -> RedPrediction:
    return RedPrediction(np.zeros(nbytes, np.uint8))


def test_what_is_kept_is_found() -> None:
    cache = PredictionCache(10)
    one = prediction(4)
    cache.put(b"one", one)
    assert cache.get(b"one") is one
    assert cache.get(b"two") is None


def test_the_oldest_use_goes_first() -> None:
    cache = PredictionCache(10)
    for name in (b"one", b"two"):
        cache.put(name, prediction(5))
    cache.get(b"one")
    cache.put(b"three", prediction(5))
    assert cache.get(b"two") is None
    assert cache.get(b"one") is not None
    assert cache.get(b"three") is not None


def test_one_that_is_larger_than_the_cache_is_not_kept_and_costs_nobody_its_place() -> None:
    cache = PredictionCache(10)
    cache.put(b"one", prediction(10))
    cache.put(b"two", prediction(11))
    assert cache.get(b"one") is not None
    assert cache.get(b"two") is None


def test_the_same_photo_twice_is_counted_once() -> None:
    cache = PredictionCache(10)
    for _ in range(3):
        cache.put(b"one", prediction(5))
    cache.put(b"two", prediction(5))
    assert cache.get(b"one") is not None


@pytest.mark.parametrize(("max_bytes", "is_on"), [(0, False), (1, True)])
def test_none_is_kept_without_room(max_bytes: int, is_on: bool) -> None:
    cache = PredictionCache(max_bytes)
    assert cache.is_on is is_on
    cache.put(b"one", prediction(2))
    assert cache.get(b"one") is None
