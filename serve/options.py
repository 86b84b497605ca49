"""What a request may choose beside its type: one vocabulary, one frozen object.

Options ride in the Accept header's parameters, the only per-request text besides Custom-Attributes
that SageMaker lets through: `image/png;palette=voc;orientation=shown`. Names and values are matched
without regard to case; a value with a comma is quoted. A name or value we do not know is refused
rather than ignored. Pure: strings in, `Options` out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from serve.errors import BadOption

CHOICES = {
    "palette": ("gray", "voc"),
    "orientation": ("stored", "shown"),
}
_IGNORED = frozenset({"charset"})  # clients add it to any type out of habit


@dataclass(frozen=True)
class Options:
    """The defaults are what the built-in algorithm's clients expect."""

    palette: str = "gray"
    """Colours of a mask: a gray ramp that every reader turns into ids, or Pascal VOC's."""
    orientation: str = "stored"
    """Whether the answer matches the photo as stored or as EXIF says it is to be shown."""

    @property
    def upright(self) -> bool:
        """Whether EXIF orientation is applied first."""
        return self.orientation == "shown"


def parse_options(params: Mapping[str, str]) -> Options:
    """Read options from the parameters of a media type.

    Raises:
        BadOption: the name is none of ours or the value is not among its choices.
    """
    chosen: dict[str, str] = {}
    for name, value in params.items():
        key = name.lower()
        if key in _IGNORED:
            continue
        if key not in CHOICES:
            raise BadOption(option=name, allowed=list(CHOICES))
        if value.lower() not in CHOICES[key]:
            raise BadOption(option=key, value=value, allowed=" or ".join(CHOICES[key]))
        chosen[key] = value.lower()
    return Options(**chosen)
