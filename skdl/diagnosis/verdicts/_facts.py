"""What is known of how a network was trained, and its parameters' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from sklearn.neural_network import MLPClassifier, MLPRegressor

from skdl._fusing import is_network
from skdl._pipelines import final_step, parameter_prefix
from skdl.diagnosis._usual_rates import USUAL_RATES

_OF_SKDL = (
    "learning_rate",
    "epochs",
    "hidden_layer_sizes",
    "early_stopping",
    "dropout",
    "clip_norm",
    "validation_fraction",
    "batch_norm",
)
_OF_SCIKIT_LEARN = {
    "learning_rate": "learning_rate_init",
    "epochs": "max_iter",
    "hidden_layer_sizes": "hidden_layer_sizes",
    "early_stopping": "early_stopping",
    "validation_fraction": "validation_fraction",
    "l2": "alpha",
}
# The last ones go first, where both are given. What a model was compiled with by its
# own function is not known.
_OF_KERAS = {
    "epochs": "epochs",
    "fit__epochs": "epochs",
    "optimizer__learning_rate": "learning_rate",
}
# Layers before the first with weights that leave the scale as it is.
_NO_SCALE = ("InputLayer", "Flatten", "Dropout", "GaussianNoise")


@dataclass(frozen=True)
class TrainingFacts:
    """How a network was trained, as far as its parameters tell."""

    # from skdl's names of parameters to those of the estimator that was given, a
    # pipeline's prefix included. Empty for a history
    names: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = ""  # update rule; "" where it is not known
    keeps_best: bool = False  # whether the weights are those of the best epoch
    # whether columns of other scales than 1 reach the units of the first layer; False
    # where that is not known
    feels_scale: bool = False
    # whether batch norm brings what the first layer makes of them to a common scale
    norms_first: bool = False
    # columns, as the network reads them, where they had names
    feature_names: tuple[str, ...] = ()

    @property
    def usual_rate(self) -> float:
        """The rate that the optimizer is mostly used with; nan if it is not known."""
        return USUAL_RATES.get(self.optimizer, float("nan"))

    @property
    def rate_ratio(self) -> float:
        """The learning rate as a multiple of the usual one; nan if not known."""
        return float(self.parameters.get("learning_rate", "nan")) / self.usual_rate

    @property
    def n_hidden_units(self) -> int | None:
        """Units of the narrowest hidden layer, 0 without any; None if not known."""
        sizes = self.parameters.get("hidden_layer_sizes")
        return None if sizes is None else min(sizes, default=0)

    def suggest(self, **changes: Any) -> dict[str, Any]:
        """Name changes of parameters as the given estimator does."""
        return {
            self.names[name]: value
            for name, value in changes.items()
            if name in self.names
        }


def facts_of(estimator: Any) -> TrainingFacts:
    """Read how a network was trained off its parameters."""
    network = final_step(estimator)
    if is_network(network) and hasattr(network, "hidden_layer_sizes"):
        names = {name: name for name in _OF_SKDL if hasattr(network, name)}
        optimizer = network.optimizer
        keeps_best = bool(network.early_stopping)
    elif is_network(network):  # a wrapped Keras model
        routed = network.get_params(deep=False)
        names = {
            name: own
            for own, name in _OF_KERAS.items()
            if own in routed and isinstance(routed[own], Real)
        }
        optimizer = str(network.optimizer).lower()
        keeps_best = False
    elif isinstance(network, MLPClassifier | MLPRegressor):
        names = dict(_OF_SCIKIT_LEARN)
        optimizer = {"lbfgs": ""}.get(network.solver, network.solver)
        keeps_best = bool(network.early_stopping)
    else:
        return TrainingFacts()
    values = network.get_params(deep=False)
    parameters = {name: values[own] for name, own in names.items()}
    sizes = parameters.get("hidden_layer_sizes")
    if isinstance(sizes, Integral):
        parameters["hidden_layer_sizes"] = (sizes,)
    prefix = parameter_prefix(estimator)
    return TrainingFacts(
        names={name: f"{prefix}{own}" for name, own in names.items()},
        parameters=parameters,
        optimizer=optimizer,
        keeps_best=keeps_best,
        feels_scale=_feels_scale(network),
        norms_first=_norms_first(network),
        feature_names=tuple(getattr(network, "feature_names_in_", ())),
    )


def _feels_scale(network: Any) -> bool:
    """Whether nothing brings columns, or what is made of them, to a common scale."""
    if not is_network(network):
        return True  # scikit-learn's
    if hasattr(network, "model"):  # a wrapped Keras model
        layers = getattr(getattr(network, "model_", None), "layers", ())
        kinds = [type(layer).__name__ for layer in layers]
        kinds = [kind for kind in kinds if kind not in _NO_SCALE]
        return kinds[:1] == ["Dense"] and kinds[1:2] != ["BatchNormalization"]
    return not hasattr(network, "kernel_size")  # which scales its images itself


def _norms_first(network: Any) -> bool:
    """Whether batch norm stands between the columns and the first activation."""
    return getattr(network, "batch_norm", False) in (True, "before")
