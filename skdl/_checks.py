"""One rule language for parameters: what a value must be, in a sentence, and a check.

A `Rule` says what a parameter may be. `Rule.check` raises `ParameterTypeError` for a
wrong type and `ParameterError` for a value out of range, with the same wording for
estimators and functions. Estimators keep a table of rules (``estimators/_parameters``);
functions check theirs one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from skdl.exceptions import DataError, ParameterError, ParameterTypeError


@dataclass(frozen=True)
class Rule:
    """What a parameter may be."""

    sentence: str  # completes "The 'x' parameter must be ..."
    is_type: Callable[[Any], bool]  # False raises a TypeError
    is_value: Callable[[Any], bool]  # False, for a right type, raises a ValueError

    def check(self, name: str, value: Any, owner: str) -> Any:
        """Return the value, or raise if it breaks the rule."""
        message = f"The {name!r} parameter of {owner} must be {self.sentence}. Got "
        if not self.is_type(value):
            raise ParameterTypeError(
                f"{message}{value!r} of type {type(value).__name__} instead."
            )
        if not self.is_value(value):
            raise ParameterError(f"{message}{value!r} instead.")
        return value


def is_real(value: Any) -> bool:
    """Whether a value is a number other than True and False."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def is_integer(value: Any) -> bool:
    """Whether a value is an integer other than True and False."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def number(sentence: str, accepts: Callable[[float], bool]) -> Rule:
    """Make a rule for finite numbers."""
    return Rule(sentence, is_real, lambda v: math.isfinite(v) and accepts(v))


def integer(sentence: str, accepts: Callable[[int], bool]) -> Rule:
    """Make a rule for integers."""
    return Rule(sentence, is_integer, accepts)


def at_least(least: int) -> Rule:
    """Make a rule for integers that are not below `least`."""
    return integer(f"an integer of {least} or more", lambda v: v >= least)


def boolean() -> Rule:
    """Make a rule for True and False."""
    return Rule(
        "True or False", lambda v: isinstance(v, bool | np.bool_), lambda _: True
    )


def word(options: Sequence[str]) -> Rule:
    """Make a rule for one of some words."""
    sentence = "one of " + ", ".join(repr(option) for option in options)
    return Rule(sentence, lambda v: isinstance(v, str), lambda v: v in options)


def either(sentence: str, *rules: Rule) -> Rule:
    """Make a rule that holds where one of several does."""
    return Rule(
        sentence,
        lambda v: any(rule.is_type(v) for rule in rules),
        lambda v: any(rule.is_type(v) and rule.is_value(v) for rule in rules),
    )


NONE = Rule("None", lambda v: v is None, lambda _: True)
SHARE = number("a number in (0, 1)", lambda v: 0 < v < 1)


def check_share(value: Any, *, name: str, function: str) -> float:
    """Return a number strictly between 0 and 1, or raise."""
    return float(SHARE.check(name, value, function))


def check_count(value: Any, *, name: str, function: str, least: int = 1) -> int:
    """Return an integer that is not below `least`, or raise."""
    return int(at_least(least).check(name, value, function))


def check_weights(sample_weight: Any, *, n_samples: int) -> np.ndarray:
    """Return the sample weights as float64, or raise."""
    # sample_weight: (n_samples,) -> (n_samples,)
    if sample_weight is None:
        return np.ones(n_samples)
    try:
        weights = np.asarray(sample_weight, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(
            "The 'sample_weight' parameter must hold one number per row of X. NumPy "
            f"cannot convert the {type(sample_weight).__name__} it got: {error}."
        ) from error
    if weights.shape != (n_samples,):
        raise DataError(
            f"X has {n_samples} rows but 'sample_weight' has shape {weights.shape}. "
            "Pass one weight per row."
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise DataError(
            "The weights in 'sample_weight' must be finite and not negative, and at "
            f"least one must be above 0. Got {weights.min()} to {weights.max()}."
        )
    return weights
