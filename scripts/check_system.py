"""Says in one line what this machine lacks to run the project; exit code 1 then.

Runs before anything is installed, so the standard library is all it has.
"""

import ctypes
import platform
import sys

LIBRARIES = {"libgomp.so.1": "libgomp1", "libquadmath.so.0": "libquadmath0"}
"""What mxnet's wheel links to and does not bring, and the Debian packages that have it."""


def missing() -> list[str]:
    """Debian packages of the libraries that cannot be loaded."""
    packages = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


def complaint() -> str | None:
    """What is wrong with this machine, or None."""
    if sys.version_info[:2] != (3, 11):
        return (
            f"Python 3.11 is needed (mxnet 1.9.1, numpy 1.23), this is {platform.python_version()}"
        )
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return (
            f"mxnet 1.9.1 needs Linux on x86-64, this is {platform.system()} {platform.machine()}"
        )
    if packages := missing():
        return f"system libraries are missing: sudo apt-get install -y {' '.join(packages)}"
    return None


if __name__ == "__main__":
    sys.exit(complaint())
