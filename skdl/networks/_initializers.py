"""Initial weights, by Keras's names of initializers.

NumPy draws them for each member of a bank. Initializers are not part of a program, so
networks with different ones train together.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.stats import truncnorm

GLOROT_UNIFORM = "glorot_uniform"
_SMALL = 0.05  # Keras's default standard deviation, or limit, of random weights
# Standard deviation of a standard normal distribution cut at two standard deviations.
_CUT = 2.0
_NARROWER = float(truncnorm.std(-_CUT, _CUT))

Draw = Callable[[tuple[int, ...], np.random.Generator], np.ndarray]


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Inputs and outputs of a unit, times the pixels of the window."""
    *window, n_inputs, n_units = shape
    n_pixels = math.prod(window)
    return n_pixels * n_inputs, n_pixels * n_units


def _mean_fan(shape: tuple[int, ...]) -> float:
    return sum(_fans(shape)) / 2


def _inputs(shape: tuple[int, ...]) -> float:
    return _fans(shape)[0]


def _uniform(scale: float, fan: Callable[[tuple[int, ...]], float]) -> Draw:
    """Uniform numbers of variance scale / fan."""

    def draw(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
        limit = np.sqrt(3.0 * scale / fan(shape))
        return random.uniform(-limit, limit, size=shape)

    return draw


def _normal(scale: float, fan: Callable[[tuple[int, ...]], float]) -> Draw:
    """Normal numbers of variance scale / fan, cut at two standard deviations."""

    def draw(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
        deviation = np.sqrt(scale / fan(shape)) / _NARROWER
        return deviation * truncnorm.rvs(-_CUT, _CUT, size=shape, random_state=random)

    return draw


def _orthogonal(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Orthonormal columns, or rows if there are fewer of them."""
    n_units = shape[-1]
    n_inputs = math.prod(shape[:-1])
    matrix = random.normal(size=(max(n_inputs, n_units), min(n_inputs, n_units)))
    basis, triangle = np.linalg.qr(matrix)
    basis *= np.sign(np.diag(triangle))  # uniform over all such matrices
    return (basis if n_inputs >= n_units else basis.T).reshape(shape)


INITIALIZERS: dict[str, Draw] = {
    GLOROT_UNIFORM: _uniform(1.0, _mean_fan),
    "glorot_normal": _normal(1.0, _mean_fan),
    "he_uniform": _uniform(2.0, _inputs),
    "he_normal": _normal(2.0, _inputs),
    "lecun_uniform": _uniform(1.0, _inputs),
    "lecun_normal": _normal(1.0, _inputs),
    "orthogonal": _orthogonal,
    "random_uniform": lambda shape, random: random.uniform(-_SMALL, _SMALL, shape),
    "random_normal": lambda shape, random: random.normal(0.0, _SMALL, shape),
}


def fresh_layer(
    shape: tuple[int, ...],
    dtype: str,
    random: np.random.Generator,
    *,
    kernel_initializer: str = GLOROT_UNIFORM,
    has_bias: bool = True,
) -> list[np.ndarray]:
    """Draw the arrays of a dense layer or of a convolution."""
    kernel = INITIALIZERS[kernel_initializer](shape, random).astype(dtype)
    return [kernel, np.zeros(shape[-1], dtype)] if has_bias else [kernel]


def fresh_batch_norm(
    n_units: int, dtype: str
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the initial arrays of batch normalisation."""
    # -> (n_units,)
    ones, zeros = np.ones(n_units, dtype), np.zeros(n_units, dtype)
    return [ones, zeros], [zeros.copy(), ones.copy()]
