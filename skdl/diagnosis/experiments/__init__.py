"""Experiments: a network trained many times with other parameters, and compared.

================  ======================================================================
``rates/``        which learning rate: fresh networks per rate, or one whose rate rises
``sizes/``        how large a network: wider, then deeper, until the score stops
``comparisons/``  with baselines, of optimizers, and of regularisation
``subject.py``    the network and its rows, and how its variants train together
``folds.py``      rows in folds, and what a mean over folds is worth
``losses.py``     what a trained network is worth, by its predictions
================  ======================================================================

The three rooms stand on the three files, and do not import one another.
"""

from skdl.diagnosis.experiments.comparisons import (
    BaselineComparison,
    OptimizerComparison,
    OptimizerRun,
    RegularisationComparison,
    ScoredModel,
    compare_baselines,
    compare_optimizers,
    compare_regularisation,
)
from skdl.diagnosis.experiments.rates import (
    LearningRateRangeTest,
    LearningRateSweep,
    learning_rate_range_test,
    learning_rate_sweep,
)
from skdl.diagnosis.experiments.sizes import CapacitySearch, capacity_search

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
