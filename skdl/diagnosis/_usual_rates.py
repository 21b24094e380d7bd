"""The usual learning rate of each optimizer, and a grid of rates around it.

Verdicts compare a rate with the usual one. Experiments start from the grid around it,
and each sets how far its grid extends.
"""

from __future__ import annotations

import math

# Keras's defaults, except where Keras's default is rarely used (adagrad: Duchi et al.
# 2011; adadelta: Zeiler 2012; lion: Chen et al. 2023). Rates of "adadelta" multiply
# steps that already have the units of the weights, and "lion" moves every weight by the
# full rate in every step.
USUAL_RATES = {
    "sgd": 0.01,
    "adagrad": 0.01,
    "adadelta": 1.0,
    "rmsprop": 0.001,
    "adam": 0.001,
    "adamw": 0.001,
    "nadam": 0.001,
    "adamax": 0.001,
    "lion": 0.0001,
}
OF_UNKNOWN = 0.001  # for a name that fit will refuse


def rate_at(place: int) -> float:
    """Return a rate of the grid: 1 and 3 times each power of ten.

    >>> from skdl.diagnosis._usual_rates import rate_at
    >>> [rate_at(place) for place in (-5, -4, 0, 1)]
    [0.003, 0.01, 1.0, 3.0]
    """
    return float(f"{3 if place % 2 else 1}e{place // 2}")


def rates_around(optimizer: str, below: int, above: int) -> tuple[float, ...]:
    """Return the rates of the grid around an optimizer's usual rate.

    >>> from skdl.diagnosis._usual_rates import rates_around
    >>> rates_around("adam", 1, 2)
    (0.0003, 0.001, 0.003, 0.01)
    """
    middle = 2 * round(math.log10(USUAL_RATES.get(optimizer, OF_UNKNOWN)))
    return tuple(rate_at(place) for place in range(middle - below, middle + above + 1))
