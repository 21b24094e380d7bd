"""Experiments: a network trained many times with other parameters, and compared.

===================  ===================================================================
``range_rules.py``   what the losses of a range test say
``rising_rate.py``   one network whose learning rate rises from step to step
``subject.py``       the network and its rows, and how its variants train together
``sweep.py``         a fresh network for each learning rate
``sweep_record.py``  what such a sweep found
``sweep_rules.py``   which learning rates to recommend
===================  ===================================================================
"""

from skdl.diagnosis.experiments.rising_rate import (
    LearningRateRangeTest,
    learning_rate_range_test,
)
from skdl.diagnosis.experiments.sweep import learning_rate_sweep
from skdl.diagnosis.experiments.sweep_record import LearningRateSweep

__all__ = [
    "LearningRateRangeTest",
    "LearningRateSweep",
    "learning_rate_range_test",
    "learning_rate_sweep",
]
