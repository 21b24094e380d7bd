"""Explanations of any fitted scikit-learn estimator, as frozen records.

Every function takes a fitted classifier or regressor (or a Pipeline or search that ends
in one) and rows, and returns a record that shows itself in a notebook, gives its
numbers as a table (``to_frame``) or as plain values (``to_dict``), and is drawn by the
function of :mod:`skdl.plots` of the same name. Only gradients need TensorFlow.

======================  ==========================================================
``importance.py``       how much a score drops when features are shuffled
``attribution.py``      what each feature adds to the predictions of single rows
``counterfactuals.py``  a small change of a row that changes its prediction
``dependence.py``       the average prediction as features change
======================  ==========================================================

These stand on

======================  ==========================================================
``records.py``          what every record can do
``responses.py``        what an estimator says about rows, as numbers
``tables.py``           the rows: columns by name, copies with changes
``perturbation.py``     many changed copies, answered by few calls, in bounded memory
``shapley.py``          coalitions of features, for Shapley values
``networks.py``         which estimators have derivatives
``gradients.py``        integrated gradients; the only file that needs TensorFlow
``distances.py``        how far rows are apart, in steps
``goals.py``            what a changed row is to be predicted as
``rehearsal.py``        an estimator that knows beforehand what a scorer will ask
``checks.py``           parameters, checked
======================  ==========================================================
"""

from skdl.explain.attribution import attributions
from skdl.explain.attribution_records import Attributions, GroupAttributions
from skdl.explain.counterfactual_record import Counterfactual
from skdl.explain.counterfactuals import counterfactual
from skdl.explain.dependence import PartialDependence, partial_dependence
from skdl.explain.importance import PermutationImportance, permutation_importance

__all__ = [
    "Attributions",
    "Counterfactual",
    "GroupAttributions",
    "PartialDependence",
    "PermutationImportance",
    "attributions",
    "counterfactual",
    "partial_dependence",
    "permutation_importance",
]
