"""Experiments: train a network many times with different parameters, and compare.

Each public function has its own file. They share ``_prepared_data.py`` (a network and
the rows prepared for it), ``_folds.py`` (folds, and means over them) and ``_losses.py``
(how well a trained network predicts).
"""

from skdl.diagnosis.experiments._baseline_comparison import BaselineComparison
from skdl.diagnosis.experiments._capacity_search import CapacitySearch, capacity_search
from skdl.diagnosis.experiments._compare_baselines import compare_baselines
from skdl.diagnosis.experiments._compare_optimizers import compare_optimizers
from skdl.diagnosis.experiments._compare_regularisation import compare_regularisation
from skdl.diagnosis.experiments._learning_rate_range_test import (
    LearningRateRangeTest,
    learning_rate_range_test,
)
from skdl.diagnosis.experiments._learning_rate_sweep import (
    LearningRateSweep,
    learning_rate_sweep,
)
from skdl.diagnosis.experiments._optimizer_comparison import OptimizerComparison
from skdl.diagnosis.experiments._optimizer_run import OptimizerRun
from skdl.diagnosis.experiments._regularisation_comparison import (
    RegularisationComparison,
)
from skdl.diagnosis.experiments._scored_model import ScoredModel

__all__ = [
    "BaselineComparison",
    "CapacitySearch",
    "LearningRateRangeTest",
    "LearningRateSweep",
    "OptimizerComparison",
    "OptimizerRun",
    "RegularisationComparison",
    "ScoredModel",
    "capacity_search",
    "compare_baselines",
    "compare_optimizers",
    "compare_regularisation",
    "learning_rate_range_test",
    "learning_rate_sweep",
]
