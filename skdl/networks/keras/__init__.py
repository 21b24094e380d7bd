"""A user's own Keras models, in the terms of the engine.

A model becomes a value: equal models have equal descriptions, so they share a program,
and a fitted estimator needs no live model.

- `KerasConfig`: a Keras object as text, with the user's classes and functions that the
  text refers to; `is_keras_own` tells which are the user's.
- `KerasArchitecture`: a functional or sequential model without its weights. It builds
  the plain model again, or the one that the engine trains: there, `_keyed_layers`
  replace random layers and batch normalisation, so that neither padding nor the other
  members of a bank change a result.
- `KerasObjective`: the losses and metrics that a model was compiled with, from the
  arguments of `compile` in `COMPILED_NAMES`.
- `building`, `rebuilding`: where models are built without touching global state.
- `NotExpressibleError`: raised by all of them for a model that the engine cannot train
  as Keras does. The caller then uses `keras.Model.fit`.
"""

from skdl.networks.keras._building import building
from skdl.networks.keras._is_keras_own import is_keras_own
from skdl.networks.keras._keras_architecture import KerasArchitecture
from skdl.networks.keras._keras_config import KerasConfig
from skdl.networks.keras._keras_objective import COMPILED_NAMES, KerasObjective
from skdl.networks.keras._not_expressible_error import NotExpressibleError
from skdl.networks.keras._rebuilding import rebuilding

__all__ = [
    "COMPILED_NAMES",
    "KerasArchitecture",
    "KerasConfig",
    "KerasObjective",
    "NotExpressibleError",
    "building",
    "is_keras_own",
    "rebuilding",
]
