"""How a network grows: wider, then deeper, until that stops helping; then a step back.

Nothing is trained here: a given function measures the candidates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Sizes = tuple[int, ...]
Measure = Callable[[list[Sizes]], Sequence[float]]

INCREASE_UNITS = "increase units"
ADD_LAYER = "add a layer"
ADD_LAYER_AGAIN = "add a layer again"
STEP_BACK = "step back: fewer units"
DONE = "done"


@dataclass(frozen=True)
class Visit:
    """A candidate, and the step after it."""

    hidden_layer_sizes: tuple[int, ...]  # units of each hidden layer
    next_step: str


def network_name(hidden_layer_sizes: Sequence[int]) -> str:
    """Name a network of layers of equal width.

    >>> from skdl.diagnosis.experiments._growth import network_name
    >>> network_name((250, 250))
    '2 x 250'
    """
    return f"{len(hidden_layer_sizes)} x {hidden_layer_sizes[0]}"


def grow(
    measure: Measure, *, units: Sequence[int], max_layers: int, step_back: float
) -> list[Visit]:
    """Try candidates: all widths, then deeper networks, then one step back."""
    widths: list[Sizes] = [(n_units,) for n_units in units]
    losses = [_comparable(loss) for loss in measure(widths)]
    lowest = min(losses)
    width = units[losses.index(lowest)]
    visits = [Visit(sizes, INCREASE_UNITS) for sizes in widths[:-1]]
    if max_layers == 1:
        return [*visits, Visit(widths[-1], DONE)]
    turn = ADD_LAYER if width == units[-1] else f"back to {width} units, {ADD_LAYER}"
    visits.append(Visit(widths[-1], turn))
    for n_layers in range(2, max_layers + 1):
        deeper = (width,) * n_layers
        loss = _comparable(measure([deeper])[0])
        if loss >= lowest:
            break
        lowest = loss
        if n_layers == max_layers:
            return [*visits, Visit(deeper, DONE)]
        visits.append(Visit(deeper, ADD_LAYER_AGAIN))
    narrower = max(1, round(step_back * width))
    if narrower == width:
        return [*visits, Visit(deeper, DONE)]
    last = (narrower,) * len(deeper)
    measure([last])
    return [*visits, Visit(deeper, STEP_BACK), Visit(last, DONE)]


def _comparable(loss: float) -> float:
    return math.inf if math.isnan(loss) else float(loss)
