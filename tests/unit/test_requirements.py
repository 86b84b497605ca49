"""The locks agree: the image has one mxnet, the CPU's or CUDA's, of one version."""

import re
from pathlib import Path

import pytest

FOLDER = Path("requirements")


def pins(file: str) -> dict[str, str]:
    """Name and version of each requirement."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (FOLDER / file).read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    "lock", sorted(path.name for path in FOLDER.glob("*.txt") if "overrides" not in path.name)
)
def test_every_requirement_is_pinned_with_a_hash(lock: str) -> None:
    text = re.sub(r"#.*", "", (FOLDER / lock).read_text()).replace("\\\n", " ")
    for requirement in filter(str.strip, text.splitlines()):
        assert re.fullmatch(r"[\w.-]+==\S+(\s+--hash=sha256:[0-9a-f]{64})+\s*", requirement)


@pytest.mark.parametrize("lock", ["cpu", "cu112"])
def test_a_lock_of_mxnet_has_what_was_asked_for(lock: str) -> None:
    assert pins(f"{lock}.txt") == pins(f"{lock}.in")


def test_mxnet_is_of_one_version() -> None:
    version = pins("runtime.in")["mxnet"]
    assert pins("cpu.txt") == {"mxnet": version}
    assert pins("cu112.txt")["mxnet-cu112"] == version
    assert pins("dev.txt")["mxnet"] == version


def test_no_package_is_in_two_of_the_images_locks() -> None:
    for builds in (("cpu.txt",), ("cu112.txt", "cu12.txt")):
        names = [name for lock in (*builds, "runtime.txt") for name in pins(lock)]
        assert len(names) == len({*names})
    assert "mxnet" not in pins("cu112.txt") | pins("runtime.txt")
