"""Experiments: a network trained many times with other parameters, and compared.

========================  ==============================================================
``baseline_record.py``    what a comparison with baselines found, and its verdict
``baselines.py``          an estimator beside simpler ones, on the same folds
``capacity.py``           how large a network should be
``default_baselines.py``  the baselines, and what they need before them
``fold_intervals.py``     intervals of means over folds
``fold_parts.py``         rows to train on, to choose by and to test on
``folds.py``              rows in folds, and what a mean over folds is worth
``growth.py``             the way from small networks to large ones
``losses.py``             what a trained network is worth on some rows
``optimizer_record.py``   what a comparison of optimizers found
``optimizers.py``         optimizers on one network, each at its tuned rate
``range_rules.py``        what the losses of a range test say
``regularisation.py``     which regularisation helps a network
``regularisers.py``       the kinds of regularisation, and their strengths
``rising_rate.py``        one network whose learning rate rises from step to step
``subject.py``            the network and its rows, and how its variants train together
``sweep.py``              a fresh network for each learning rate
``sweep_record.py``       what such a sweep found
``sweep_rules.py``        which learning rates to recommend
========================  ==============================================================
"""

from skdl.diagnosis.experiments.baseline_record import BaselineComparison, ScoredModel
from skdl.diagnosis.experiments.baselines import compare_baselines
from skdl.diagnosis.experiments.capacity import CapacitySearch, capacity_search
from skdl.diagnosis.experiments.optimizer_record import (
    OptimizerComparison,
    OptimizerRun,
)
from skdl.diagnosis.experiments.optimizers import compare_optimizers
from skdl.diagnosis.experiments.regularisation import (
    RegularisationComparison,
    compare_regularisation,
)
from skdl.diagnosis.experiments.rising_rate import (
    LearningRateRangeTest,
    learning_rate_range_test,
)
from skdl.diagnosis.experiments.sweep import learning_rate_sweep
from skdl.diagnosis.experiments.sweep_record import LearningRateSweep

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
