"""Things → the mask of their numbers: 0 where there is none, else 1 for the surest, 2, ...

Where things overlap, the surer one is seen. A number has eight bits: of more than 255 things the
surest are there.
"""

import numpy as np
from numpy.typing import NDArray

from model.instances.instances import Instances
from serve.instances.choice import Choice

MAX_THINGS = 255


def ids_of(found: Instances, choice: Choice, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) numbers of things in a photo of (height, width)."""
    ids = np.zeros(size, np.uint8)
    for place in reversed(range(min(len(found.scores), MAX_THINGS))):
        patch = choice.patch(found, place, size)
        ids[patch.window][patch.inside] = place + 1
    return ids
