"""A fit that diverges warns and keeps finite weights."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score

from skdl import DivergenceWarning, MLPClassifier, MLPRegressor

SETTINGS = {"hidden_layer_sizes": (8,), "epochs": 50, "random_state": 0}
DIVERGING = {**SETTINGS, "optimizer": "sgd", "learning_rate": 1e6}
DIVERGED = "diverged: the loss or a weight grew beyond all bounds"


def test_the_warning_is_a_convergence_warning():
    assert issubclass(DivergenceWarning, ConvergenceWarning)


@pytest.fixture(scope="module", params=[np.float32, np.float64])
def diverged(request, X, quantity):
    X = X.astype(request.param)
    with pytest.warns(DivergenceWarning, match="diverged in epoch") as caught:
        model = MLPRegressor(**DIVERGING).fit(X, quantity)
    return model, X, caught


def test_the_status_says_so(diverged):
    model, _, _ = diverged

    assert model.status_ == DIVERGED
    assert model.n_iter_ < 50
    assert model.n_iter_ == len(model.history_)


def test_weights_and_predictions_are_finite(diverged):
    model, X, _ = diverged

    assert np.isfinite(model.predict(X)).all()
    assert all(np.isfinite(weight).all() for weight in model.model_.get_weights())


def test_the_warning_names_epoch_remedy_and_caller(diverged):
    model, _, caught = diverged

    assert len(caught) == 1
    text = str(caught[0].message)
    assert f"MLPRegressor diverged in epoch {model.n_iter_}:" in text
    assert "Lower 'learning_rate' (now 1e+06)" in text
    assert caught[0].filename == __file__


def test_a_classifier_diverges_too(X, two_classes):
    model = MLPClassifier(**DIVERGING, activation="linear", l2=1.0)

    with pytest.warns(DivergenceWarning, match="MLPClassifier diverged in epoch"):
        model.fit(X, two_classes)

    assert model.status_ == DIVERGED
    assert np.isfinite(model.predict_proba(X)).all()
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


def test_the_best_weights_are_kept_when_stopping_early(X, quantity):
    model = MLPRegressor(**DIVERGING, early_stopping=True)

    with pytest.warns(
        DivergenceWarning, match="keeps the weights of the previous epoch"
    ):
        model.fit(X, quantity)

    assert np.isfinite(model.predict(X)).all()
    assert model.status_ == DIVERGED


def test_moving_statistics_are_finite(X, two_classes):
    model = MLPClassifier(**DIVERGING, batch_norm=True, activation="linear", l2=1.0)

    with pytest.warns(DivergenceWarning, match="diverged in epoch"):
        model.fit(X, two_classes)

    assert all(np.isfinite(weight).all() for weight in model.model_.get_weights())
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_diverged_candidate_has_a_score(X, quantity):
    with pytest.warns(DivergenceWarning, match="diverged in epoch"):
        scores = cross_val_score(MLPRegressor(**DIVERGING), X, quantity, cv=3)

    assert np.isfinite(scores).all()


def test_the_next_fit_is_not_affected(X, quantity):
    gentle = {**DIVERGING, "learning_rate": 0.01}
    expected = MLPRegressor(**gentle).fit(X, quantity).predict(X)
    model = MLPRegressor(**DIVERGING)
    with pytest.warns(DivergenceWarning, match="diverged in epoch"):
        model.fit(X, quantity)

    model.set_params(learning_rate=0.01).fit(X, quantity)

    np.testing.assert_array_equal(model.predict(X), expected)
    assert model.status_ == "finished all epochs"


def test_partial_fit_says_so_as_well(X, quantity):
    model = MLPRegressor(**DIVERGING)

    def go_on():
        while getattr(model, "status_", None) != DIVERGED:
            model.partial_fit(X, quantity)
            assert model.n_iter_ < 50

    with pytest.warns(DivergenceWarning, match="diverged in epoch"):
        go_on()

    assert np.isfinite(model.predict(X)).all()


def test_a_converging_fit_is_silent(X, quantity):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = MLPRegressor(**{**DIVERGING, "learning_rate": 0.01}).fit(X, quantity)

    assert model.status_ == "finished all epochs"


def test_huge_finite_features_do_not_give_a_nan(X, two_classes):
    model = MLPClassifier(**SETTINGS)

    with pytest.warns(DivergenceWarning, match="scale the features"):
        model.fit(1e300 * X, two_classes)

    assert np.isfinite(model.predict_proba(X)).all()
