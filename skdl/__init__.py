"""Keras networks as scikit-learn estimators.

The public names are imported on first use (PEP 562): ``import skdl`` alone loads
neither TensorFlow nor Optuna nor matplotlib. A name is looked up in the table
``_HOME``, its module is imported, and the object is kept in this namespace.
"""

import importlib
from typing import TYPE_CHECKING, Any

import joblib

if TYPE_CHECKING:
    from skdl.estimators import (
        ConvClassifier,
        ConvRegressor,
        MLPClassifier,
        MLPRegressor,
        NearestMeanClassifier,
    )
    from skdl.estimators.keras import KerasClassifier, KerasRegressor
    from skdl.exceptions import DivergenceWarning, SkdlError
    from skdl.search import HypergradientSearchCV, OptunaSearchCV
    from skdl.training import fuse

__all__ = [
    "ConvClassifier",
    "ConvRegressor",
    "DivergenceWarning",
    "HypergradientSearchCV",
    "KerasClassifier",
    "KerasRegressor",
    "MLPClassifier",
    "MLPRegressor",
    "NearestMeanClassifier",
    "OptunaSearchCV",
    "SkdlError",
    "__version__",
    "fuse",
]

__version__ = "0.1.0"

_HOME = {
    "ConvClassifier": "skdl.estimators",
    "ConvRegressor": "skdl.estimators",
    "DivergenceWarning": "skdl.exceptions",
    "HypergradientSearchCV": "skdl.search",
    "KerasClassifier": "skdl.estimators.keras",
    "KerasRegressor": "skdl.estimators.keras",
    "MLPClassifier": "skdl.estimators",
    "MLPRegressor": "skdl.estimators",
    "NearestMeanClassifier": "skdl.estimators",
    "OptunaSearchCV": "skdl.search",
    "SkdlError": "skdl.exceptions",
    "fuse": "skdl.training",
}

_SUBMODULES = (
    "data",
    "diagnosis",
    "estimators",
    "exceptions",
    "explain",
    "networks",
    "plots",
    "reports",
    "search",
    "training",
)


def __getattr__(name: str) -> object:
    """Import a public name or a submodule on first use."""
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return importlib.import_module(f"skdl.{name}")
    raise AttributeError(f"module 'skdl' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names and the submodules, loaded or not."""
    return sorted({*globals(), *__all__, *_SUBMODULES})


def _fused_backend(**parameters: Any) -> Any:
    """Make the joblib backend of the name "skdl"."""
    return importlib.import_module("skdl.training").FusedBackend(**parameters)


joblib.register_parallel_backend("skdl", _fused_backend)
