"""Any record, drawn by the function that belongs to its class."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from skdl.exceptions import ParameterTypeError
from skdl.explain import ExplanationQuality
from skdl.plots._compare_optimizers import compare_optimizers
from skdl.plots._gradient_flow import gradient_flow
from skdl.plots._registry import DRAWN_BY, check_record, drawn_by

ON_SEVERAL_AXES = (compare_optimizers, gradient_flow)


def draw(record: Any, *, ax: Axes | np.ndarray | None = None) -> Any:
    """Draw a result of `skdl.explain`, `skdl.diagnosis` or `skdl.search`.

    Parameters
    ----------
    record : Record or ParameterImportance
        The result.
    ax : Axes, ndarray of Axes or None, default=None
        Axes to draw on, by default those of a new figure. An OptimizerComparison takes
        an array with one per optimizer. A GradientFlow takes an array of two, or a
        single one to leave out dead or saturated units.

    Returns
    -------
    ax : Axes or ndarray of Axes
        The Axes drawn on: several for an OptimizerComparison, and for a GradientFlow
        with dead or saturated units.

    Raises
    ------
    ParameterTypeError
        If no function draws the record, or `ax` is of the wrong kind.

    Notes
    -----
    This calls the function of `skdl.plots` for the record, with its defaults: it draws
    the first row of Attributions, and the first of several outputs. Call the function
    itself for anything else.

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
            "The 'ax' parameter of draw must be a single matplotlib Axes for a "
            f"{type(record).__name__}. Got {type(ax).__name__} instead."
        )
    if isinstance(record, ExplanationQuality) and record.curves.empty:
        return function(record, kind="measures", ax=ax)
    return function(record, ax=ax)
