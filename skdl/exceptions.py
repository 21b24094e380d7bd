"""The errors and warnings of skdl.

Every class descends from `SkdlError` or `SkdlWarning`, so that one ``except``
catches all of them, and from the builtin (or scikit-learn's class) that a caller
who has never heard of skdl would catch::

    Exception
    └── SkdlError
        ├── ParameterError       (also ValueError)  a parameter's value is refused
        ├── ParameterTypeError   (also TypeError)   a parameter's type is refused
        └── DataError            (also ValueError)  X, y or the weights are refused

    UserWarning
    └── SkdlWarning
        └── DivergenceWarning    (also sklearn.exceptions.ConvergenceWarning)

A message says what is wrong, what was expected, what was got and what to do next.
"""

from sklearn.exceptions import ConvergenceWarning

__all__ = [
    "DataError",
    "DivergenceWarning",
    "ParameterError",
    "ParameterTypeError",
    "SkdlError",
    "SkdlWarning",
]


class SkdlError(Exception):
    """Base of every error that skdl raises by itself."""


class ParameterError(SkdlError, ValueError):
    """A parameter has the right type but a value that is refused."""


class ParameterTypeError(SkdlError, TypeError):
    """A parameter has a type that is refused."""


class DataError(SkdlError, ValueError):
    """The data (features, targets, weights) cannot be used as they are."""


class SkdlWarning(UserWarning):
    """Base of every warning that skdl issues by itself."""


class DivergenceWarning(SkdlWarning, ConvergenceWarning):
    """Training diverged: the loss or a weight stopped being finite."""
