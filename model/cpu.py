"""What this process may use of the machine: cores by quota, instructions by flag."""

import math
import os
from pathlib import Path

_CGROUP_V2 = Path("/sys/fs/cgroup/cpu.max")
_CGROUP_V1 = Path("/sys/fs/cgroup/cpu")
_CPUINFO = Path("/proc/cpuinfo")
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
_VNNI_FLAGS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})


def usable_cores() -> int:
    """Cores this process may keep busy: the smaller of its affinity and its cgroup's quota, 1 up.

    A container on a large host sees all of the host's cores and gets its quota of them; threads
    beyond it take turns and slow each other down.
    """
    allowed = len(os.sched_getaffinity(0))
    quota = _quota_v2(_CGROUP_V2) or _quota_v1(_CGROUP_V1)
    return max(1, min(allowed, math.ceil(quota))) if quota else allowed


def has_native_bf16(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the cores multiply bfloat16 themselves; elsewhere it is emulated and slower."""
    return not _BF16_FLAGS.isdisjoint(_flags(cpuinfo))


def has_vnni(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the cores add products of bytes up in 32 bits; elsewhere 16 overflow, silently."""
    return not _VNNI_FLAGS.isdisjoint(_flags(cpuinfo))


def _flags(cpuinfo: Path) -> list[str]:
    return next((line.split() for line in _lines(cpuinfo) if line.startswith("flags")), [])


def _quota_v2(path: Path) -> float | None:
    """`cpu.max` is "quota period" in microseconds, or "max period" for none."""
    quota, _, period = " ".join(_lines(path)).partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _quota_v1(folder: Path) -> float | None:
    """`cpu.cfs_quota_us` is -1 for none."""
    quota, period = (
        " ".join(_lines(folder / name)) for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us")
    )
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
