"""How good an estimator is, how it errs, and for whom it is worst.

========================  ==============================================================
``scoring.py``            the usual metrics with intervals, beside a baseline
``metrics.py``            the metrics of each task, for many weightings of the rows
``predictions.py``        what an estimator predicts, asked for once
``baselines.py``          what a score is compared with
``reliability.py``        whether what it says can be taken at its word
``confusion_matrix.py``   what is taken for what
``prediction_errors.py``  residuals
``worst_groups.py``       the groups of rows for which it is worst
``row_groups.py``         rows grouped by the values of one feature
``row_losses.py``         what each row adds to a metric that is a mean over rows
``bins.py``               rows cut into bins of equal counts by a number
``intervals.py``          intervals of shares, of means, and of their differences
========================  ==============================================================
"""

from skdl.explain.scores._calibration import Calibration, CalibrationCurve, calibration
from skdl.explain.scores._confusion import Confusion, confusion
from skdl.explain.scores._performance import Performance, performance
from skdl.explain.scores._residuals import Residuals, residuals
from skdl.explain.scores._slices import Slices, slices

__all__ = [
    "Calibration",
    "CalibrationCurve",
    "Confusion",
    "Performance",
    "Residuals",
    "Slices",
    "calibration",
    "confusion",
    "performance",
    "residuals",
    "slices",
]
