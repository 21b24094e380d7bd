"""How a network was trained, as far as its parameters tell, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from sklearn.neural_network import MLPClassifier, MLPRegressor

from skdl._models import final_step, has_own_layers, is_network, parameter_prefix
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
# Where both are given, the later entry wins. Settings that a model's own function
# compiles in are unknown.
_OF_KERAS = {
    "epochs": "epochs",
    "fit__epochs": "epochs",
    "optimizer__learning_rate": "learning_rate",
}
# Layers without weights that do not change the scale.
_NO_SCALE = ("InputLayer", "Flatten", "Dropout", "GaussianNoise")


@dataclass(frozen=True)
class TrainingFacts:
    """How a network was trained, as far as its parameters tell."""

    # from skdl's parameter names to those of the given estimator, including a
    # pipeline's prefix. Empty for a history
    names: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = ""  # update rule; "" if unknown
    keeps_best: bool = False  # whether the weights are those of the best epoch
    # whether unscaled columns reach the units of the first layer; False if unknown
    feels_scale: bool = False
    # whether batch norm rescales the outputs of the first layer
    norms_first: bool = False
    # names of the columns that the network reads, if they had names
    feature_names: tuple[str, ...] = ()

    @property
    def usual_rate(self) -> float:
        """The usual learning rate of the optimizer; nan if unknown."""
        return USUAL_RATES.get(self.optimizer, float("nan"))

    @property
    def rate_ratio(self) -> float:
        """The learning rate as a multiple of the usual one; nan if unknown."""
        return float(self.parameters.get("learning_rate", "nan")) / self.usual_rate

    @property
    def n_hidden_units(self) -> int | None:
        """Units of the narrowest hidden layer, 0 without any; None if unknown."""
        sizes = self.parameters.get("hidden_layer_sizes")
        return None if sizes is None else min(sizes, default=0)

    def suggest(self, **changes: Any) -> dict[str, Any]:
        """Return parameter changes under the given estimator's names."""
        return {
            self.names[name]: value
            for name, value in changes.items()
            if name in self.names
        }


def facts_of(estimator: Any) -> TrainingFacts:
    """Read from a network's parameters how it was trained."""
    network = final_step(estimator)
    if has_own_layers(network):
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
    """Whether the network neither scales its columns nor normalises its first layer."""
    if not is_network(network):
        return True  # scikit-learn's
    if hasattr(network, "model"):  # a wrapped Keras model
        layers = getattr(getattr(network, "model_", None), "layers", ())
        kinds = [type(layer).__name__ for layer in layers]
        kinds = [kind for kind in kinds if kind not in _NO_SCALE]
        return kinds[:1] == ["Dense"] and kinds[1:2] != ["BatchNormalization"]
    return not hasattr(network, "kernel_size")  # convolutional ones scale images


def _norms_first(network: Any) -> bool:
    """Whether batch norm comes between the columns and the first activation."""
    return getattr(network, "batch_norm", False) in (True, "before")
