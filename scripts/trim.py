"""Takes out of installed packages what nothing here loads: `trim.py PREFIX`, for the image.

OpenVINO brings plugins for Intel's GPUs and NPUs and readers of formats other than ours, most
packages bring their tests. Each line says what goes; one that fits nothing is an error, since then
the package has changed and somebody has to look.
"""

import shutil
import sys
from pathlib import Path

UNUSED = (
    "openvino/libs/libopenvino_intel_gpu_plugin.so",
    "openvino/libs/cache.json",  # the GPU plugin's
    "openvino/libs/libopenvino_intel_npu_plugin.so",
    "openvino/libs/libopenvino_tensorflow*_frontend.so.*",
    "openvino/libs/libopenvino_pytorch_frontend.so.*",
    "openvino/libs/libopenvino_paddle_frontend.so.*",
    "openvino/libs/libopenvino_jax_frontend.so.*",
    "openvino/libs/libopenvino_gguf_frontend.so.*",
    "openvino/include",
    "onnx/backend/test/data",
    "scipy/**/tests",
    "numpy/**/tests",
)


def unused(packages: Path) -> list[Path]:
    """What goes, outermost folders only.

    Raises:
        FileNotFoundError: nothing fits one of the lines.
    """
    found: list[Path] = []
    for pattern in UNUSED:
        fitting = sorted(packages.glob(pattern))
        if not fitting:
            msg = f"nothing is called {pattern} in the packages any more"
            raise FileNotFoundError(msg)
        found += fitting
    return [path for path in found if not any(parent in found for parent in path.parents)]


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())


def main(prefix: Path) -> None:
    """Remove it all, and say how much that was."""
    (packages,) = prefix.glob("lib/python3*/site-packages")
    removed = 0
    for path in unused(packages):
        removed += size_of(path)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(f"removed {removed >> 20} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
