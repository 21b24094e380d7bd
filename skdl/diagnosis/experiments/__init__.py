"""Experiments: a network trained many times with other parameters, and compared.

========================  ==============================================================
``baseline_record.py``    what a comparison with baselines found, and its verdict
``baselines.py``          an estimator beside simpler ones, on the same folds
``default_baselines.py``  the baselines, and what they need before them
``fold_intervals.py``     intervals of means over folds
``optimizer_record.py``   what a comparison of optimizers found
``optimizers.py``         optimizers on one network, each at its tuned rate
``range_rules.py``        what the losses of a range test say
``rising_rate.py``        one network whose learning rate rises from step to step
``subject.py``            the network and its rows, and how its variants train together
``sweep.py``              a fresh network for each learning rate
``sweep_record.py``       what such a sweep found
``sweep_rules.py``        which learning rates to recommend
========================  ==============================================================
"""

from skdl.diagnosis.experiments.baseline_record import (
    BaselineComparison,
    ScoredModel,
)
from skdl.diagnosis.experiments.baselines import (
    compare_baselines,
)
from skdl.diagnosis.experiments.optimizer_record import (
    OptimizerComparison,
    OptimizerRun,
)
from skdl.diagnosis.experiments.optimizers import (
    compare_optimizers,
)
from skdl.diagnosis.experiments.rising_rate import (
    LearningRateRangeTest,
    learning_rate_range_test,
)
from skdl.diagnosis.experiments.sweep import (
    learning_rate_sweep,
)
from skdl.diagnosis.experiments.sweep_record import (
    LearningRateSweep,
)

__all__ = [
    "BaselineComparison",
    "LearningRateRangeTest",
    "LearningRateSweep",
    "OptimizerComparison",
    "OptimizerRun",
    "ScoredModel",
    "compare_baselines",
    "compare_optimizers",
    "learning_rate_range_test",
    "learning_rate_sweep",
]
