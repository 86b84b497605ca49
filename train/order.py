"""Which sample comes when, and its random numbers, from the seed and the epoch alone.

So a job that goes on from a checkpoint sees what it would have seen, and a sample is augmented
alike whichever process does it.
"""

import numpy as np
from numpy.typing import NDArray


def order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """A permutation of 0 to count - 1, int64; `seed` and `epoch` count from 0."""
    return _generator(seed, epoch).permutation(count)


def sample_rng(seed: int, epoch: int, index: int) -> np.random.Generator:
    """The random numbers for the augmentation of sample `index` in this epoch."""
    return _generator(seed, epoch, index)


def steps_of(samples: int, batch: int) -> int:
    """Steps in an epoch; the last batch is filled up where it must be."""
    return -(-samples // batch)


def _generator(seed: int, *key: int) -> np.random.Generator:
    # As `spawn_key`, for plain entropy is padded with zeros: (1, 2) and (1, 2, 0) are one stream.
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
