"""Training by single steps, each at a learning rate of its own."""

import numpy as np
import pytest
from sklearn.base import clone

from skdl import MLPClassifier, MLPRegressor
from skdl.estimators._train_steps import train_steps, whole_batches

RATES = [0.001, 0.01, 0.1, 1.0]
X = np.random.default_rng(0).normal(size=(20, 3))


def test_batches_are_whole_and_go_through_all_rows():
    batches = whole_batches(10, 4, np.random.RandomState(0))
    first, second, third, fourth = (next(batches) for _ in range(4))

    assert len(set(first) | set(second)) == 8
    assert len(set(third) | set(fourth)) == 8
    assert [len(next(batches)) for _ in range(3)] == [4, 4, 4]
    for batch_size in ("full", 99):
        whole = next(whole_batches(10, batch_size, np.random.RandomState(0)))
        assert sorted(whole) == list(range(10))


@pytest.mark.parametrize(
    ("network", "y"),
    [(MLPClassifier((4,)), np.arange(20) % 2), (MLPRegressor((4,)), X.sum(axis=1))],
    ids=["classifier", "regressor"],
)
def test_each_step_is_a_partial_fit_with_all_rows(network, y):
    network.set_params(batch_size="full", random_state=0)
    alone, losses = clone(network), []
    for rate in RATES:
        alone.set_params(learning_rate=rate).partial_fit(X, y)

    for outcome in train_steps(
        network, X, y, learning_rates=RATES, random=np.random.RandomState(0)
    ):
        losses.append(outcome.history[-1, 0])

    np.testing.assert_allclose(losses, alone.history_["loss"], rtol=1e-5)
