"""Searches over parameters, and what a finished search or comparison can tell.

========================  ====================================================
``optuna_search.py``      `OptunaSearchCV`, made of what is in ``studies/``
``default_space.py``      what to search over for skdl's own networks
``hypergradient.py``      `HypergradientSearchCV`, with ``tuned_ranges.py`` (what is
                          tuned) and ``tuned_paths.py`` (what became of it)
``candidates.py``         the candidates of any scikit-learn search, as a record
``importance.py``         which parameters mattered (fANOVA and PED-ANOVA, Optuna)
``comparison.py``         test scores of several models with bootstrap intervals
``quiet_optuna.py``       Optuna without its log, for a while
========================  ====================================================

Optuna is imported when it is used, never at import; so the searches are found in their
own modules, or as names of skdl.
"""

from skdl.search.candidates import Candidates, candidate_table, read_candidates
from skdl.search.comparison import ModelComparison, compare_models
from skdl.search.default_space import suggest_space
from skdl.search.importance import ParameterImportance, parameter_importance

__all__ = [
    "Candidates",
    "ModelComparison",
    "ParameterImportance",
    "candidate_table",
    "compare_models",
    "parameter_importance",
    "read_candidates",
    "suggest_space",
]
