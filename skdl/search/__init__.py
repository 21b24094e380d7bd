"""Searches over parameters, and the analysis of finished searches.

Each public name has a file of its own. `OptunaSearchCV` is built on `_studies`,
`HypergradientSearchCV` on ``_tuned_ranges.py`` and ``_tuned_paths.py``. The two are
imported on first use, because they import Optuna and TensorFlow.
"""

import importlib
from typing import TYPE_CHECKING

from skdl.search._candidate_table import candidate_table
from skdl.search._parameter_importance import ParameterImportance, parameter_importance
from skdl.search._read_candidates import Candidates, read_candidates
from skdl.search._suggest_space import suggest_space

if TYPE_CHECKING:
    from skdl.search._hypergradient_search_cv import HypergradientSearchCV
    from skdl.search._optuna_search_cv import OptunaSearchCV

__all__ = [
    "Candidates",
    "HypergradientSearchCV",
    "OptunaSearchCV",
    "ParameterImportance",
    "candidate_table",
    "parameter_importance",
    "read_candidates",
    "suggest_space",
]

_HOME = {
    "HypergradientSearchCV": "skdl.search._hypergradient_search_cv",
    "OptunaSearchCV": "skdl.search._optuna_search_cv",
}


def __getattr__(name: str) -> object:
    """Import one of the searches on first use."""
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'skdl.search' has no attribute {name!r}")
