"""Diagnosis of training: verdicts with evidence and a remedy, and experiments.

================  ======================================================================
``verdicts/``     what the curves of a training say, and what to try first
``flow/``         how gradients flow through a network, layer by layer
``experiments/``  a network trained many times with other parameters, and compared
================  ======================================================================

The rooms stand on ``curves.py`` (the losses of one training, whoever trained it) and
``findings.py`` (what a diagnosis consists of), and do not import one another.
"""

from skdl.diagnosis.findings import Finding
from skdl.diagnosis.flow import GradientFlow, gradient_flow

__all__ = ["Finding", "GradientFlow", "gradient_flow"]
