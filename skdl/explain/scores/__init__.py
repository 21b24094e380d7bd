"""How good an estimator is, how it errs, and for which rows it is worst."""

from skdl.explain.scores._calibration import Calibration, CalibrationCurve, calibration
from skdl.explain.scores._compare_models import ModelComparison, compare_models
from skdl.explain.scores._confusion import Confusion, confusion
from skdl.explain.scores._performance import Performance, performance
from skdl.explain.scores._residuals import Residuals, residuals
from skdl.explain.scores._slices import Slices, slices

__all__ = [
    "Calibration",
    "CalibrationCurve",
    "Confusion",
    "ModelComparison",
    "Performance",
    "Residuals",
    "Slices",
    "calibration",
    "compare_models",
    "confusion",
    "performance",
    "residuals",
    "slices",
]
