"""`train_steps`: training one step at a time, each at a learning rate of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from skdl.estimators._fit_data import check_fit_data
from skdl.estimators._parameters import check_parameters
from skdl.estimators._planning import FitPlan, Seeds, plan_job, plan_optimizer
from skdl.estimators._trained_network import TrainedNetwork
from skdl.training import Outcome, train


def train_steps(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    learning_rates: Iterable[float],
    random: np.random.RandomState,
) -> Iterator[Outcome]:
    """Train a new network by one step per learning rate.

    X and y are checked and encoded once. Each step is a job of one batch, which
    continues from the weights and the optimizer of the step before. The learning rate
    is an input of the compiled program, so that one program serves all steps.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, ConvClassifier or ConvRegressor
        Gives the parameters; `random_state` must be an integer. Its 'learning_rate' is
        set to that of each step.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Training rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    learning_rates : iterable of float
        Learning rate of each step.
    random : RandomState
        Random numbers for the order of the rows.

    Yields
    ------
    Outcome
        Of each step; the loss in its history is that of the batch before the step.
    """
    check_parameters(estimator)
    data = check_fit_data(estimator, X, y, None, is_first=True)
    loss = estimator._target_kind.loss(estimator, data.targets)
    seeds = Seeds.draw(estimator.random_state)
    batches = whole_batches(data.train.n_samples, estimator.batch_size, random)
    trained = None
    for step, learning_rate in enumerate(learning_rates):
        estimator.set_params(learning_rate=learning_rate)
        job = plan_job(
            estimator,
            data.architecture,
            loss=loss,
            train=data.train.take(next(batches)),
            validation=None,
            plan=FitPlan(
                epochs=1,
                stops_early=False,
                seeds=seeds.later(step),
                earlier=trained,
                epochs_before=step,
                keeps_optimizer_state=True,
            ),
            on_epoch=None,
        )
        (outcome,) = train([job])
        yield outcome
        trained = TrainedNetwork(
            data.architecture,
            loss,
            job.regularization,
            outcome.weights,
            optimizer=plan_optimizer(estimator)[1],
            optimizer_state=outcome.optimizer_state,
        )


def whole_batches(
    n_samples: int, batch_size: int | str, random: np.random.RandomState
) -> Iterator[np.ndarray]:
    """Yield row numbers of equally large batches, reshuffled after each epoch."""
    size = n_samples if batch_size == "full" else min(int(batch_size), n_samples)
    while True:
        order = random.permutation(n_samples)
        for start in range(0, n_samples - size + 1, size):
            yield order[start : start + size]
