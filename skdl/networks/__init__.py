"""Architectures as Keras models, layers whose numbers are tensors, and heads.

`architecture` draws a network, `layers` are the parts that behave differently in
training, `batch` is what they read while a training step is traced, `heads` ties a
task to outputs and a loss. Nothing here trains.
"""

from skdl.networks.architecture import ACTIVATIONS, MLPArchitecture
from skdl.networks.batch import Regularization, TrainingBatch, training_batch
from skdl.networks.heads import HEADS, Head

__all__ = [
    "ACTIVATIONS",
    "HEADS",
    "Head",
    "MLPArchitecture",
    "Regularization",
    "TrainingBatch",
    "training_batch",
]
