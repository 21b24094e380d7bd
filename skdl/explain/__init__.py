"""Explanations of any fitted scikit-learn estimator, as frozen records.

Every function takes a fitted classifier or regressor (or a Pipeline or search that ends
in one) and rows. It returns a record that shows itself in a notebook, gives its numbers
as a table (``to_frame``), and is drawn by the function of the same name in
:mod:`skdl.plots`. Only integrated gradients need TensorFlow.

================  ======================================================================
``importance/``   which features a score depends on
``effects/``      how predictions change with features, alone and together
``local/``        why single rows get their predictions, and what would change them
``surrogates/``   readable models fitted to an estimator's predictions
``scores/``       how good an estimator is, how it errs, and for which rows it is worst
``quality/``      how good an explanation is, in numbers
================  ======================================================================

All of them use ``_predicting/``, which predicts many changed copies of the rows in few
calls. ``quality/`` also uses importance and surrogates, and ``local/`` uses the feature
groups of importance.
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
    ModelComparison,
    Performance,
    Residuals,
    Slices,
    calibration,
    compare_models,
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
    "ModelComparison",
    "PartialDependence",
    "Performance",
    "PermutationImportance",
    "Residuals",
    "Slices",
    "Surrogate",
    "accumulated_local_effects",
    "attributions",
    "calibration",
    "compare_models",
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
