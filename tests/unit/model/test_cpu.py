import os
from pathlib import Path

import pytest

from model import cpu

V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/cpu"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its /proc and /sys are empty; this process may run on 8 cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(f"{text}\n")


@pytest.mark.parametrize(
    ("text", "cores"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("max 100000", 8),
        ("6400000 100000", 8),
        ("200000 0", 8),
        ("0 100000", 8),
        ("", 8),
        ("nonsense", 8),
    ],
)
def test_a_quota_bounds_the_cores(root: Path, text: str, cores: int) -> None:
    write(root, "proc/self/cgroup", "0::/")
    write(root, f"{V2}/cpu.max", text)
    assert cpu.usable_cores(root) == cores


@pytest.mark.parametrize(("quota", "cores"), [("300000", 3), ("-1", 8)])
def test_the_older_cgroups_are_read_too(root: Path, quota: str, cores: int) -> None:
    write(root, "proc/self/cgroup", "4:cpu,cpuacct:/docker/7")
    write(root, f"{V1}/cpu.cfs_quota_us", quota)
    write(root, f"{V1}/cpu.cfs_period_us", "100000")
    assert cpu.usable_cores(root) == cores


@pytest.mark.parametrize(
    ("inner", "outer", "cores"),
    [
        ("200000 100000", "max 100000", 2),
        ("max 100000", "300000 100000", 3),
        ("400000 100000", "300000 100000", 3),
        ("max 100000", "max 100000", 8),
    ],
)
def test_groups_below_the_mounts_root_bound_them_too(
    root: Path, inner: str, outer: str, cores: int
) -> None:
    """A container that shares the host's groups, a systemd unit with a CPUQuota."""
    write(root, "proc/self/cgroup", "0::/system.slice/segmentation.service")
    write(root, f"{V2}/system.slice/segmentation.service/cpu.max", inner)
    write(root, f"{V2}/system.slice/cpu.max", outer)
    assert cpu.usable_cores(root) == cores


def test_where_proc_tells_of_no_group_the_mounts_root_bounds_them(root: Path) -> None:
    write(root, f"{V2}/cpu.max", "300000 100000")
    assert not (root / "proc").exists()
    assert cpu.usable_cores(root) == 3


def test_without_a_quota_the_affinity_counts(root: Path) -> None:
    assert not list(root.iterdir())
    assert cpu.usable_cores(root) == 8


def test_this_process_has_a_core() -> None:
    assert 1 <= cpu.usable_cores() <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("flags", "native"),
    [
        ("fpu avx512f avx512_bf16 amx_tile", True),
        ("fpu amx_bf16", True),
        ("fpu avx2 avx512f", False),
        ("fpu not_avx512_bf16", False),
    ],
)
def test_bf16_is_native_where_a_flag_says_so(tmp_path: Path, flags: str, native: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert cpu.has_native_bf16(tmp_path / "cpuinfo") is native


@pytest.mark.parametrize(
    ("flags", "has"),
    [
        ("fpu avx512f avx512_vnni", True),
        ("fpu avx2 avx_vnni", True),
        ("fpu amx_tile amx_int8", True),
        ("fpu avx2 avx512f avx512_bf16", False),
        ("fpu not_avx_vnni", False),
    ],
)
def test_vnni_is_there_where_a_flag_says_so(tmp_path: Path, flags: str, has: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert cpu.has_vnni(tmp_path / "cpuinfo") is has


def test_a_machine_that_does_not_say_has_none(tmp_path: Path) -> None:
    assert not cpu.has_native_bf16(tmp_path / "missing")
    assert not cpu.has_vnni(tmp_path / "missing")
