"""Which features a score depends on."""

from skdl.explain.importance._permutation_importance import (
    PermutationImportance,
    permutation_importance,
)

__all__ = [
    "PermutationImportance",
    "permutation_importance",
]
