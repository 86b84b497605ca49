import os
from pathlib import Path

import pytest

from model import cpu


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty /sys/fs/cgroup on a machine with 8 cores for this process."""
    monkeypatch.setattr(cpu, "_CGROUP_V2", tmp_path / "cpu.max")
    monkeypatch.setattr(cpu, "_CGROUP_V1", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "cores"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("max 100000", 8),
        ("6400000 100000", 8),
        ("", 8),
        ("nonsense", 8),
    ],
)
def test_a_quota_bounds_the_cores(cgroup: Path, text: str, cores: int) -> None:
    (cgroup / "cpu.max").write_text(f"{text}\n")
    assert cpu.usable_cores() == cores


@pytest.mark.parametrize(("quota", "cores"), [("300000", 3), ("-1", 8)])
def test_the_older_cgroups_are_read_too(cgroup: Path, quota: str, cores: int) -> None:
    (cgroup / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (cgroup / "cpu.cfs_period_us").write_text("100000\n")
    assert cpu.usable_cores() == cores


def test_without_a_quota_the_affinity_counts(cgroup: Path) -> None:
    assert not list(cgroup.iterdir())
    assert cpu.usable_cores() == 8


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
