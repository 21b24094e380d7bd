"""Searches over parameters, and what a finished search can tell.

Each public name has a file of its own. `_studies` is what `OptunaSearchCV` is made of;
``_tuned_ranges.py`` and ``_tuned_paths.py`` belong to `HypergradientSearchCV`. Optuna
is imported on first use, so the two searches are found by PEP 562.
"""

import importlib
from typing import TYPE_CHECKING

from skdl.search._candidates import Candidates, candidate_table, read_candidates
from skdl.search._parameter_importance import ParameterImportance, parameter_importance
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
