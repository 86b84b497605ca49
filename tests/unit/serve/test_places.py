import pytest

from serve.errors import Overloaded
from serve.places import Places


def test_a_place_is_given_back_once_however_often_that_is_said() -> None:
    places = Places(2)
    first, _second = places.take(), places.take()
    assert places.taken == 2
    first()
    first()
    assert places.taken == 1
    places.take()
    with pytest.raises(Overloaded):
        places.take()


def test_one_more_than_there_are_is_refused() -> None:
    places = Places(2)
    taken = [places.take(), places.take()]
    with pytest.raises(Overloaded) as refused:
        places.take()
    assert refused.value.details == {"queue_size": 2}
    assert refused.value.headers == {"Retry-After": "1"}
    for give_back in taken:
        give_back()
    places.take()
