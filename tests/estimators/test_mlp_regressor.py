"""MLPRegressor on one and several quantities, in any unit."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import huber
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from skdl import MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "learning_rate": 0.02,
    "epochs": 60,
    "random_state": 0,
}
LINEAR = {
    "hidden_layer_sizes": (),
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "batch_size": "full",
    "epochs": 1000,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def two_quantities(X, quantity):
    return np.column_stack([quantity, 1e4 * X[:, 3] - 7e4])


@pytest.fixture(scope="module")
def fitted(X, quantity):
    return MLPRegressor(**SETTINGS).fit(X, quantity)


def test_it_learns(fitted, X, quantity):
    assert fitted.score(X, quantity) > 0.9
    assert fitted.score(X, quantity) == r2_score(quantity, fitted.predict(X))


def test_linear_network_is_ridge_regression(X, quantity):
    l2 = 0.05
    weights = np.linspace(0.5, 2, len(X))

    network = MLPRegressor(**LINEAR, l2=l2).fit(X, quantity, sample_weight=weights)

    ridge = Ridge(alpha=l2 * weights.sum()).fit(X, quantity, sample_weight=weights)
    np.testing.assert_allclose(network.predict(X), ridge.predict(X), rtol=1e-6)


def test_linear_network_of_two_outputs_is_ridge_regression(X, two_quantities):
    # Keras averages squared errors over outputs, so each has half of the loss.
    l2 = 0.05

    network = MLPRegressor(**LINEAR, l2=l2).fit(X, two_quantities)

    ridge = Ridge(alpha=2 * l2 * len(X)).fit(X, two_quantities)
    np.testing.assert_allclose(network.predict(X), ridge.predict(X), rtol=1e-6)


@pytest.mark.parametrize("factor", [1000, 1e-6, -1])
def test_units_of_y_do_not_matter(factor, fitted, X, quantity):
    model = MLPRegressor(**SETTINGS).fit(X, factor * quantity)

    if factor > 0:
        np.testing.assert_allclose(
            model.predict(X), factor * fitted.predict(X), rtol=1e-6
        )
    assert model.score(X, factor * quantity) > 0.9


def test_offset_of_y_does_not_matter(fitted, X, quantity):
    model = MLPRegressor(**SETTINGS).fit(X, quantity + 1e6)

    np.testing.assert_allclose(model.predict(X) - 1e6, fitted.predict(X), atol=1e-5)


def test_metric_of_the_history_is_in_units_of_y(X, quantity):
    one_step = {**SETTINGS, "epochs": 1, "batch_size": "full"}
    metres = MLPRegressor(**one_step).fit(X, quantity, X_val=X, y_val=quantity)
    millimetres = MLPRegressor(**one_step).fit(
        X, 1000 * quantity, X_val=X, y_val=1000 * quantity
    )
    (metric,) = set(metres.history_) - {
        *("epoch", "loss", "val_loss", "learning_rate"),
        *(name for name in metres.history_ if name.startswith("val_")),
    }

    error = np.sqrt(np.mean((metres.predict(X) - quantity) ** 2))
    np.testing.assert_allclose(metres.history_[f"val_{metric}"], error, rtol=1e-6)
    for name in (metric, f"val_{metric}"):
        np.testing.assert_allclose(
            millimetres.history_[name], 1000 * metres.history_[name], rtol=1e-6
        )
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(
            millimetres.history_[name], metres.history_[name], rtol=1e-6
        )


def test_unit_of_one_output_does_not_matter_to_the_other(X, two_quantities):
    factors = np.array([1.0, 1e-3])

    model = MLPRegressor(**SETTINGS).fit(X, two_quantities)
    rescaled = MLPRegressor(**SETTINGS).fit(X, factors * two_quantities)

    np.testing.assert_allclose(
        rescaled.predict(X), factors * model.predict(X), rtol=1e-6
    )
    scores = r2_score(two_quantities, model.predict(X), multioutput="raw_values")
    assert (scores > 0.8).all()


def test_predictions_have_the_shape_of_y(fitted, X, quantity, two_quantities):
    column = quantity[:, np.newaxis]
    one_output = MLPRegressor(**SETTINGS).fit(X, column)
    two_outputs = MLPRegressor(**SETTINGS).fit(X, two_quantities)

    assert fitted.predict(X).shape == quantity.shape
    assert fitted.n_outputs_ == 1
    assert one_output.predict(X).shape == column.shape
    np.testing.assert_array_equal(one_output.predict(X)[:, 0], fitted.predict(X))
    assert two_outputs.predict(X).shape == two_quantities.shape
    assert two_outputs.n_outputs_ == 2


@pytest.fixture(scope="module")
def skewed():
    return np.random.default_rng(0).exponential(size=79) ** 2


def predicted_constant(y, **parameters):
    """Predictions of a network with constant features."""
    X = np.zeros((len(y), 4))
    return MLPRegressor(**{**LINEAR, **parameters}).fit(X, y).predict(X[:1])[0]


def test_squared_error_predicts_the_mean(skewed):
    constant = predicted_constant(skewed)

    np.testing.assert_allclose(constant, skewed.mean())


def test_absolute_error_predicts_the_median(skewed):
    constant = predicted_constant(
        skewed, loss="absolute_error", learning_rate_schedule="cosine"
    )

    np.testing.assert_allclose(constant, np.median(skewed), atol=0.01 * skewed.std())


def test_huber_is_linear_beyond_one_standard_deviation(skewed):
    constant = predicted_constant(skewed, loss="huber")

    scale = skewed.std()
    best = minimize_scalar(lambda c: huber(scale, skewed - c).sum(), tol=1e-12)
    np.testing.assert_allclose(constant, best.x, rtol=1e-6)
    assert np.median(skewed) < constant < skewed.mean()


def test_constant_y_is_predicted(X):
    model = MLPRegressor(**SETTINGS).fit(X, np.full(len(X), 7e8))

    np.testing.assert_allclose(model.predict(X), 7e8, rtol=1e-6)


def test_integer_y_is_learned(X, quantity):
    rounded = np.round(10 * quantity).astype(np.int64)

    model = MLPRegressor(**SETTINGS).fit(X, rounded)
    expected = MLPRegressor(**SETTINGS).fit(X, rounded.astype(float))

    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
