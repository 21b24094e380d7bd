"""Architectures as Keras models, layers whose numbers are tensors, and heads.

`architecture` draws a network, `layers` are the parts that behave differently in
training, `batch` is what they read while a training step is traced, `heads` ties a
task to outputs and a loss. Nothing here trains.
"""

from skdl.quiet import import_quietly

import_quietly("keras")  # before the modules below, which import it by name

from skdl.networks.architecture import ACTIVATIONS, MLPArchitecture  # noqa: E402
from skdl.networks.batch import Regularization, TrainingBatch, training_batch  # noqa: E402
from skdl.networks.heads import HEADS, Head  # noqa: E402

__all__ = [
    "ACTIVATIONS",
    "HEADS",
    "Head",
    "MLPArchitecture",
    "Regularization",
    "TrainingBatch",
    "training_batch",
]
