"""The network that is diagnosed, found at the end of an estimator."""

from __future__ import annotations

from typing import Any

from skdl._models import final_step, has_own_layers, networks
from skdl.exceptions import ParameterError

OF_SKDL = ("MLPClassifier", "MLPRegressor", "ConvClassifier", "ConvRegressor")


def network_of(estimator: Any, *, function: str) -> Any:
    """Return the network that an estimator is, or ends in."""
    network = final_step(estimator)
    if has_own_layers(network):
        return network
    raise ParameterError(
        f"The 'estimator' parameter of {function} must be one of skdl's networks "
        "(MLPClassifier, MLPRegressor, ConvClassifier, ConvRegressor), or a "
        f"Pipeline that ends in one. Got {_described(network)}"
    )


def _described(step: Any) -> str:
    """What was given instead of a network, and what to pass."""
    if isinstance(step, type):
        return f"the class {step.__name__} instead."
    name = type(step).__name__
    if name in OF_SKDL:  # same name, other library
        public = [part for part in type(step).__module__.split(".") if part[0] != "_"]
        return f"{'.'.join(public)}.{name} instead. Use skdl.{name}."
    inside = networks(step) if hasattr(step, "get_params") else {}
    prefixes = [prefix for prefix in inside if prefix]  # "" is a wrapped Keras model
    if not prefixes:
        return f"{name} instead."
    own = prefixes[0].split("__")[0]
    fitted = [f"{own}_", "best_estimator_"]  # as scikit-learn names it
    after = "".join(f" (fitted: {known!r})" for known in fitted if hasattr(step, known))
    targets = ""
    if hasattr(step, "transformer"):  # TransformedTargetRegressor's
        targets = ", with y as its transformer returns it"
    return f"{name} instead. Pass the network inside it, {own!r}{after}{targets}."
