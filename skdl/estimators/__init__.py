"""Estimators: check, plan, train, set the fitted attributes.

- `_base`: what all networks share. `_classification` and `_regression` add predictions.
- `_inputs`: what X means, a table or images; `_targets`: what y means, classes or
  quantities.
- `_mlp_classifier`, `_mlp_regressor`, `_conv_classifier`, `_conv_regressor`: the
classes
  with their parameters; `_parameters`: the rule that each parameter must follow.
- `_checks`: X, y and weights as arrays; `_fit_data`: as training and validation
samples. - `_planning`: parameters and samples become a `Job` of `skdl.training`. -
`_observers`: who is notified after each epoch. - `_trained_network`: what is kept of a
trained network. - `_nearest_mean_classifier`: a baseline that is not a network. -
`_fitted_network`, `_training_loss`, `_validation_mask`, `_train_steps`: what the floors
  above may know of a network's insides.
- `keras/`: any Keras model as an estimator. It is not imported here because it imports
  scikeras, which changes how Keras's classes are pickled.
"""

from skdl.estimators._conv_classifier import ConvClassifier
from skdl.estimators._conv_regressor import ConvRegressor
from skdl.estimators._fitted_network import FittedNetwork, fitted_network
from skdl.estimators._is_held_out import is_held_out
from skdl.estimators._mlp_classifier import MLPClassifier
from skdl.estimators._mlp_regressor import MLPRegressor
from skdl.estimators._nearest_mean_classifier import NearestMeanClassifier
from skdl.estimators._train_steps import train_steps
from skdl.estimators._training_loss import training_loss
from skdl.estimators._validation_mask import validation_mask

__all__ = [
    "ConvClassifier",
    "ConvRegressor",
    "FittedNetwork",
    "MLPClassifier",
    "MLPRegressor",
    "NearestMeanClassifier",
    "fitted_network",
    "is_held_out",
    "train_steps",
    "training_loss",
    "validation_mask",
]
