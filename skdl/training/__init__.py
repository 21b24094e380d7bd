"""The engine: jobs in, outcomes out. It knows no estimator.

- `records`: `Job`, `Outcome` and what they are made of; plain data, no TensorFlow.
- `optimizers`, `schedules`: tables of update rules and of learning rates over time.
- `state`, `layout`: what a program carries through its loops, and in what shape.
- `program`: what one signature compiles to, the whole epoch loop in one graph.
- `programs`: the bounded cache of compiled programs.
- `engine`: `train(jobs)`, which feeds programs and gathers outcomes.
- `prediction`: the compiled forward pass.
- `backend`: every call to TensorFlow goes through here.
"""

from skdl.training.engine import train
from skdl.training.prediction import predict_outputs
from skdl.training.programs import clear_programs
from skdl.training.records import (
    EpochReport,
    Job,
    NetworkWeights,
    OptimizerSpec,
    Outcome,
    Rates,
    Signature,
    Status,
    StoppingRule,
)

__all__ = [
    "EpochReport",
    "Job",
    "NetworkWeights",
    "OptimizerSpec",
    "Outcome",
    "Rates",
    "Signature",
    "Status",
    "StoppingRule",
    "clear_programs",
    "predict_outputs",
    "train",
]
