"""Tuning by hypergradients: numbers of a job follow the validation loss in training.

After each step of a network the validation loss is differentiated with respect to the
numbers of that step (learning rate, penalties), and these move down it. The network,
its optimizer, its rows and its seats in a bank are those of plain training.

- `records`: `TuningJob`, `TuningOutcome`; which numbers can be tuned.
- `program`: a step, the look ahead and the update of the numbers, in one graph.
- `tuner`: `tune(jobs)`.
"""

from skdl.training.hypergradients._records import (
    TUNABLE,
    TunedRange,
    TuningJob,
    TuningOutcome,
)
from skdl.training.hypergradients._tune import tune

__all__ = ["TUNABLE", "TunedRange", "TuningJob", "TuningOutcome", "tune"]
