"""Trees of files as the kernel has them under /proc and /sys/fs/cgroup."""

from pathlib import Path

import pytest

from model.memory_left import memory_left

MIB = 1 << 20
MEMINFO = "MemTotal:       24684248 kB\nMemFree:          100 kB\nMemAvailable:    2048000 kB\n"
V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"
NO_LIMIT_V1 = "9223372036854771712"


def v2(limit: str, used: int, inactive_file: int = 0) -> dict[str, str]:
    return {
        "memory.max": f"{limit}\n",
        "memory.current": f"{used}\n",
        "memory.stat": f"anon 5\nfile 7\ninactive_file {inactive_file}\nactive_file 9\n",
    }


def v1(limit: str, used: int, inactive_file: int = 0) -> dict[str, str]:
    return {
        "memory.limit_in_bytes": f"{limit}\n",
        "memory.usage_in_bytes": f"{used}\n",
        "memory.stat": f"cache 7\ninactive_file 1\ntotal_inactive_file {inactive_file}\n",
    }


def write(root: Path, groups: str, folders: dict[str, dict[str, str]]) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(MEMINFO)
    (root / "proc/self/cgroup").write_text(groups)
    for folder, files in folders.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (root / folder / name).write_text(text)
    return root


AVAILABLE = 2000 * MIB


@pytest.mark.parametrize(
    ("groups", "folders", "left"),
    [
        ("0::/\n", {V2: v2(f"{900 * MIB}", 500 * MIB)}, 400 * MIB),
        ("0::/\n", {V2: v2(f"{900 * MIB}", 500 * MIB, 100 * MIB)}, 500 * MIB),
        ("0::/\n", {V2: v2(f"{900 * MIB}", 950 * MIB)}, 0),
        ("0::/\n", {V2: v2("max", 500 * MIB)}, AVAILABLE),
        ("0::/\n", {V2: v2(f"{9000 * MIB}", 500 * MIB)}, AVAILABLE),
        ("0::/\n", {}, AVAILABLE),
        # a group within groups: each has its bound
        ("0::/a/b\n", {f"{V2}/a/b": v2("max", 1), f"{V2}/a": v2(f"{3 * MIB}", MIB)}, 2 * MIB),
        ("0::/a/b\n", {f"{V2}/a/b": v2("9", 1), f"{V2}/a": v2(f"{3 * MIB}", MIB)}, 8),
        # the host's path, in a container that sees its own group alone
        ("0::/docker/7\n", {V2: v2(f"{900 * MIB}", 500 * MIB)}, 400 * MIB),
        ("0::/../7\n", {V2: v2(f"{900 * MIB}", 500 * MIB)}, 400 * MIB),
        ("4:memory:/\n0::/\n", {V1: v1(f"{900 * MIB}", 500 * MIB, 100 * MIB)}, 500 * MIB),
        ("4:cpu,memory:/docker/7\n", {V1: v1(f"{900 * MIB}", 500 * MIB)}, 400 * MIB),
        ("4:memory:/a\n", {f"{V1}/a": v1(f"{9 * MIB}", MIB), V1: v1(NO_LIMIT_V1, 1)}, 8 * MIB),
        ("4:cpu:/a\n", {f"{V1}/a": v1(f"{9 * MIB}", MIB)}, AVAILABLE),
        ("", {V2: v2(f"{900 * MIB}", 500 * MIB)}, AVAILABLE),
        ("nonsense\n::\n", {V2: {"memory.max": "5", "memory.current": "x"}}, AVAILABLE),
    ],
)
def test_the_least_of_the_machine_and_the_groups_is_left(
    tmp_path: Path, groups: str, folders: dict[str, dict[str, str]], left: int
) -> None:
    assert memory_left(write(tmp_path, groups, folders)) == left


def test_a_group_without_statistics_is_full_of_what_it_uses(tmp_path: Path) -> None:
    files = {"memory.max": f"{9 * MIB}", "memory.current": f"{MIB}"}
    assert memory_left(write(tmp_path, "0::/\n", {V2: files})) == 8 * MIB


def test_nothing_to_be_read_is_nothing_known(tmp_path: Path) -> None:
    assert memory_left(tmp_path) is None


def test_this_machine_has_some_left() -> None:
    left = memory_left()
    assert left is not None
    assert 0 < left < 1 << 50
