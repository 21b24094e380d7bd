"""The rows that early stopping held out can be reconstructed."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_classification

from skdl import ConvClassifier, KerasClassifier, MLPClassifier, MLPRegressor
from skdl.estimators import is_held_out, validation_mask
from skdl.training import planned_jobs

SETTINGS = {"early_stopping": True, "epochs": 2, "random_state": 0, "batch_size": 64}
X, LABELS = make_classification(
    n_samples=90, n_features=5, n_informative=4, n_classes=3, n_redundant=0,
    random_state=0,
)  # fmt: skip
BINARY = LABELS % 2
QUANTITIES = X @ np.arange(5.0)


def rows_of_fit(network, X, y):
    """The validation rows of the job that `fit` passes to the engine."""
    [job] = planned_jobs(lambda: clone(network).fit(X, y))
    return job.validation.features


def is_same(some, others):
    some, others = (
        part.toarray() if sparse.issparse(part) else np.asarray(part)
        for part in (some, others)
    )
    return some.shape == others.shape and np.allclose(some, others, atol=1e-6)


@pytest.mark.parametrize(
    ("network", "X", "y"),
    [
        (MLPClassifier((4,)), X, LABELS),
        (MLPClassifier((4,)), X.astype(np.float32), BINARY.astype(bool)),
        (MLPClassifier((4,)), pd.DataFrame(X), pd.Series(BINARY, index=X[:, 0])),
        (MLPClassifier((4,)), X.tolist(), np.array(["no", "yes"])[BINARY]),
        (MLPClassifier((4,)), sparse.csr_matrix(X), LABELS),
        (MLPClassifier((4,)), X, np.eye(3, dtype=int)[LABELS]),
        (MLPClassifier((4,), validation_fraction=0.3), X, BINARY),
        (MLPClassifier((4,), class_weight="balanced"), X, LABELS),
        (MLPClassifier((4,), class_weight={0: 0.0, 1: 2.0, 2: 1.0}), X, LABELS),
        (MLPClassifier((4,)), np.vstack([X[:45], X[:45]]), np.tile(BINARY[:45], 2)),
        (MLPRegressor((4,)), X, QUANTITIES),
        (MLPRegressor((4,), random_state=7), X, np.column_stack([QUANTITIES, X[:, 0]])),
        (ConvClassifier((4,)), X[:, :4].reshape(90, 2, 2), BINARY),
    ],
)  # fmt: skip
def test_the_mask_equals_the_split_of_fit(network, X, y):
    settings = {**SETTINGS, "random_state": network.random_state or 0}
    network = clone(network).set_params(**settings)

    mask = validation_mask(network, X, y)

    assert mask.shape == (90,)
    rows = X if hasattr(X, "shape") else np.array(X)
    rows = rows.to_numpy() if hasattr(rows, "to_numpy") else rows
    held_out = rows_of_fit(network, X, y)
    if held_out.ndim == 4:  # images have got a channel
        held_out = held_out[..., 0]
    assert is_same(held_out, rows[mask])
    assert not hasattr(network, "classes_")  # nothing was fitted


@pytest.mark.parametrize(
    "parameters", [{"early_stopping": False}, {"random_state": None}]
)
def test_no_mask_if_the_split_is_unknown(parameters):
    network = MLPClassifier((4,), **{**SETTINGS, **parameters})

    assert validation_mask(network, X, BINARY) is None


def test_no_mask_with_a_random_state_object():
    network = MLPClassifier((4,), early_stopping=True)
    network.random_state = np.random.RandomState(0)

    assert validation_mask(network, X, BINARY) is None


def test_keras_holds_out_the_last_rows():
    network = KerasClassifier(validation_split=0.25)
    expected = np.arange(90) >= int(90 * 0.75)

    assert validation_mask(network, X, LABELS).tolist() == expected.tolist()
    routed = KerasClassifier(fit__validation_split=0.25)
    assert validation_mask(routed, X, LABELS).tolist() == expected.tolist()
    assert validation_mask(KerasClassifier(), X, LABELS) is None


# Against the history.


@pytest.fixture(scope="module")
def random():
    return np.random.RandomState(0)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"class_weight": "balanced"},
        pytest.param({"label_smoothing": 0.3}, marks=pytest.mark.slow),
        {"l1": 0.01, "l2": 0.02, "dropout": 0.3, "input_noise": 0.1},
    ],
)
def test_the_masked_rows_have_the_loss_in_the_history(parameters, random):
    network = MLPClassifier((4,), **SETTINGS, **parameters).fit(X, BINARY)
    mask = validation_mask(network, X, BINARY)

    assert is_held_out(network, X, BINARY, mask)
    assert not is_held_out(network, X, BINARY, random.permutation(mask))


def test_the_masked_rows_of_a_regressor_have_the_loss_in_the_history(random):
    y = np.column_stack([QUANTITIES, 1000 + X[:, 0] ** 2])
    network = MLPRegressor((4,), loss="huber", **SETTINGS).fit(X, y)
    mask = validation_mask(network, X, y)

    assert is_held_out(network, X, y, mask)
    assert not is_held_out(network, X, y, random.permutation(mask))


def test_other_arguments_of_fit_change_the_loss(random):
    network = MLPClassifier((4,), **SETTINGS)
    fitted = [
        clone(network).fit(X, BINARY, sample_weight=random.uniform(0.1, 3, 90)),
        clone(network).fit(X, BINARY, groups=np.arange(90) // 3),
        clone(network).fit(X[:60], BINARY[:60], X_val=X[60:], y_val=BINARY[60:]),
        clone(network).fit(X[:80], BINARY[:80]),  # and then asked about others
    ]

    for one in fitted:
        assert not is_held_out(one, X, BINARY, validation_mask(one, X, BINARY))


def test_without_validation_no_rows_are_held_out():
    network = MLPClassifier((4,), **{**SETTINGS, "early_stopping": False})
    fitted = network.fit(X, BINARY)

    assert not is_held_out(fitted, X, BINARY, np.arange(90) < 9)
