"""Explanations of any fitted scikit-learn estimator, as frozen records.

Every function takes a fitted classifier or regressor (or a Pipeline or search that ends
in one) and rows, and returns a record that shows itself in a notebook, gives its
numbers as a table (``to_frame``) or as plain values (``to_dict``), and is drawn by the
function of :mod:`skdl.plots` of the same name. TensorFlow is not needed.

======================  ==========================================================
``importance.py``       how much a score drops when features are shuffled
``dependence.py``       the average prediction as features change
======================  ==========================================================

These stand on

======================  ==========================================================
``records.py``          what every record can do
``responses.py``        what an estimator says about rows, as numbers
``tables.py``           the rows: columns by name, copies with changes
``perturbation.py``     many changed copies, answered by few calls, in bounded memory
``rehearsal.py``        an estimator that knows beforehand what a scorer will ask
``shuffling.py``        shuffled copies of the rows, and their scores
``dependence_grid.py``  the points of a partial dependence
``feature_groups.py``   features that are treated as one
``association.py``      features that go together
``as_scikit_learn.py``  parameters, checked by scikit-learn's own functions
``checks.py``           parameters of ours, checked
``callers.py``          whose line a warning is about
``progress.py``         a bar
======================  ==========================================================
"""

from skdl.explain.dependence import PartialDependence, partial_dependence
from skdl.explain.importance import PermutationImportance, permutation_importance

__all__ = [
    "PartialDependence",
    "PermutationImportance",
    "partial_dependence",
    "permutation_importance",
]
