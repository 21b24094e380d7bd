"""A range test is `partial_fit` batch by batch; its rules find the fall."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification, make_regression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, MLPRegressor
from skdl.data import as_random_state
from skdl.diagnosis import learning_rate_range_test
from skdl.exceptions import ParameterError


@pytest.fixture(scope="module")
def X_y():
    return make_classification(
        n_samples=100, n_features=5, n_informative=4, n_redundant=0, random_state=0
    )


@pytest.fixture(scope="module")
def network():
    # With a state of the optimizer, a draw in each step, and batch statistics.
    return MLPClassifier((8,), batch_size=16, dropout=0.2, batch_norm=True)


@pytest.fixture(scope="module")
def record(network, X_y):
    return learning_rate_range_test(network, *X_y, n_rates=40, random_state=0)


# Against the estimator's own steps.


def batches_of(n_samples, batch_size, random):
    """Rows in whole batches, in a new order after each pass."""
    while True:
        order = random.permutation(n_samples)
        for number in range(n_samples // batch_size):
            yield order[number * batch_size : (number + 1) * batch_size]


def test_each_step_is_a_partial_fit(record, network, X_y):
    X, y = X_y
    random = as_random_state(0)
    alone = clone(network).set_params(random_state=int(random.randint(0, 2**31 - 1)))
    batches = batches_of(len(X), 16, random)
    for rate in record.rates:
        rows = next(batches)
        alone.set_params(learning_rate=rate).partial_fit(
            X[rows], y[rows], classes=[0, 1]
        )

    np.testing.assert_allclose(record.losses, alone.history_["loss"], rtol=1e-5)
    np.testing.assert_allclose(
        record.rates, np.geomspace(1e-6, 10, 40)[: len(alone.history_)]
    )


def test_the_record_names_rates_that_were_tried(record, network):
    assert record.lowest_rate in record.rates
    assert record.steepest_rate in record.rates
    assert record.tenth_rate == pytest.approx(record.lowest_rate / 10)
    assert record.best_rate == min(record.steepest_rate, record.tenth_rate)
    assert record.best == {"learning_rate": record.best_rate}
    assert clone(network).set_params(**record.best).learning_rate == record.best_rate
    assert str(record).startswith(f"LearningRateRangeTest: best {record.best_rate:.2g}")
    frame = record.to_frame()
    assert list(frame) == ["step", "learning_rate", "loss", "smoothed_loss"]
    assert frame["step"].tolist() == list(range(1, len(record.rates) + 1))
    assert "steepest fall" in record._repr_html_()


def test_rates_share_one_program(record, network, X_y, programs):
    before = set(programs.known())
    again = learning_rate_range_test(
        network, *X_y, low=1e-3, high=1e-2, n_rates=20, random_state=1
    )

    assert set(programs.known()) == before
    assert (again.rates[0], again.rates[-1]) == (1e-3, 1e-2)
    assert again.status == "all rates were tried"


def test_divergence_ends_it_and_is_named(X_y):
    network = MLPClassifier((8,), optimizer="sgd", batch_size=16)
    record = learning_rate_range_test(
        network, *X_y, low=1.0, high=1e30, n_rates=40, random_state=0
    )

    assert record.status.startswith(("diverged", "the smoothed loss rose"))
    assert len(record.rates) < 40
    sudden = learning_rate_range_test(
        network, *X_y, low=1e30, high=1e31, n_rates=40, random_state=0
    )
    assert sudden.status == "diverged: the loss or a weight grew beyond all bounds"
    assert (len(sudden.rates), sudden.best, sudden.best_rate) == (1, None, None)
    assert np.isnan(sudden.smoothed_losses).all()
    assert "did not fall by more than its noise" in str(sudden)


def test_pipelines_targets_and_the_estimators_own_course():
    X, y = make_regression(n_samples=80, n_features=3, random_state=0)
    # The scale of the targets is that of all rows, not of the first batch.
    y = 100 * y + 1e6
    pipeline = make_pipeline(
        StandardScaler(),
        MLPRegressor((8,), early_stopping=True, learning_rate_schedule="cosine"),
    )
    record = learning_rate_range_test(pipeline, X, y, high=1.0, random_state=0)

    assert list(record.best) == ["mlpregressor__learning_rate"]
    pipeline.set_params(**record.best)
    assert 0.2 < record.losses[:10].mean() < 5
    assert record.losses[-20:].min() < 0.5
    assert pipeline[-1].learning_rate_schedule == "cosine"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"low": 0.0}, r"'low' parameter of .* above 0\. Got 0\.0"),
        ({"low": True}, r"'low' parameter of .* Got True"),
        ({"low": 1.0, "high": 1.0}, r"'high' parameter of .* 'low' \(1\)\. Got 1\.0"),
        ({"high": np.inf}, r"'high' parameter of .* Got inf"),
        ({"n_rates": 19}, r"'n_rates' parameter of .* of 20 or more\. Got 19"),
        ({"smoothing": 1.0}, r"'smoothing' parameter of .* \[0, 1\)\. Got 1\.0"),
        ({"smoothing": "much"}, r"'smoothing' parameter of .* Got 'much'"),
    ],
)
def test_what_cannot_be_used_is_refused(network, X_y, parameters, message):
    with pytest.raises(ParameterError, match=message):
        learning_rate_range_test(network, *X_y, **parameters)


def test_other_estimators_are_refused(X_y):
    with pytest.raises(ParameterError, match=r"range_test must be one of skdl's netw"):
        learning_rate_range_test(LogisticRegression(), *X_y)
