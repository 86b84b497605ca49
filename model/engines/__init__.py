"""One file an engine, one protocol; `load_engine` picks by name."""

from model.artifact import Artifact
from model.engines.engine import Engine

ENGINES = ("mxnet",)


def load_engine(name: str, artifact: Artifact, psp_bins: tuple[int, ...]) -> Engine:
    """Build the engine that SEG_ENGINE names; `auto` is the fastest this machine can run.

    Engines are imported here and not above: each brings a library that the others do without.

    Raises:
        ArtifactError: the weights do not fit the network.
    """
    if name not in {"auto", *ENGINES}:
        raise ValueError(name)
    from model.engines.mxnet import MXNetEngine  # noqa: PLC0415

    return MXNetEngine(artifact, psp_bins)
