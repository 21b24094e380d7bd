"""Which features a score rests on.

=====================  =================================================================
``permutation.py``     how much a score drops when features are shuffled
``shuffling.py``       shuffled copies of the rows, and their scores
``feature_groups.py``  features that are treated as one
``association.py``     features that go together
=====================  =================================================================
"""

from skdl.explain.importance._permutation_importance import (
    PermutationImportance,
    permutation_importance,
)

__all__ = [
    "PermutationImportance",
    "permutation_importance",
]
