"""Any Keras model as an estimator, with the constructor of scikeras.

- `_keras_classifier`, `_keras_regressor`: the two classes; `_base`: what they share;
  `_routed_parameters`: their parameters.
- `_scikeras`: what scikeras does: routing, encoding, building; models are cached. -
`_identity`: which calls of a model-building function give the same model. -
`_blueprint`: the description of a built model; `_starting`: its state before training.
- `_encoding`: X and y as Keras reads them, and as the engine reads them. - `_fitting`:
one fit, by the engine or by `keras.Model.fit`. - `_callbacks`: Keras callbacks between
the engine's epochs.
"""

from skdl.estimators.keras._keras_classifier import KerasClassifier
from skdl.estimators.keras._keras_regressor import KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor"]
