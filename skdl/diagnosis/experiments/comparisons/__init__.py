"""A network beside baselines, with other optimizers, and with other regularisation.

============================  ==========================================================
``baselines.py``              an estimator beside simpler ones, on the same folds
``baseline_record.py``        what such a comparison found, and its verdict
``default_baselines.py``      the baselines, and what they need before them
``fold_intervals.py``         intervals of means over folds
``optimizers.py``             optimizers on one network, each at its tuned rate
``optimizer_record.py``       what a comparison of optimizers found
``regularisation.py``         kinds of regularisation on one network
``regularisation_record.py``  what each kind did, and whether the best one helps
``regularisers.py``           the kinds, and the strengths that are tried
``fold_parts.py``             three parts of a fold: to learn, to choose and to score
============================  ==========================================================
"""

from skdl.diagnosis.experiments.comparisons.baseline_record import (
    BaselineComparison,
    ScoredModel,
)
from skdl.diagnosis.experiments.comparisons.baselines import compare_baselines
from skdl.diagnosis.experiments.comparisons.optimizer_record import (
    OptimizerComparison,
    OptimizerRun,
)
from skdl.diagnosis.experiments.comparisons.optimizers import compare_optimizers
from skdl.diagnosis.experiments.comparisons.regularisation import (
    compare_regularisation,
)
from skdl.diagnosis.experiments.comparisons.regularisation_record import (
    RegularisationComparison,
)

__all__ = [
    "BaselineComparison",
    "OptimizerComparison",
    "OptimizerRun",
    "RegularisationComparison",
    "ScoredModel",
    "compare_baselines",
    "compare_optimizers",
    "compare_regularisation",
]
