"""Losses of rows, against scikit-learn and the heads of the networks."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from skdl.data import row_losses
from skdl.networks import HEADS

TARGETS = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
PROBABILITIES = np.array([[0.2, 0.5, 0.3], [0.9, 0.05, 0.05]])


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
def test_losses_of_quantities_are_those_that_networks_minimise(loss):
    targets, predictions = np.random.RandomState(0).normal(size=(2, 5, 3)) * 2

    expected = np.asarray(HEADS[loss].loss(targets, predictions, 0.0))
    assert row_losses(loss, targets, predictions) == pytest.approx(expected)


def test_crossentropies_are_scikit_learns_log_loss():
    classes = row_losses("categorical_crossentropy", TARGETS, PROBABILITIES)
    labels = row_losses("binary_crossentropy", TARGETS, PROBABILITIES)

    assert classes.mean() == pytest.approx(log_loss(TARGETS, PROBABILITIES))
    by_label = [
        log_loss(truth, predicted, labels=[0, 1])
        for truth, predicted in zip(TARGETS.T, PROBABILITIES.T, strict=True)
    ]
    assert labels.mean() == pytest.approx(np.mean(by_label))


def test_a_certain_mistake_costs_the_least_probability():
    losses = row_losses(
        "binary_crossentropy", np.ones((1, 1)), np.zeros((1, 1)), least_probability=1e-3
    )

    assert losses == pytest.approx(-np.log(1e-3))
