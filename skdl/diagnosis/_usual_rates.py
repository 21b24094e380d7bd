"""Learning rates that optimizers are mostly used with, and those around them.

Verdicts compare with the usual rate; experiments begin with the rates around it, and
say themselves how far they go.
"""

from __future__ import annotations

import math

# Keras's defaults, but for rules that it leaves at a rate nobody uses (adagrad,
# adadelta: the rates of Duchi et al. 2011 and Zeiler 2012; lion: Chen et al. 2023).
# Those of "adadelta" multiply steps in the units of the weights, and every step of
# "lion" has the full rate in every weight.
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
OF_UNKNOWN = 0.001  # of a name that the fit is going to refuse


def rate_at(place: int) -> float:
    """Return a rate of the grid: 1 and 3 of each power of ten.

    >>> from skdl.diagnosis._usual_rates import rate_at
    >>> [rate_at(place) for place in (-5, -4, 0, 1)]
    [0.003, 0.01, 1.0, 3.0]
    """
    return float(f"{3 if place % 2 else 1}e{place // 2}")


def rates_around(optimizer: str, below: int, above: int) -> tuple[float, ...]:
    """Return the rates of the grid around an optimizer's usual one.

    >>> from skdl.diagnosis._usual_rates import rates_around
    >>> rates_around("adam", 1, 2)
    (0.0003, 0.001, 0.003, 0.01)
    """
    middle = 2 * round(math.log10(USUAL_RATES.get(optimizer, OF_UNKNOWN)))
    return tuple(rate_at(place) for place in range(middle - below, middle + above + 1))
