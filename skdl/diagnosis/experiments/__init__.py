"""Experiments: a network trained many times with other parameters, and compared.

========================  ==============================================================
``baseline_record.py``    what a comparison with baselines found, and its verdict
``baselines.py``          an estimator beside simpler ones, on the same folds
``default_baselines.py``  the baselines, and what they need before them
``fold_intervals.py``     intervals of means over folds
``optimizer_record.py``   what a comparison of optimizers found
``optimizers.py``         optimizers on one network, each at its tuned rate
``subject.py``            the network and its rows, and how its variants train together
========================  ==============================================================
"""

from skdl.diagnosis.experiments.baseline_record import BaselineComparison, ScoredModel
from skdl.diagnosis.experiments.baselines import compare_baselines
from skdl.diagnosis.experiments.optimizer_record import (
    OptimizerComparison,
    OptimizerRun,
)
from skdl.diagnosis.experiments.optimizers import compare_optimizers

__all__ = [
    "BaselineComparison",
    "OptimizerComparison",
    "OptimizerRun",
    "ScoredModel",
    "compare_baselines",
    "compare_optimizers",
]
