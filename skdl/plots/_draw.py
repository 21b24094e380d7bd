"""Any record drawn, by the function that belongs to its class.

The table knows classes by their names, so that drawing one record loads no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from skdl.exceptions import ParameterTypeError
from skdl.plots._accumulated_local_effects import accumulated_local_effects
from skdl.plots._attributions import attributions
from skdl.plots._calibration import calibration
from skdl.plots._capacity_search import capacity_search
from skdl.plots._compare_baselines import compare_baselines
from skdl.plots._compare_optimizers import compare_optimizers
from skdl.plots._compare_regularisation import compare_regularisation
from skdl.plots._confusion import confusion
from skdl.plots._counterfactual import counterfactual
from skdl.plots._diagnosis import diagnosis
from skdl.plots._explanation_quality import explanation_quality
from skdl.plots._gradient_flow import gradient_flow
from skdl.plots._interaction_strength import interaction_strength
from skdl.plots._learning_rate_range_test import learning_rate_range_test
from skdl.plots._learning_rate_sweep import learning_rate_sweep
from skdl.plots._model_comparison import model_comparison
from skdl.plots._parameter_importance import parameter_importance
from skdl.plots._partial_dependence import partial_dependence
from skdl.plots._performance import performance
from skdl.plots._permutation_importance import permutation_importance
from skdl.plots._records import check_record, nearest_class
from skdl.plots._residuals import residuals
from skdl.plots._slices import slices
from skdl.plots._surrogate import surrogate

DRAWN_BY: dict[str, Callable[..., Any]] = {
    "AccumulatedLocalEffects": accumulated_local_effects,
    "Attributions": attributions,
    "BaselineComparison": compare_baselines,
    "Calibration": calibration,
    "CapacitySearch": capacity_search,
    "Confusion": confusion,
    "Counterfactual": counterfactual,
    "Diagnosis": diagnosis,
    "ExplanationQuality": explanation_quality,
    "GradientFlow": gradient_flow,
    "GroupAttributions": attributions,
    "InteractionStrength": interaction_strength,
    "LearningRateRangeTest": learning_rate_range_test,
    "LearningRateSweep": learning_rate_sweep,
    "ModelComparison": model_comparison,
    "OptimizerComparison": compare_optimizers,
    "ParameterImportance": parameter_importance,
    "PartialDependence": partial_dependence,
    "Performance": performance,
    "PermutationImportance": permutation_importance,
    "RegularisationComparison": compare_regularisation,
    "Residuals": residuals,
    "Slices": slices,
    "Surrogate": surrogate,
}


def draw(record: Any, *, ax: Axes | np.ndarray | None = None) -> Any:
    """Draw what a function of `skdl.explain`, `skdl.diagnosis` or `skdl.search` found.

    Parameters
    ----------
    record : Record, ModelComparison or ParameterImportance
        What the function returned.
    ax : Axes, ndarray of Axes or None, default=None
        Where to draw: an array, of one of the Axes per optimizer, for an
        OptimizerComparison; an array of two or single Axes, without the panel of dead
        or saturated units, for a GradientFlow; else single Axes. By default in a new
        figure.

    Returns
    -------
    ax : Axes or ndarray of Axes
        The Axes drawn on; several for an OptimizerComparison, and for a GradientFlow if
        its panel of dead or saturated units is drawn.

    Raises
    ------
    ParameterTypeError
        If nothing is known that draws the record, or ax is of the wrong kind.

    Notes
    -----
    It is the function of this module that takes the record, called with its defaults:
    of Attributions the first row is drawn, of several outputs the first one. Call the
    function itself for anything else.

    Examples
    --------
    >>> from skdl import plots
    >>> from skdl.diagnosis import diagnose
    >>> found = diagnose({"loss": [3, 2, 1], "val_loss": [3, 2, 4]})
    >>> plots.draw(found).get_xlabel()
    'epoch'
    """
    check_record(record, *DRAWN_BY, parameter="record", function="draw")
    function = DRAWN_BY[nearest_class(record, DRAWN_BY)]
    takes_several = function in (compare_optimizers, gradient_flow)
    if ax is not None and not takes_several and not isinstance(ax, Axes):
        raise ParameterTypeError(
            "The 'ax' parameter of draw must be Axes of matplotlib for a "
            f"{type(record).__name__}. Got {type(ax).__name__} instead."
        )
    if function is explanation_quality and record.curves.empty:
        return function(record, kind="measures", ax=ax)
    return function(record, ax=ax)
