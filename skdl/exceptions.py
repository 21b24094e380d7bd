"""The errors and warnings of skdl.

Every class descends from `SkdlError` or `SkdlWarning`, so that one ``except``
catches them all, and from the builtin (or scikit-learn class) that a caller who does
not know skdl would catch::

    Exception
    └── SkdlError
        ├── ParameterError       (also ValueError)  a parameter is invalid
        │   └── ParameterTypeError (also TypeError) it has the wrong type
        ├── DataError            (also ValueError)  X, y or the weights are invalid
        ├── StudyError           (also ValueError)  a study belongs to another search
        ├── StorageError         (also OSError)     a study's storage cannot be used
        └── MissingDependencyError (also ImportError)  an extra is not installed

    UserWarning
    └── SkdlWarning
        ├── DivergenceWarning    (also sklearn.exceptions.ConvergenceWarning)
        ├── AdditivityWarning    attributions do not sum to the prediction
        ├── CorrelatedFeaturesWarning    features share an importance
        └── RowsDependWarning    a row's prediction depends on the other rows

A message says what is wrong, what was expected, what was passed and what to do next.
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
    """Base class of all errors that skdl raises."""


class ParameterError(SkdlError, ValueError):
    """A parameter has an invalid value."""


class ParameterTypeError(ParameterError, TypeError):
    """A parameter has the wrong type."""


class DataError(SkdlError, ValueError):
    """The data (features, targets, weights) cannot be used as passed."""


class StudyError(SkdlError, ValueError):
    """A study belongs to a different search than the one resuming it."""


class StorageError(SkdlError, OSError):
    """A study's storage cannot be reached or is not a storage."""


class MissingDependencyError(SkdlError, ImportError):
    """An optional package that is needed is not installed."""


class SkdlWarning(UserWarning):
    """Base class of all warnings that skdl issues."""


class DivergenceWarning(SkdlWarning, ConvergenceWarning):
    """Training diverged: the loss or a weight stopped being finite."""


class AdditivityWarning(SkdlWarning):
    """The attributions of the features do not add up to the prediction."""


class CorrelatedFeaturesWarning(SkdlWarning):
    """Features are so strongly correlated that they may share their importance."""


class RowsDependWarning(SkdlWarning):
    """An estimator's prediction for a row depends on the other rows of the call."""
