"""The engine: jobs in, outcomes out. It knows no estimator.

- `records`: `Job`, `Outcome` and what they are made of; plain data, no TensorFlow.
- `optimizers`, `schedules`: tables of update rules and of learning rates over time.
- `state`, `layout`: what a program carries through its loops, and in what shape.
- `program`: what one signature compiles to, the whole epoch loop in one graph.
- `programs`: the bounded cache of compiled programs.
- `grouping`, `sizing`: which jobs train together, and how many side by side.
- `tables`, `members`, `lanes`, `bank`: jobs that share a program, on their way.
- `train`: `train(jobs)`; `context`: who observes, probes or trains the jobs.
- `planned_jobs`: what a fit would train; `watched`: who receives its epochs.
- `probing`: what a training does to each layer, where somebody asks.
- `hypergradients`: `tune(jobs)`, numbers that follow the validation loss in training.
- `_fusion/`: tasks of joblib train together, in this process or in workers.
- `prediction`: the compiled forward pass; `slopes`: its derivatives by the features.
- `backend`, `derivatives`, `compiler`, `device`: every call to TensorFlow goes here.
"""

from skdl.training._fusion.fuse import FusedBackend, Fusion, fuse
from skdl.training._planned_jobs import planned_jobs
from skdl.training._predict_gradients import predict_gradients
from skdl.training._predict_outputs import predict_outputs
from skdl.training._probing import QUANTITIES, ProbedLayer, Recording, probed
from skdl.training._program.cache import clear_programs
from skdl.training._records import (
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
from skdl.training._train import train
from skdl.training._watched import watched

__all__ = [
    "QUANTITIES",
    "EpochReport",
    "FusedBackend",
    "Fusion",
    "Job",
    "NetworkWeights",
    "OptimizerSpec",
    "Outcome",
    "ProbedLayer",
    "Rates",
    "Recording",
    "Signature",
    "Status",
    "StoppingRule",
    "clear_programs",
    "fuse",
    "planned_jobs",
    "predict_gradients",
    "predict_outputs",
    "probed",
    "train",
    "watched",
]
