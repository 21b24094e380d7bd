"""Any Keras model as an estimator, with scikeras's constructor.

- `bridge`: scikeras at work: routing, encoding, building; what was built is remembered.
- `identity`: what tells two calls of a model-building function apart.
- `blueprint`: what a built model comes to.
- `fitting`: one fit, by the engine or by `keras.Model.fit`.
- `callbacks`: Keras callbacks at the ends of the engine's epochs.
- `base`: what classifier and regressor share; `classifier`, `regressor`: the two.
"""

from skdl.estimators.keras._keras_classifier import KerasClassifier
from skdl.estimators.keras._keras_regressor import KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor"]
