from pathlib import Path

from scripts.link_cuda import cuda_folders, missing

SAID = """\
/usr/local/lib/python3.11/site-packages/mxnet/libmxnet.so:
\tlibcuda.so.1 => not found
\tlibnccl.so.2 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0000000000)
/usr/local/lib/python3.11/site-packages/nvidia/nccl/lib/libother.so:
\tlibnccl.so.2 => not found
"""


def test_the_drivers_library_alone_may_be_missing() -> None:
    assert missing(SAID) == ["libnccl.so.2 => not found"]
    assert missing(SAID.replace("libnccl.so.2 => not found", "")) == []


def test_a_library_too_old_for_a_symbol_counts_as_missing() -> None:
    line = "libmxnet.so: libcudnn.so.8: version `libcudnn.so.9' not found (required by libmxnet.so)"
    assert missing(f"{line}\n") == [line]


def test_every_package_of_nvidias_has_its_folder(tmp_path: Path) -> None:
    for folder in ("nvidia/nccl/lib", "nvidia/cublas/lib", "nvidia/nccl/include", "other/lib"):
        (tmp_path / folder).mkdir(parents=True)
    assert cuda_folders(tmp_path) == [tmp_path / "nvidia/cublas/lib", tmp_path / "nvidia/nccl/lib"]
    assert cuda_folders(tmp_path / "other") == []
