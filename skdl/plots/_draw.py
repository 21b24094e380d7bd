"""Any record, drawn by the function that belongs to its class."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from skdl.exceptions import ParameterTypeError
from skdl.explain import ExplanationQuality
from skdl.plots._compare_optimizers import compare_optimizers
from skdl.plots._gradient_flow import gradient_flow
from skdl.plots._records import DRAWN_BY, check_record, drawn_by

ON_SEVERAL_AXES = (compare_optimizers, gradient_flow)


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
    function = drawn_by(record)
    if function is None:
        classes = sorted(DRAWN_BY, key=lambda cls: cls.__name__)
        check_record(record, *classes, parameter="record", function="draw")
    assert function is not None
    if ax is not None and function not in ON_SEVERAL_AXES and not isinstance(ax, Axes):
        raise ParameterTypeError(
            "The 'ax' parameter of draw must be Axes of matplotlib for a "
            f"{type(record).__name__}. Got {type(ax).__name__} instead."
        )
    if isinstance(record, ExplanationQuality) and record.curves.empty:
        return function(record, kind="measures", ax=ax)
    return function(record, ax=ax)
