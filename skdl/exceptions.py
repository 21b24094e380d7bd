"""The errors and warnings of skdl.

Every class descends from `SkdlError` or `SkdlWarning`, so that one ``except``
catches all of them, and from the builtin (or scikit-learn's class) that a caller
who has never heard of skdl would catch::

    Exception
    └── SkdlError
        ├── ParameterError       (also ValueError)  a parameter's value is refused
        ├── ParameterTypeError   (also TypeError)   a parameter's type is refused
        ├── DataError            (also ValueError)  X, y or the weights are refused
        ├── StudyError           (also ValueError)  a study is of another search
        ├── StorageError         (also OSError)     a study's storage cannot be used
        └── MissingDependencyError (also ImportError)  an extra is not installed

    UserWarning
    └── SkdlWarning
        ├── DivergenceWarning    (also sklearn.exceptions.ConvergenceWarning)
        ├── AdditivityWarning    attributions do not sum to the prediction
        ├── CorrelatedFeaturesWarning    features share an importance
        └── RowsDependWarning    what is said about a row depends on the others

A message says what is wrong, what was expected, what was got and what to do next.
"""

from sklearn.exceptions import ConvergenceWarning

__all__ = [
    "AdditivityWarning",
    "CorrelatedFeaturesWarning",
    "DataError",
    "DivergenceWarning",
    "MissingDependencyError",
    "ParameterError",
    "ParameterTypeError",
    "RowsDependWarning",
    "SkdlError",
    "SkdlWarning",
    "StorageError",
    "StudyError",
]


class SkdlError(Exception):
    """Base of every error that skdl raises by itself."""


class ParameterError(SkdlError, ValueError):
    """A parameter has the right type but a value that is refused."""


class ParameterTypeError(SkdlError, TypeError):
    """A parameter has a type that is refused."""


class DataError(SkdlError, ValueError):
    """The data (features, targets, weights) cannot be used as they are."""


class StudyError(SkdlError, ValueError):
    """A study was made for another search than the one that would go on with it."""


class StorageError(SkdlError, OSError):
    """A study's storage cannot be reached, or is none."""


class MissingDependencyError(SkdlError, ImportError):
    """What was asked for needs a package that is not installed."""


class SkdlWarning(UserWarning):
    """Base of every warning that skdl issues by itself."""


class DivergenceWarning(SkdlWarning, ConvergenceWarning):
    """Training diverged: the loss or a weight stopped being finite."""


class AdditivityWarning(SkdlWarning):
    """Attributions of features do not sum to what is predicted."""


class CorrelatedFeaturesWarning(SkdlWarning):
    """Features are so alike that each one's importance may be the other's."""


class RowsDependWarning(SkdlWarning):
    """An estimator's answer about a row depends on the other rows of the call."""
