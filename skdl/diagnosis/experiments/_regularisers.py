"""The kinds of regularisation to compare, and their strengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skdl.exceptions import ParameterError

NONE = "none"
EARLY_STOPPING = "early_stopping"
OFF: dict[str, Any] = {
    "l1": 0.0,
    "l2": 0.0,
    "dropout": 0.0,
    "batch_norm": False,
    "input_noise": 0.0,
    EARLY_STOPPING: False,
}
STRENGTHS: dict[str, tuple[Any, ...]] = {
    "l1": (1e-4, 1e-3, 1e-2),
    "l2": (1e-4, 1e-3, 1e-2, 1e-1),
    "dropout": (0.1, 0.25, 0.5),
    "batch_norm": ("before", "after"),
    "input_noise": (0.03, 0.1, 0.3),
    EARLY_STOPPING: (3, 10, 30),
}


@dataclass(frozen=True)
class Regulariser:
    """A kind of regularisation at a strength."""

    kind: str  # "none", or a parameter of the networks: a key of `STRENGTHS`
    # value of the parameter; patience for "early_stopping"; None for "none"
    strength: Any = None

    @property
    def name(self) -> str:
        """Kind and strength in words."""
        return self.kind if self.strength is None else f"{self.kind} {self.strength}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of a network that turn all other kinds off."""
        if self.kind == NONE:
            return dict(OFF)
        if self.kind == EARLY_STOPPING:
            return {**OFF, EARLY_STOPPING: True, "patience": self.strength}
        return {**OFF, self.kind: self.strength}


def regularisers(
    strengths: Mapping[str, Sequence[Any]] | None, *, function: str
) -> list[Regulariser]:
    """List the variants to compare."""
    if strengths is None:
        strengths = STRENGTHS
    if not isinstance(strengths, Mapping) or not set(strengths) <= set(STRENGTHS):
        raise ParameterError(
            f"The 'strengths' parameter of {function} must be a dict that maps some of "
            f"{list(STRENGTHS)} to lists of strengths. Got {strengths!r} instead."
        )
    listed = [Regulariser(NONE)]
    for kind, given in strengths.items():
        values: Any = given
        if isinstance(values, np.ndarray):
            values = values.tolist()
        is_list = isinstance(values, Sequence) and not isinstance(values, str)
        if not is_list or not values:
            raise ParameterError(
                f"The strengths of {kind!r} in the 'strengths' parameter of {function} "
                f"must be a non-empty list, such as {list(STRENGTHS[kind])}. Got "
                f"{values!r} instead."
            )
        listed += [Regulariser(kind, value) for value in values]
    return listed
