"""One rule per constructor parameter, checked in `fit`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.base import BaseEstimator

from skdl._checks import (
    NONE,
    Rule,
    boolean,
    either,
    integer,
    is_integer,
    is_real,
    number,
    word,
)
from skdl.networks import ACTIVATIONS, INITIALIZERS

_POSITIVE = number("a number above 0", lambda v: v > 0)
_NOT_NEGATIVE = number("a number of 0 or more", lambda v: v >= 0)
_SHARE = number("a number in [0, 1)", lambda v: 0 <= v < 1)
_AT_LEAST_1 = integer("an integer of 1 or more", lambda v: v >= 1)
_CLIP = either("a number above 0, or None", _POSITIVE, NONE)
_SIZES = Rule(
    "a sequence of integers of 1 or more, one per hidden layer",
    lambda v: (
        isinstance(v, Sequence | np.ndarray)
        and not isinstance(v, str)
        and all(is_integer(size) for size in v)
    ),
    lambda v: all(size >= 1 for size in v),
)
_FILTERS = Rule(
    "a sequence of integers of 1 or more, one per block, at least one",
    _SIZES.is_type,
    lambda v: len(v) > 0 and _SIZES.is_value(v),
)
_WINDOW = either(
    "an integer of 1 or more, or two of them: (height, width)",
    _AT_LEAST_1,
    Rule("", _SIZES.is_type, lambda v: len(v) == 2 and _SIZES.is_value(v)),
)
_IMAGE_SHAPE = either(
    "(height, width), (height, width, channels) or None, of integers of 1 or more",
    NONE,
    Rule("", _SIZES.is_type, lambda v: len(v) in (2, 3) and _SIZES.is_value(v)),
)
# augment=True: mild enough for both handwriting and photographs.
AUGMENTATION = {"shift": 0.1, "rotation": 10.0, "zoom": 0.1, "noise": 0.0}
_LIMITS = {"shift": 1.0, "rotation": 180.0, "zoom": 1.0, "noise": math.inf}
_AUGMENT = either(
    "True, False or a dict with 'shift' and 'zoom' (fractions in [0, 1)), 'rotation' "
    "(degrees in [0, 180)) and 'noise' (a number of 0 or more)",
    boolean(),
    Rule(
        "",
        lambda v: isinstance(v, Mapping) and all(map(is_real, v.values())),
        lambda v: all(name in _LIMITS and 0 <= v[name] < _LIMITS[name] for name in v),
    ),
)
_RANDOM_STATE = Rule(
    "an integer from 0 to 2**32 - 1, a numpy.random.RandomState or None",
    lambda v: v is None or is_integer(v) or isinstance(v, np.random.RandomState),
    lambda v: not is_integer(v) or 0 <= v < 2**32,
)
_CLASS_WEIGHT = Rule(
    "a dict from class labels to weights of 0 or more, 'balanced' or None",
    lambda v: v is None or isinstance(v, str | Mapping),
    lambda v: (
        v is None
        or v == "balanced"
        or (
            isinstance(v, Mapping)
            and all(is_real(w) and 0 <= w < math.inf for w in v.values())
        )
    ),
)

RULES: dict[str, Rule] = {
    "hidden_layer_sizes": _SIZES,
    "activation": word(ACTIVATIONS),
    "kernel_initializer": word(tuple(INITIALIZERS)),
    "optimizer": word(
        (
            "sgd",
            "adagrad",
            "adadelta",
            "rmsprop",
            "adam",
            "adamw",
            "nadam",
            "adamax",
            "lion",
        )
    ),
    "learning_rate": _POSITIVE,
    "learning_rate_schedule": word(("constant", "exponential", "cosine", "plateau")),
    "momentum": _SHARE,
    "nesterov": boolean(),
    "weight_decay": either("a number of 0 or more, or None", _NOT_NEGATIVE, NONE),
    "clip_norm": _CLIP,
    "clip_value": _CLIP,
    "dropout": _SHARE,
    "input_noise": _NOT_NEGATIVE,
    "batch_norm": either(
        "True, False, 'before' or 'after'", boolean(), word(("before", "after"))
    ),
    "batch_norm_momentum": _SHARE,
    "residual": boolean(),
    "l1": _NOT_NEGATIVE,
    "l2": _NOT_NEGATIVE,
    "label_smoothing": _SHARE,
    "loss": word(("squared_error", "absolute_error", "huber")),
    "batch_size": either(
        "an integer of 1 or more, or 'full'", _AT_LEAST_1, word(("full",))
    ),
    "epochs": integer("an integer from 1 to 2**31 - 1", lambda v: 1 <= v < 2**31),
    "shuffle": boolean(),
    "early_stopping": boolean(),
    "image_shape": _IMAGE_SHAPE,
    "filters": _FILTERS,
    "kernel_size": _WINDOW,
    "pool_size": _WINDOW,
    "augment": _AUGMENT,
    "validation_fraction": number("a number in (0, 1)", lambda v: 0 < v < 1),
    "patience": _AT_LEAST_1,
    "min_delta": _NOT_NEGATIVE,
    "class_weight": _CLASS_WEIGHT,
    "warm_start": boolean(),
    "random_state": _RANDOM_STATE,
    "verbose": either(
        "True, False or an integer of 0 or more",
        boolean(),
        integer("an integer of 0 or more", lambda v: v >= 0),
    ),
}


def augmentation_of(augment: bool | Mapping[str, float]) -> dict[str, float]:
    """Return the four numbers that `augment` stands for."""
    if isinstance(augment, Mapping):
        given: Mapping[str, float] = augment
    else:
        given = AUGMENTATION if augment else {}
    return {name: float(given.get(name, 0.0)) for name in AUGMENTATION}


def check_parameters(estimator: BaseEstimator) -> None:
    """Check each constructor parameter against its rule."""
    for name, value in estimator.get_params(deep=False).items():
        RULES[name].check(name, value, type(estimator).__name__)
