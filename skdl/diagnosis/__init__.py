"""Diagnosis of training: what is wrong, on what evidence, and what to try first.

================  ======================================================================
``verdicts/``     `diagnose`: findings from learning curves and rows
``flow/``         `gradient_flow`: how gradients flow through a network, layer by layer
``experiments/``  networks trained many times with different parameters, and compared
================  ======================================================================

The three packages share ``_curves.py`` (the losses of one training run),
``_finding.py`` (what a diagnosis consists of), ``_networks.py`` (the network at the end
of an estimator) and ``_usual_rates.py`` (of each optimizer). They do not import one
another.
"""

from skdl.diagnosis._finding import Finding, FindingsRecord
from skdl.diagnosis._history_of import NOT_LOSSES, history_of
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
    "NOT_LOSSES",
    "BaselineComparison",
    "CapacitySearch",
    "Diagnosis",
    "Finding",
    "FindingsRecord",
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
    "history_of",
    "learning_rate_range_test",
    "learning_rate_sweep",
]
