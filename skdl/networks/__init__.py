"""Architectures as Keras models, layers whose numbers are tensors, and heads.

`architecture` and `convolutional` draw networks of `parts`, whose weights begin as
`initializers` say; `layers` and
`augmentation` are those parts that behave differently in training, `batch` is what they
read while a training step is traced, `heads` ties a task to outputs and a loss. Nothing
here trains.
"""

from skdl._quiet import import_quietly

import_quietly("keras")  # before the modules below, which import it by name

from skdl.networks._conv_architecture import ConvArchitecture, block_shapes  # noqa: E402
from skdl.networks._heads import HEADS, Head  # noqa: E402
from skdl.networks._initializers import INITIALIZERS  # noqa: E402
from skdl.networks._mlp_architecture import MLPArchitecture  # noqa: E402
from skdl.networks._parts import ACTIVATIONS  # noqa: E402
from skdl.networks._training_batch import Regularization, TrainingBatch, training_batch  # noqa: E402

__all__ = [
    "ACTIVATIONS",
    "HEADS",
    "INITIALIZERS",
    "ConvArchitecture",
    "Head",
    "MLPArchitecture",
    "Regularization",
    "TrainingBatch",
    "block_shapes",
    "training_batch",
]
