"""Estimators: check -> plan -> train -> adopt.

- `parameters`: one rule per constructor parameter.
- `checks`, `images`: X, y and weights as arrays; `rows`: as `Samples`.
- `planning`: parameters and samples become a `Job`.
- `observers`: scikit-learn callbacks and `verbose` hear of every epoch.
- `network`: what is kept of a trained network; predictions and the Keras model.
- `mlp`: what classifier and regressor share; `classifier`, `regressor`: the two.
- `nearest_mean`: a baseline that is no network.
- `wrappers`: any Keras model as an estimator. Not imported here: it imports scikeras,
  which changes how Keras's classes are pickled.
- `base`: what all estimators share; `classification` and `regression`: what y means;
  `mlp` and `images`: what X means; the others: each class with its parameters.
"""

from skdl.estimators._conv_classifier import ConvClassifier
from skdl.estimators._conv_regressor import ConvRegressor
from skdl.estimators._mlp_classifier import MLPClassifier
from skdl.estimators._mlp_regressor import MLPRegressor
from skdl.estimators._nearest_mean_classifier import NearestMeanClassifier

__all__ = [
    "ConvClassifier",
    "ConvRegressor",
    "MLPClassifier",
    "MLPRegressor",
    "NearestMeanClassifier",
]
