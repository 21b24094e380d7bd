"""Explanations of any fitted scikit-learn estimator, as frozen records.

Every function takes a fitted classifier or regressor (or a Pipeline or search that ends
in one) and rows, and returns a record that shows itself in a notebook, gives its
numbers as a table (``to_frame``) or as plain values (``to_dict``), and is drawn by the
function of :mod:`skdl.plots` of the same name. Only gradients need TensorFlow.

====================  ==========================================================
``importance.py``     how much a score drops when features are shuffled
``dependence.py``     the average prediction as features change
``quality/``          how good an explanation is, in numbers
``surrogates.py``     models that can be read, fitted to what another one says
====================  ==========================================================
==========================  ====================================================
``accumulated_effects.py``  what features do, asked only near the rows
``dependence.py``           the average prediction as features change
``importance.py``           how much a score drops when features are shuffled
``interactions.py``         how much of an answer features make only together
==========================  ====================================================

These stand on

====================  ==========================================================
``records.py``        what every record can do
``responses.py``      what an estimator says about rows, as numbers
``tables.py``         the rows: columns by name, copies with changes
``perturbation.py``   many changed copies, answered by few calls, in bounded memory
``rehearsal.py``      an estimator that knows beforehand what a scorer will ask
``agreement.py``      how closely one answer about rows follows another
``checks.py``         parameters, checked
``feature_axes.py``   the points along a feature: edges of intervals, or levels
``local_effects.py``  local effects added up along features
``level_order.py``    levels in an order, by how alike the other features are
====================  ==========================================================
======================  ==========================================================
``importance.py``       how much a score drops when features are shuffled
``dependence.py``       the average prediction as features change
======================  ==========================================================

These stand on

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

from skdl.explain.accumulated_effects import (
    AccumulatedLocalEffects,
    accumulated_local_effects,
)
from skdl.explain.attribution import attributions
from skdl.explain.attribution_records import Attributions, GroupAttributions
from skdl.explain.confusion_matrix import Confusion, confusion
from skdl.explain.counterfactual_record import Counterfactual
from skdl.explain.counterfactuals import counterfactual
from skdl.explain.dependence import PartialDependence, partial_dependence
from skdl.explain.importance import PermutationImportance, permutation_importance
from skdl.explain.interactions import InteractionStrength, interaction_strength
from skdl.explain.prediction_errors import Residuals, residuals
from skdl.explain.quality import ExplanationQuality, explanation_quality
from skdl.explain.reliability import Calibration, CalibrationCurve, calibration
from skdl.explain.scoring import Performance, performance
from skdl.explain.surrogates import Surrogate, surrogate
from skdl.explain.worst_groups import Slices, slices

__all__ = [
    "AccumulatedLocalEffects",
    "Attributions",
    "Calibration",
    "CalibrationCurve",
    "Confusion",
    "Counterfactual",
    "ExplanationQuality",
    "GroupAttributions",
    "InteractionStrength",
    "PartialDependence",
    "Performance",
    "PermutationImportance",
    "Residuals",
    "Slices",
    "Surrogate",
    "accumulated_local_effects",
    "attributions",
    "calibration",
    "confusion",
    "counterfactual",
    "explanation_quality",
    "interaction_strength",
    "partial_dependence",
    "performance",
    "permutation_importance",
    "residuals",
    "slices",
    "surrogate",
]
