"""The engine: jobs in, outcomes out. It knows no estimator.

A `Job` is one network to train: a static `Signature`, numbers, initial weights and
rows. `train(jobs)` returns one `Outcome` per job. Four ideas make it fast, each in a
folder:

- `_program`: jobs of one signature share a compiled program, in which the whole loop
  over epochs runs. Programs are cached.
- `_bank`: jobs that share a program train side by side, as members of a bank. Members
  take a seat when one is free and leave it when they have ended.
- `_fusion`: tasks of joblib, such as the fits of a grid search, hand in their jobs and
  train as one bank; in worker processes too.
- `_probing`: a program can also record what training does to each layer.

`hypergradients` is a second engine on top of these parts: `tune(jobs)` moves learning
rates and penalties during training. `_backend` holds the operations on the device that
Keras does not offer.

What jobs and outcomes are made of is in `_records` (plain data, no TensorFlow) and
`_probed_layer`; every other public function has a file of its name.
"""

import skdl.networks  # noqa: F401  first, as it loads TensorFlow quietly
from skdl.training._build_optimizer import build_optimizer
from skdl.training._clear_programs import clear_programs
from skdl.training._describe_optimizer import describe_optimizer
from skdl.training._fusion.fuse import FusedBackend, Fusion, fuse
from skdl.training._memory_bound import memory_bound
from skdl.training._planned_jobs import planned_jobs
from skdl.training._predict_gradients import predict_gradients
from skdl.training._predict_outputs import predict_outputs
from skdl.training._probed_layer import QUANTITIES, ProbedLayer
from skdl.training._probing.probed import Recording, probed
from skdl.training._program.optimizers import OPTIMIZERS
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
    "OPTIMIZERS",
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
    "build_optimizer",
    "clear_programs",
    "describe_optimizer",
    "fuse",
    "memory_bound",
    "planned_jobs",
    "predict_gradients",
    "predict_outputs",
    "probed",
    "train",
    "watched",
]
