"""Tuning by hypergradients: numbers of a job follow the validation loss in training.

After each step of a network, the validation loss is differentiated with respect to the
numbers that the step used (learning rate, penalties), and these move downhill. The
network, its optimizer, its rows and its seat in a bank are those of plain training.

- `TuningJob`, `TuningOutcome`: jobs and outcomes of tuning, in `_records`.
- `TUNABLE`: the numbers that can be tuned, each within a `TunedRange`.
- `tune`: tuning jobs in, outcomes out. `_program` compiles a step, the look at the
  validation loss and the update of the numbers into one graph.
"""

from skdl.training.hypergradients._records import (
    TUNABLE,
    TunedRange,
    TuningJob,
    TuningOutcome,
)
from skdl.training.hypergradients._tune import tune

__all__ = ["TUNABLE", "TunedRange", "TuningJob", "TuningOutcome", "tune"]
