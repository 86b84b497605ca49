"""What this process may use of the machine: cores by quota, instructions by flag."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

from model.cgroups import V2, group_folders, text_of

_CPUINFO = Path("/proc/cpuinfo")
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
_VNNI_FLAGS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})


def usable_cores(root: Path = Path("/")) -> int:
    """Cores this process may keep busy: the smaller of its affinity and its groups' quotas, 1 up.

    A container on a large host sees all of the host's cores and gets its quota of them; threads
    beyond it take turns and slow each other down.
    """
    allowed = len(os.sched_getaffinity(0))
    quotas = [*_quotas_v2(root), *_quotas_v1(root)]
    return max(1, min([allowed, *map(math.ceil, quotas)]))


def has_native_bf16(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the cores multiply bfloat16 themselves; elsewhere it is emulated and slower."""
    return not _BF16_FLAGS.isdisjoint(_flags(cpuinfo))


def has_vnni(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the cores add products of bytes up in 32 bits; elsewhere 16 overflow, silently."""
    return not _VNNI_FLAGS.isdisjoint(_flags(cpuinfo))


def _flags(cpuinfo: Path) -> list[str]:
    lines = text_of(cpuinfo).splitlines()
    return next((line.split() for line in lines if line.startswith("flags")), [])


def _quotas_v2(root: Path) -> Iterator[float]:
    """`cpu.max` is "quota period" in microseconds, or "max period" for none."""
    for folder in _folders(V2, root):
        quota, _, period = text_of(folder / "cpu.max").partition(" ")
        yield from _cores(quota, period)


def _quotas_v1(root: Path) -> Iterator[float]:
    """`cpu.cfs_quota_us` is -1 for none."""
    for folder in _folders("cpu", root):
        quota, period = (text_of(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        yield from _cores(quota, period)


def _folders(controller: str, root: Path) -> list[Path]:
    """Where /proc tells of no group, the mount's root: a container's own group lies there."""
    return [*group_folders(controller, root)] or [root / "sys/fs/cgroup" / controller]


def _cores(quota: str, period: str) -> Iterator[float]:
    """One number where there is a quota."""
    if quota.isdecimal() and period.isdecimal() and min(int(quota), int(period)) > 0:
        yield int(quota) / int(period)
