"""What the optimizers do, as their papers have it, in double precision.

With sgd's momentum 0.8 and weight decay 0.05, rmsprop's gamma1 0.7 and gamma2 0.6.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Memory = list[Array]
Rule = Callable[[Array, Array, Memory, float, int], Array]
"""Weights, gradient, memory (changed), rate, number of the step from 1 → weights."""


def sgd(w: Array, g: Array, memory: Memory, rate: float, _: int) -> Any:
    memory[0] = 0.8 * memory[0] - rate * (g + 0.05 * w)
    return w + memory[0]


def nag(w: Array, g: Array, memory: Memory, rate: float, _: int) -> Any:
    """Sutskever et al. 2013, (3) and (4), of the weights that are looked ahead to."""
    memory[0] = 0.9 * memory[0] - rate * g
    return w + 0.9 * memory[0] - rate * g


def adam(w: Array, g: Array, memory: Memory, rate: float, t: int) -> Any:
    """Kingma and Ba 2015, algorithm 1, with the paper's settings."""
    memory[0] = 0.9 * memory[0] + 0.1 * g
    memory[1] = 0.999 * memory[1] + 0.001 * g**2
    mean, square = memory[0] / (1 - 0.9**t), memory[1] / (1 - 0.999**t)
    return w - rate * mean / np.sqrt(square)


def adadelta(w: Array, g: Array, memory: Memory, _rate: float, _: int) -> Any:
    """Zeiler 2012, algorithm 1, with MXNet's rho and epsilon."""
    memory[0] = 0.9 * memory[0] + 0.1 * g**2
    change = np.sqrt(memory[1] + 1e-5) / np.sqrt(memory[0] + 1e-5) * g
    memory[1] = 0.9 * memory[1] + 0.1 * change**2
    return w - change


def adagrad(w: Array, g: Array, memory: Memory, rate: float, _: int) -> Any:
    memory[0] = memory[0] + g**2
    return w - rate * g / np.sqrt(memory[0] + 1e-7)


def rmsprop(w: Array, g: Array, memory: Memory, rate: float, _: int) -> Any:
    """Graves 2013, (38) to (41)."""
    memory[0] = 0.7 * memory[0] + 0.3 * g**2
    memory[1] = 0.7 * memory[1] + 0.3 * g
    memory[2] = 0.6 * memory[2] - rate * g / np.sqrt(memory[0] - memory[1] ** 2 + 1e-8)
    return w + memory[2]


RULES: dict[str, Rule] = {
    "sgd": sgd,
    "nag": nag,
    "adam": adam,
    "adadelta": adadelta,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
}
