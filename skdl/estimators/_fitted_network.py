"""`fitted_network`: a fitted estimator's network, for those who look inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skdl.training import NetworkWeights


@dataclass(frozen=True)
class FittedNetwork:
    """A read-only view of a fitted network.

    Parameters
    ----------
    architecture : object
        Describes the layers, for `skdl.training`. None if only Keras can run the
        model.
    weights : NetworkWeights or None
        Arrays of the layers. None if there is no architecture.
    activation : str
        Name, as in Keras, of the function that turns raw outputs into predictions.
    features : callable
        ``features(X)`` checks rows of X and returns what the network reads.
    scale : float or ndarray of shape (n_outputs,), default=1.0
        Units of y per unit of the network's predictions.
    offset : float or ndarray of shape (n_outputs,), default=0.0
        Value of y where the network predicts 0, in units of y.
    why_no_gradients : str, default=""
        Why predictions cannot be differentiated with respect to X. Empty if they can.
    """

    architecture: Any
    weights: NetworkWeights | None
    activation: str
    features: Callable[[Any], Any]
    scale: Any = 1.0
    offset: Any = 0.0
    why_no_gradients: str = ""

    @property
    def n_parameters(self) -> int:
        """Number of trained weights."""
        if self.weights is None:
            return 0
        return sum(array.size for array in self.weights.trainable)

    @property
    def kernels(self) -> list[np.ndarray]:
        """Trained weights other than biases and scales, one array per layer."""
        if self.weights is None:
            return []
        return [array for array in self.weights.trainable if array.ndim > 1]


def fitted_network(estimator: Any) -> FittedNetwork:
    """Return a view of the network inside a fitted estimator.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, ConvClassifier, ConvRegressor, \
            KerasClassifier or KerasRegressor
        Fitted estimator.

    Returns
    -------
    FittedNetwork
        Architecture, weights, and what surrounds them.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import MLPRegressor
    >>> from skdl.estimators import fitted_network
    >>> X, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    >>> network = fitted_network(MLPRegressor((4,), epochs=1).fit(X, y))
    >>> [kernel.shape for kernel in network.kernels]
    [(2, 4), (4, 1)]
    """
    return estimator._fitted_network()
