"""Lets the loader find CUDA's libraries where pip put them; says in one line what is missing.

For the image, once mxnet is there: each of NVIDIA's packages has its libraries in a folder of its
own, and libmxnet.so names no folder but its own. Of libcuda.so.1 it knows that no image has it: it
belongs to the driver, which the host brings in. mxnet for the CPU has none of this to enter, and is
checked all the same. Exit code 1 where a library is missing.
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

CONFIGURATION = Path("/etc/ld.so.conf.d/nvidia.conf")
DRIVER = "libcuda.so.1"


def cuda_folders(packages: Path) -> list[Path]:
    """The folders of libraries in NVIDIA's packages; none where mxnet is for the CPU."""
    return sorted(packages.glob("nvidia/*/lib"))


def missing(said: str) -> list[str]:
    r"""What ldd did not find, each once: libraries and versions of symbols, but for the driver.

    >>> missing("\tlibnccl.so.2 => not found\n\tlibcuda.so.1 => not found\n")
    ['libnccl.so.2 => not found']
    """
    lines = (line.strip() for line in said.splitlines())
    wanted = (line for line in lines if "not found" in line and line.split()[0] != DRIVER)
    return list(dict.fromkeys(wanted))


def main() -> str | None:
    """Enter the folders; what is wrong then, or None."""
    packages = Path(sysconfig.get_path("purelib"))
    libraries = [packages / "mxnet" / "libmxnet.so"]
    if folders := cuda_folders(packages):
        CONFIGURATION.write_text("".join(f"{folder}\n" for folder in folders))
        subprocess.run(["ldconfig"], check=True)  # noqa: S607  # wherever the base has it
        libraries += [library for folder in folders for library in sorted(folder.glob("*.so*"))]
    ldd = subprocess.run(
        ["ldd", *libraries],  # noqa: S607  # likewise
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    if lines := missing(ldd.stdout):
        return f"mxnet cannot be loaded: {'; '.join(lines)}"
    return None


if __name__ == "__main__":
    sys.exit(main())
