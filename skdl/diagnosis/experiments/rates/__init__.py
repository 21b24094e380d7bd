"""Which learning rate.

===================  ===================================================================
``sweep.py``         a fresh network for each learning rate
``sweep_record.py``  what such a sweep found
``sweep_rules.py``   which learning rates to recommend
``rising_rate.py``   one network whose learning rate rises from step to step
``range_rules.py``   what the losses of such a range test say
===================  ===================================================================
"""

from skdl.diagnosis.experiments.rates.rising_rate import (
    LearningRateRangeTest,
    learning_rate_range_test,
)
from skdl.diagnosis.experiments.rates.sweep import learning_rate_sweep
from skdl.diagnosis.experiments.rates.sweep_record import LearningRateSweep

__all__ = [
    "LearningRateRangeTest",
    "LearningRateSweep",
    "learning_rate_range_test",
    "learning_rate_sweep",
]
