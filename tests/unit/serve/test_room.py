import pytest

from serve.errors import OutOfMemory
from serve.room import Bounds, Room, Wanted, unloading

MIB = 1 << 20
ENOUGH = None
NEEDED = Wanted(100 * MIB).needed_bytes


@pytest.mark.parametrize(
    ("idle", "loaded", "wanted", "bound", "count"),
    [
        ([], 0, 10, 10, 0),
        ([], 0, 11, 10, None),
        ([], 5, 5, 10, 0),
        ([], 5, 6, 10, None),
        ([5], 5, 6, 10, 1),
        ([2, 3, 4], 9, 1, 10, 0),
        ([2, 3, 4], 9, 2, 10, 1),
        ([2, 3, 4], 9, 4, 10, 2),
        ([2, 3, 4], 9, 10, 10, 3),
        ([2, 3, 4], 9, 11, 10, None),
        ([2, 3], 9, 7, 10, None),  # the third is in use
        ([2, 3, 4], 9, 10**9, None, 0),
    ],
)
def test_as_many_go_as_must_for_the_weights_to_fit(
    idle: list[int], loaded: int, wanted: int, bound: int | None, count: int | None
) -> None:
    assert unloading(idle, loaded, Wanted(wanted), Bounds(bound, ENOUGH)) == count


@pytest.mark.parametrize(
    ("idle_mib", "left", "count"),
    [
        ([], NEEDED, 0),
        ([], NEEDED - 1, None),
        ([100, 100], NEEDED - 1, 1),
        ([100, 100], NEEDED - 180 * MIB, 1),
        ([100, 100], NEEDED - 181 * MIB, 2),
        ([100, 100], NEEDED - 361 * MIB, None),
        ([100], 0, None),
    ],
)
def test_as_many_go_as_must_for_memory_to_be_left(
    idle_mib: list[int], left: int, count: int | None
) -> None:
    idle = [size * MIB for size in idle_mib]
    assert unloading(idle, 0, Wanted(100 * MIB), Bounds(None, left)) == count


def test_what_loading_needs_covers_what_was_measured() -> None:
    measured_mib = {5: (97, 224), 135: (389, 452), 208: (538, 528), 187: (601, 643)}
    for weights, peaks in measured_mib.items():
        assert max(peaks) <= Wanted(weights * MIB).needed_bytes // MIB <= 1.5 * max(peaks)


def test_what_a_network_that_finds_things_needs_covers_what_was_measured() -> None:
    for weights, peak in {187: 1333, 141: 812, 168: 999}.items():
        needed = Wanted(weights * MIB, finds_things=True).needed_bytes // MIB
        assert peak <= needed <= 1.6 * peak


def test_the_memory_is_asked_for_each_time() -> None:
    left = [0, 1 << 40]
    room = Room(None, lambda: left.pop(0))
    with pytest.raises(OutOfMemory):
        room.unloading([], 0, Wanted(MIB))
    assert room.unloading([], 0, Wanted(MIB)) == 0


def test_a_refusal_says_what_is_short() -> None:
    with pytest.raises(OutOfMemory) as refused:
        Room(10 * MIB, lambda: None).unloading([], 6 * MIB, Wanted(5 * MIB))
    assert refused.value.details == {"reason": "weights would be 11 MiB, SEG_MODELS_MB allows 10"}
    with pytest.raises(OutOfMemory) as refused:
        Room(None, lambda: 200 * MIB).unloading([], 6 * MIB, Wanted(135 * MIB))
    reason = "loading takes about 594 MiB, 200 MiB are left"
    assert refused.value.details == {"reason": reason}


def test_figures_of_any_length_fit_in_a_refusal() -> None:
    with pytest.raises(OutOfMemory) as refused:
        Room(MIB << 20, lambda: 0).unloading([], 1 << 50, Wanted(1 << 50))
    assert refused.value.message.endswith("allows 1048576")
