"""The network that a diagnosis is made of, found at the end of an estimator."""

from __future__ import annotations

from typing import Any

from skdl.exceptions import ParameterError
from skdl.fusing import is_network
from skdl.pipelines import final_step


def network_of(estimator: Any, *, function: str) -> Any:
    """Return the network that an estimator is, or ends in.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or a pipeline that ends in one.
    function : str
        Who asks, for messages.

    Returns
    -------
    network : estimator
        The last step itself, not cloned.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks.
    """
    network = final_step(estimator)
    if is_network(network) and hasattr(network, "hidden_layer_sizes"):
        return network
    is_class = isinstance(network, type)
    got = f"the class {network.__name__}" if is_class else type(network).__name__
    raise ParameterError(
        f"The 'estimator' parameter of {function} must be one of skdl's networks "
        "(MLPClassifier, MLPRegressor, ConvClassifier, ConvRegressor), or a "
        f"Pipeline that ends in one. Got {got} instead."
    )
