"""Architectures as Keras models, layers whose numbers are tensors, and heads.

Nothing here trains.

- `MLPArchitecture` and `ConvArchitecture` are frozen descriptions of networks. Each
  builds two models with the layers of a `LayerFactory`: a tunable one for the engine,
  and a plain one of Keras's own layers for users. `INITIALIZERS` draw initial weights.
- Tunable layers (`_layers`, `_augmentation`) read their numbers, the `Regularization`,
  from the `TrainingBatch` of the step that is being traced, and compute random bits
  from its seed and row keys (`mix32`).
- A `Head` ties a task to outputs, a loss and a metric; `HEADS` has one per loss.
- `skdl.networks.keras`: the models of users.
"""

from skdl._quiet import import_quietly

import_quietly("keras")  # before the modules below, which import it by name

from skdl.networks._block_shapes import block_shapes  # noqa: E402
from skdl.networks._conv_architecture import ConvArchitecture  # noqa: E402
from skdl.networks._head import HEADS, Head  # noqa: E402
from skdl.networks._initializers import INITIALIZERS  # noqa: E402
from skdl.networks._layer_factory import ACTIVATIONS  # noqa: E402
from skdl.networks._mix32 import mix32  # noqa: E402
from skdl.networks._mlp_architecture import MLPArchitecture  # noqa: E402
from skdl.networks._training_batch import (  # noqa: E402
    Regularization,
    TrainingBatch,
    training_batch,
)

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
    "mix32",
    "training_batch",
]
