"""Diagnosis of training: verdicts with evidence and a remedy, and experiments.

================  ======================================================================
``verdicts/``     what the curves of a training say, and what to try first
``flow/``         how gradients flow through a network, layer by layer
``experiments/``  a network trained many times with other parameters, and compared
================  ======================================================================

The rooms stand on ``curves.py`` (the losses of one training, whoever trained it),
``findings.py`` (what a diagnosis consists of), ``networks.py`` (what an estimator ends
in, where it must be a network of skdl) and ``usual_rates.py`` (of each optimizer), and
do not import one another.
"""

from skdl.diagnosis._findings import Finding
from skdl.diagnosis.experiments import (
    BaselineComparison,
    CapacitySearch,
    LearningRateRangeTest,
    LearningRateSweep,
    OptimizerComparison,
    OptimizerRun,
    RegularisationComparison,
    ScoredModel,
    capacity_search,
    compare_baselines,
    compare_optimizers,
    compare_regularisation,
    learning_rate_range_test,
    learning_rate_sweep,
)
from skdl.diagnosis.flow import GradientFlow, gradient_flow
from skdl.diagnosis.verdicts import Diagnosis, diagnose

__all__ = [
    "BaselineComparison",
    "CapacitySearch",
    "Diagnosis",
    "Finding",
    "GradientFlow",
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
    "diagnose",
    "gradient_flow",
    "learning_rate_range_test",
    "learning_rate_sweep",
]
