"""Explanations of any fitted scikit-learn estimator, as frozen records.

Every function takes a fitted classifier or regressor (or a Pipeline or search that ends
in one) and rows, and returns a record that shows itself in a notebook, gives its
numbers as a table (``to_frame``) or as plain values (``to_dict``), and is drawn by the
function of :mod:`skdl.plots` of the same name. Only gradients need TensorFlow.

================  ======================================================================
``importance/``   which features a score rests on
``effects/``      what is said as features change, alone and together
``local/``        why something is said about single rows, and what would change it
``surrogates/``   models that can be read, fitted to what another one says
``scores/``       how good an estimator is, how it errs, and for whom it is worst
``quality/``      how good an explanation is, in numbers
================  ======================================================================

These rooms stand on ``asking/`` (how estimators are asked about many changed copies of
rows in few calls). Of one another, ``quality/`` knows importance and surrogates, and
``local/`` the groups of features.
"""

from skdl.explain.effects import (
    AccumulatedLocalEffects,
    InteractionStrength,
    PartialDependence,
    accumulated_local_effects,
    interaction_strength,
    partial_dependence,
)
from skdl.explain.importance import PermutationImportance, permutation_importance
from skdl.explain.local import (
    Attributions,
    Counterfactual,
    GroupAttributions,
    attributions,
    counterfactual,
)
from skdl.explain.quality import ExplanationQuality, explanation_quality
from skdl.explain.scores import (
    Calibration,
    CalibrationCurve,
    Confusion,
    Performance,
    Residuals,
    Slices,
    calibration,
    confusion,
    performance,
    residuals,
    slices,
)
from skdl.explain.surrogates import Surrogate, surrogate

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
