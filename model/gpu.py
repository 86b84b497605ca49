"""Whether photos can be run on a GPU here. Imports nothing to find out."""

import importlib.util
from pathlib import Path

_DEVICES = Path("/dev")
_CUDA_PROVIDER = "capi/libonnxruntime_providers_cuda.so"


def has_cuda(devices: Path = _DEVICES) -> bool:
    """Whether there is an NVIDIA GPU and an ONNX Runtime that was built for one."""
    package = onnxruntime_folder()
    is_built_for_it = package is not None and (package / _CUDA_PROVIDER).is_file()
    return is_built_for_it and any(devices.glob("nvidia[0-9]*"))


def onnxruntime_folder() -> Path | None:
    """Where the package lies; None where it is not installed."""
    spec = importlib.util.find_spec("onnxruntime")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None
