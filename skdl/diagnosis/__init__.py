"""Diagnosis of training: verdicts with evidence and a remedy, and experiments.

================  ======================================================================
``verdicts/``     what the curves of a training say, and what to try first
``flow/``         how gradients flow through a network, layer by layer
``experiments/``  a network trained many times with other parameters, and compared
================  ======================================================================

The rooms stand on ``curves.py`` (the losses of one training, whoever trained it) and
``findings.py`` (what a diagnosis consists of), and do not import one another.
"""

from skdl.diagnosis.experiments import (
    CapacitySearch,
    RegularisationComparison,
    capacity_search,
    compare_regularisation,
)
from skdl.diagnosis.findings import Finding

__all__ = [
    "CapacitySearch",
    "Finding",
    "RegularisationComparison",
    "capacity_search",
    "compare_regularisation",
]
