import pytest

from serve.errors import ClientGone, DeadlineExceeded
from serve.visit import Visit


def test_one_that_is_in_time_and_there_is_wanted() -> None:
    Visit("id", timeout_s=1000).check_wanted()


def test_one_that_waited_too_long_is_told_how_long_that_is() -> None:
    visit = Visit("id", timeout_s=10, is_gone=lambda: True)
    visit.began_s -= 10.1
    with pytest.raises(DeadlineExceeded) as refused:
        visit.check_wanted()
    assert refused.value.details == {"timeout_s": 10}


def test_one_whose_client_has_hung_up_is_not_wanted() -> None:
    with pytest.raises(ClientGone):
        Visit("id", is_gone=lambda: True).check_wanted()
