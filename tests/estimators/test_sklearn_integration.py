"""The estimators work with the rest of scikit-learn."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import VotingClassifier
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "epochs": 20,
    "learning_rate": 0.02,
    "random_state": 0,
}
UNPICKLE_AND_PREDICT = """
import pickle
import sys

import numpy as np

with open(sys.argv[1], "rb") as file:
    model = pickle.load(file)
np.save(sys.argv[3], model.predict_proba(np.load(sys.argv[2])))
"""


@pytest.fixture(scope="module")
def classifier():
    return MLPClassifier(**SETTINGS)


@pytest.fixture(scope="module")
def fitted(X, two_classes):
    return MLPClassifier(**SETTINGS).fit(X, two_classes)


def test_scikit_learn_knows_the_estimator_type(classifier):
    assert is_classifier(classifier)
    assert is_regressor(MLPRegressor())
    assert not is_regressor(classifier)


def test_a_clone_has_only_the_parameters(fitted, X, two_classes):
    copy = clone(fitted)

    assert copy.get_params() == fitted.get_params()
    assert vars(copy) == fitted.get_params()
    np.testing.assert_array_equal(
        copy.fit(X, two_classes).predict_proba(X), fitted.predict_proba(X)
    )


def test_repr_shows_changed_parameters(classifier):
    expected = (
        "MLPClassifier(epochs=20, hidden_layer_sizes=(8,), learning_rate=0.02, "
        "random_state=0)"
    )
    assert " ".join(repr(classifier).split()) == expected
    assert "MLPClassifier" in classifier._repr_html_()


@pytest.fixture(scope="module")
def breast_cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_pickle_is_small_and_works_elsewhere(
    dtype, breast_cancer, in_new_process, tmp_path
):
    X, y = breast_cancer
    X = X.astype(dtype)
    model = MLPClassifier((64, 64), epochs=5, random_state=0).fit(X, y)
    pickled, rows, predictions = (
        tmp_path / name for name in ("model.pkl", "rows.npy", "predictions.npy")
    )
    pickled.write_bytes(pickle.dumps(model))
    np.save(rows, X)

    in_new_process(UNPICKLE_AND_PREDICT, pickled, rows, predictions)

    assert pickled.stat().st_size < 100_000
    np.testing.assert_array_equal(np.load(predictions), model.predict_proba(X))


def test_a_pickle_keeps_everything(fitted, X):
    for copy in (pickle.loads(pickle.dumps(fitted)), sklearn.clone(fitted, safe=False)):
        assert copy.get_params() == fitted.get_params()
    copy = pickle.loads(pickle.dumps(fitted))
    assert copy.history_.equals(fitted.history_)
    assert copy.status_ == fitted.status_
    for ours, theirs in zip(
        fitted.model_.get_weights(), copy.model_.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_joblib_keeps_the_predictions(fitted, X, tmp_path):
    joblib.dump(fitted, tmp_path / "model.joblib")

    copy = joblib.load(tmp_path / "model.joblib", mmap_mode="r")

    np.testing.assert_array_equal(copy.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.slow
def test_grid_search_in_worker_processes(classifier, X, two_classes):
    grid = {"l2": [0.0, 0.5], "learning_rate": [0.001, 0.02]}
    alone = GridSearchCV(classifier, grid, cv=3).fit(X, two_classes)

    with joblib.parallel_config("loky"):
        search = GridSearchCV(classifier, grid, cv=3, n_jobs=2).fit(X, two_classes)

    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    assert len(set(search.cv_results_["mean_test_score"])) > 1
    assert search.best_params_ == alone.best_params_
    assert search.best_score_ > 0.85


def test_search_over_the_steps_of_a_pipeline(classifier, X, two_classes):
    pipeline = Pipeline([("scale", StandardScaler()), ("network", classifier)])
    grid = {"network__dropout": [0.0, 0.2], "network__hidden_layer_sizes": [(8,)]}

    search = GridSearchCV(pipeline, grid, cv=2).fit(100 * X + 30, two_classes)

    assert search.score(100 * X + 30, two_classes) > 0.9


def test_pandas_output_of_a_transformer(classifier, X, two_classes):
    frame = pd.DataFrame(X, columns=list("abcd"))
    scaler = StandardScaler().set_output(transform="pandas")

    pipeline = make_pipeline(scaler, clone(classifier)).fit(frame, two_classes)

    assert pipeline[-1].feature_names_in_.tolist() == list("abcd")
    assert pipeline.score(frame, two_classes) > 0.9


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(method, classifier, X, two_classes):
    model = CalibratedClassifierCV(classifier, method=method, cv=3).fit(X, two_classes)

    assert model.score(X, two_classes) > 0.85
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


def test_soft_voting(classifier, fitted, X, two_classes):
    linear = LogisticRegression()

    vote = VotingClassifier(
        [("network", classifier), ("linear", linear)], voting="soft"
    ).fit(X, two_classes)

    proba = linear.fit(X, two_classes).predict_proba(X)
    expected = (fitted.predict_proba(X) + proba) / 2
    np.testing.assert_allclose(vote.predict_proba(X), expected, rtol=1e-9)


@pytest.mark.parametrize(
    "method", ["predict_proba", "predict_log_proba", "decision_function", "predict"]
)
def test_cross_val_predict(method, classifier, X, three_classes):
    outputs = cross_val_predict(classifier, X, three_classes, cv=3, method=method)

    assert outputs.shape == ((80,) if method == "predict" else (80, 3))
    labels = outputs if method == "predict" else outputs.argmax(axis=1)
    assert (labels == three_classes).mean() > 0.7


def test_roc_auc(classifier, fitted, X, two_classes, three_classes):
    scores = cross_val_score(classifier, X, two_classes, scoring="roc_auc", cv=3)
    several = cross_val_score(classifier, X, three_classes, scoring="roc_auc_ovr", cv=3)

    assert scores.min() > 0.9
    assert several.min() > 0.85
    scorer = sklearn.metrics.get_scorer("roc_auc")
    expected = roc_auc_score(two_classes, fitted.decision_function(X))
    assert scorer(fitted, X, two_classes) == expected


def test_permutation_importance(fitted, X, two_classes):
    result = permutation_importance(fitted, X, two_classes, random_state=0)

    assert set(result.importances_mean.argsort()[-2:]) == {0, 1}


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_partial_dependence_display(cls, X, two_classes):
    import matplotlib.pyplot as plt

    model = cls(**SETTINGS).fit(X, two_classes)

    display = PartialDependenceDisplay.from_estimator(
        model, X, [0, 3, (0, 1)], grid_resolution=5
    )

    curve = display.lines_[0, 0].get_ydata()
    assert curve[-1] > curve[0] + 0.3
    plt.close(display.figure_)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_sample_weight_is_routed_through_a_pipeline(routing, X, two_classes):
    weights = np.random.default_rng(0).uniform(0, 2, size=len(X))
    network = MLPClassifier(**SETTINGS).set_fit_request(sample_weight=True)
    network.set_score_request(sample_weight=True)
    pipeline = make_pipeline(
        StandardScaler().set_fit_request(sample_weight=False), network
    )

    scores = cross_validate(
        pipeline,
        X,
        two_classes,
        cv=[(np.arange(60), np.arange(60, 80))],
        params={"sample_weight": weights},
        return_estimator=True,
    )

    (model,) = scores["estimator"]
    scaled = model[0].transform(X)
    alone = MLPClassifier(**SETTINGS).fit(scaled[:60], two_classes[:60], weights[:60])
    np.testing.assert_allclose(
        model.predict_proba(X), alone.predict_proba(scaled), rtol=1e-9
    )
    expected = alone.score(scaled[60:], two_classes[60:], weights[60:])
    assert scores["test_score"].tolist() == [expected]


def test_unrequested_weights_are_refused(routing, X, two_classes):
    message = "sample_weight.* not explicitly set as requested or not requested"

    with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match=message):
        cross_validate(
            MLPClassifier(**SETTINGS),
            X,
            two_classes,
            params={"sample_weight": np.ones(len(X))},
        )


def test_score_takes_weights(fitted, X, two_classes):
    right = fitted.predict(X) == two_classes
    weights = np.random.default_rng(0).uniform(0, 2, size=len(X))

    score = fitted.score(X, 1 - two_classes, sample_weight=weights)

    assert score == pytest.approx(np.average(~right, weights=weights))


def test_a_fit_and_a_prediction_are_silent(classifier, X, two_classes, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clone(classifier).fit(X, two_classes).predict(X)

    assert capfd.readouterr() == ("", "")
