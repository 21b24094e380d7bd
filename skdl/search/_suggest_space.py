"""Suggested search space for skdl's networks."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

from skdl._models import networks
from skdl.exceptions import ParameterError

# The usual range of each optimizer's learning rate; adaptive ones take smaller steps.
LEARNING_RATES = {
    "sgd": (1e-3, 1.0),
    "adagrad": (1e-3, 1.0),
    "adadelta": (1e-2, 10.0),
}
ADAPTIVE_RATES = (1e-4, 3e-2)
HIDDEN_LAYER_SIZES = [(32,), (64,), (128,), (64, 64), (128, 64)]
FILTERS = [(16,), (32,), (16, 32), (32, 64)]
KERNEL_SIZES = [3, 5]
DROPOUT, L2 = (0.0, 0.5), (1e-7, 1e-2)
BATCH_SIZES = [32, 128]


def suggest_space(estimator: BaseEstimator) -> dict[str, Any]:
    """Suggest a search space for skdl's networks.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or an estimator that contains some, such as a pipeline.

    Returns
    -------
    dict of str to distribution or list
        A space for ``param_distributions`` of `skdl.OptunaSearchCV`: learning rate (in
        the usual range of the optimizer), layer sizes, dropout, L2 penalty, batch size
        and batch normalization. For convolutional networks, the number of filters and
        the kernel size replace the layer sizes. Change it as you like.

    Raises
    ------
    ParameterError
        If the estimator contains no network whose parameters skdl knows.

    Notes
    -----
    Each combination of batch size and batch normalization needs a compiled program of
    its own, which takes about a second. Networks that differ only in the other
    parameters train together.

    Examples
    --------
    >>> import skdl
    >>> from skdl.search import suggest_space
    >>> sorted(suggest_space(skdl.MLPRegressor()))
    ['batch_norm', 'batch_size', 'dropout', 'hidden_layer_sizes', 'l2', 'learning_rate']
    """
    space: dict[str, Any] = {}
    for prefix, network in networks(estimator).items():
        settings = network.get_params(deep=False)
        if "hidden_layer_sizes" in settings:
            own = _network_space(settings)
            space |= {f"{prefix}{name}": choices for name, choices in own.items()}
    if not space:
        raise ParameterError(
            "suggest_space supports MLPClassifier, MLPRegressor, ConvClassifier and "
            "ConvRegressor, alone or inside another estimator. Got "
            f"{type(estimator).__name__}. Write a dict of distributions for it."
        )
    return space


def _network_space(settings: dict[str, Any]) -> dict[str, Any]:
    from optuna.distributions import FloatDistribution

    rates = LEARNING_RATES.get(settings["optimizer"], ADAPTIVE_RATES)
    space: dict[str, Any] = {
        "learning_rate": FloatDistribution(*rates, log=True),
        "dropout": FloatDistribution(*DROPOUT),
        "l2": FloatDistribution(*L2, log=True),
        "batch_size": list(BATCH_SIZES),
        "batch_norm": [False, True],
    }
    if "filters" in settings:
        return {**space, "filters": list(FILTERS), "kernel_size": list(KERNEL_SIZES)}
    return {**space, "hidden_layer_sizes": list(HIDDEN_LAYER_SIZES)}
