"""Explanations of any fitted scikit-learn estimator, as frozen records.

Every function takes a fitted classifier or regressor (or a Pipeline or search that ends
in one) and rows, and returns a record that shows itself in a notebook, gives its
numbers as a table (``to_frame``) or as plain values (``to_dict``), and is drawn by the
function of :mod:`skdl.plots` of the same name. TensorFlow is not needed.

========================  ======================================================
``confusion_matrix.py``   which classes are taken for which
``dependence.py``         the average prediction as features change
``importance.py``         how much a score drops when features are shuffled
``prediction_errors.py``  by how much a regressor is wrong, and for which rows
``reliability.py``        whether what is predicted is, on average, what happens
``scoring.py``            the usual metrics with intervals, beside a baseline
``worst_groups.py``       the groups of rows that are predicted worst
========================  ======================================================

These stand on

========================  ======================================================
``records.py``            what every record can do
``responses.py``          what an estimator says about rows, as numbers
``tables.py``             the rows: columns by name, copies with changes
``perturbation.py``       many changed copies, answered by few calls, in bounded memory
``rehearsal.py``          an estimator that knows beforehand what a scorer will ask
``checks.py``             parameters, checked
``baselines.py``          what a score is compared with
``bins.py``               rows cut into bins of equal counts
``intervals.py``          intervals of shares, means and differences
``metrics.py``            metrics for many weightings of the rows at once
``predictions.py``        what is predicted for rows whose targets are known
``row_groups.py``         rows grouped by the values of a feature
``row_losses.py``         what each row adds to a metric
========================  ======================================================
"""

from skdl.explain.confusion_matrix import Confusion, confusion
from skdl.explain.dependence import PartialDependence, partial_dependence
from skdl.explain.importance import PermutationImportance, permutation_importance
from skdl.explain.prediction_errors import Residuals, residuals
from skdl.explain.reliability import Calibration, CalibrationCurve, calibration
from skdl.explain.scoring import Performance, performance
from skdl.explain.worst_groups import Slices, slices

__all__ = [
    "Calibration",
    "CalibrationCurve",
    "Confusion",
    "PartialDependence",
    "Performance",
    "PermutationImportance",
    "Residuals",
    "Slices",
    "calibration",
    "confusion",
    "partial_dependence",
    "performance",
    "permutation_importance",
    "residuals",
    "slices",
]
