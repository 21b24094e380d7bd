"""Searches over parameters, and what a finished search or comparison can tell.

========================  ====================================================
``hypergradient.py``      `HypergradientSearchCV`, with ``tuned_ranges.py`` (what is
                          tuned) and ``tuned_paths.py`` (what became of it)
``candidates.py``         the candidates of any scikit-learn search, as a record
``importance.py``         which parameters mattered (fANOVA and PED-ANOVA, Optuna)
``comparison.py``         test scores of several models with bootstrap intervals
========================  ====================================================

`HypergradientSearchCV` imports the networks and is found as a name of skdl.
Optuna is imported when an importance is computed, never at import.
"""

from skdl.search.candidates import Candidates, candidate_table, read_candidates
from skdl.search.comparison import ModelComparison, compare_models
from skdl.search.importance import ParameterImportance, parameter_importance

__all__ = [
    "Candidates",
    "ModelComparison",
    "ParameterImportance",
    "candidate_table",
    "compare_models",
    "parameter_importance",
    "read_candidates",
]
