"""Estimators: check -> plan -> train -> adopt.

- `parameters`: one rule per constructor parameter.
- `checks`: X, y and weights become `Samples`.
- `planning`: parameters and samples become a `Job`.
- `observers`: scikit-learn callbacks and `verbose` hear of every epoch.
- `network`: what is kept of a trained network; predictions and the Keras model.
- `mlp`: what classifier and regressor share; `classifier`, `regressor`: the two.
- `wrappers`: any Keras model as an estimator.
"""

from skdl.estimators.classifier import MLPClassifier
from skdl.estimators.regressor import MLPRegressor
from skdl.estimators.wrappers import KerasClassifier, KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor", "MLPClassifier", "MLPRegressor"]
