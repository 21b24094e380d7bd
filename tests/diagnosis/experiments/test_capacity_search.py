"""Capacity search: what is trained, scored, chosen and said."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import ConvClassifier, MLPClassifier, MLPRegressor
from skdl.diagnosis import capacity_search
from skdl.exceptions import DataError, ParameterError

IRIS = load_iris(return_X_y=True, as_frame=True)


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X[:90], y[:90]


@pytest.fixture(scope="module")
def pipeline():
    network = MLPRegressor(epochs=6, learning_rate=0.03, random_state=5)
    return make_pipeline(StandardScaler(), network)


@pytest.fixture(scope="module")
def search(pipeline, diabetes):
    return capacity_search(
        pipeline,
        *diabetes,
        units=(2, 6),
        max_layers=2,
        cv=KFold(3),
        n_repeats=2,
        random_state=0,
    )


def test_the_table(search):
    table = search.to_frame()

    names = ["1 x 2", "1 x 6"]
    assert table["network"][:2].tolist() == names
    assert table["hidden_layers"].iloc[-1] == 2
    assert table["next_step"].iloc[0] == "increase units"
    assert table["next_step"].iloc[-1] == "done"
    assert search.metric == "mean squared error"
    assert search.scores.shape == (len(table), 3, 2)
    np.testing.assert_allclose(table["score"], search.scores.mean(axis=(1, 2)))
    spread = search.scores.mean(axis=2).std(axis=1, ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(table["standard_error"], spread)
    # 10 features: weights and biases of the hidden layer, then of the output.
    assert table["n_parameters"][:2].tolist() == [2 * 11 + 3, 6 * 11 + 7]
    assert set(table["status"]) == {"trained"}


def test_scores_equal_fits_one_by_one(search, pipeline, diabetes):
    X, y = diabetes
    random = np.random.RandomState(0)
    seeds = random.randint(np.iinfo(np.int32).max, size=(3, 2))
    for candidate, sizes in enumerate(search.hidden_layer_sizes[:2]):
        for fold, (train, test) in enumerate(KFold(3).split(X)):
            scaler = StandardScaler().fit(X[train])
            network = clone(pipeline[-1]).set_params(
                hidden_layer_sizes=sizes,
                early_stopping=True,
                patience=6,
                random_state=int(seeds[fold, 1]),
            )
            network.fit(
                scaler.transform(X[train]),
                y[train],
                X_val=scaler.transform(X[test]),
                y_val=y[test],
            )
            loss = mean_squared_error(
                y[test], network.predict(scaler.transform(X[test]))
            )
            assert search.scores[candidate, fold, 1] == pytest.approx(loss, rel=1e-4)
            # What the history had as its lowest over the epochs.
            lowest = network.history_["val_rmse"].min() ** 2
            assert loss == pytest.approx(lowest, rel=1e-4)


def test_best_and_simplest(search, pipeline):
    means, parameters = search.mean_scores, search.n_parameters
    best = means.argmin()
    limit = means[best] + search.standard_errors[best]
    within = np.flatnonzero(means <= limit)

    assert search.best_index == best
    assert search.simplest_index == within[parameters[within].argmin()]
    assert search.limit == pytest.approx(limit)
    sizes = search.hidden_layer_sizes
    assert search.best == {"mlpregressor__hidden_layer_sizes": sizes[best]}
    tuned = clone(pipeline).set_params(**search.simplest)
    assert tuned[-1].hidden_layer_sizes == sizes[search.simplest_index]
    assert "best" in search.to_frame()["chosen"][best]
    assert "simplest" in search.to_frame()["chosen"][search.simplest_index]


def test_the_record_can_be_shown_and_kept(search):
    assert re.fullmatch(
        r"CapacitySearch by mean squared error: best \d x \d \([\d.e+]+\), simplest "
        r"within one standard error \d x \d \([\d.e+]+\)",
        str(search),
    )
    kept = json.loads(json.dumps(search.to_dict()))
    assert kept["record"] == "CapacitySearch"
    assert np.array(kept["scores"]).shape == search.scores.shape


@pytest.mark.slow
def test_labels_and_frames():
    X, y = IRIS[0], IRIS[1].map({0: "setosa", 1: "versicolor", 2: "virginica"})
    network = MLPClassifier(epochs=3, l2=0.5, learning_rate=0.02)
    folds = list(KFold(2, shuffle=True, random_state=0).split(X))

    searched = capacity_search(
        network, X, y, units=(3,), max_layers=1, cv=folds, random_state=1
    )

    assert searched.metric == "log loss"
    seeds = np.random.RandomState(1).randint(np.iinfo(np.int32).max, size=(2, 1))
    train, test = folds[0]
    plain = clone(network).set_params(
        hidden_layer_sizes=(3,), random_state=int(seeds[0, 0]),
        early_stopping=True, patience=3,
    )  # fmt: skip
    plain.fit(X.iloc[train], y.iloc[train], X_val=X.iloc[test], y_val=y.iloc[test])
    loss = log_loss(y.iloc[test], plain.predict_proba(X.iloc[test]))
    assert searched.scores[0, 0, 0] == pytest.approx(loss, rel=1e-4)
    # Without the penalty, which is large here.
    assert loss < plain.history_["val_loss"].min() - 0.1


def test_a_score_of_scikit_learn_is_greater_the_better():
    searched = capacity_search(
        make_pipeline(StandardScaler(), MLPClassifier(epochs=15, learning_rate=0.02)),
        *IRIS, units=(1, 8), max_layers=1, cv=2, scoring="accuracy", random_state=0,
    )  # fmt: skip

    assert searched.metric == "accuracy"
    assert searched.greater_is_better
    assert searched.best_index == searched.mean_scores.argmax() == 1
    error = searched.standard_errors[1]
    assert searched.limit == pytest.approx(searched.mean_scores[1] - error)


def test_a_single_split_has_no_standard_error():
    split = [(np.arange(0, 150, 2), np.arange(1, 150, 2))]
    searched = capacity_search(
        MLPClassifier(epochs=1), *IRIS, units=(1, 8), max_layers=1, cv=split
    )

    assert np.isnan(searched.standard_errors).all()
    assert searched.simplest_index == searched.best_index


def test_dense_layers_of_a_convolutional_network_grow():
    images = np.random.default_rng(0).random((12, 4, 4), dtype=np.float32)
    searched = capacity_search(
        ConvClassifier(filters=(2,), epochs=1), images, np.arange(12) % 2,
        units=(3,), max_layers=1, cv=2,
    )  # fmt: skip

    assert searched.best == {"hidden_layer_sizes": (3,)}


def test_divergence_of_all_is_an_error(pipeline, diabetes):
    wild = clone(pipeline).set_params(mlpregressor__learning_rate=1e30)

    with pytest.raises(ParameterError, match=r"Got 2 candidates, and each div.*1e\+30"):
        capacity_search(
            wild, *diabetes, units=(2, 6), max_layers=1, cv=KFold(3), n_repeats=2
        )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"units": ()}, r"'units' parameter .* rising order.* Got \(\) instead"),
        ({"units": (8, 4)}, r"rising order"),
        ({"units": (4, 4)}, r"rising order"),
        ({"units": 4}, r"rising order.* Got 4 instead"),
        ({"units": (0, 4)}, r"'units' .* of 1 or more. Got 0"),
        ({"max_layers": 0}, r"'max_layers' .* Got 0"),
        ({"n_repeats": 0}, r"'n_repeats' .* Got 0"),
        ({"step_back": 1.5}, r"'step_back' .* \(0, 1\]. Got 1.5"),
        ({"step_back": True}, r"'step_back' .* Got True"),
        ({"cv": 1}, r"'cv' .* Got 1"),
    ],
)
def test_refused_parameters(parameters, message):
    with pytest.raises(ParameterError, match=message):
        capacity_search(MLPClassifier(), *IRIS, **parameters)


def test_refused_estimators_and_data():
    with pytest.raises(ParameterError, match=r"one of skdl's networks.*LogisticRegr"):
        capacity_search(LogisticRegression(), *IRIS)
    with pytest.raises(DataError, match="capacity_search needs y"):
        capacity_search(MLPClassifier(), IRIS[0], None)
    with pytest.raises(DataError, match=r"X has 150 rows and y has 10\."):
        capacity_search(MLPClassifier(), IRIS[0], IRIS[1][:10], cv=2)


@pytest.mark.slow
def test_wages(data_file):
    table = pd.read_csv(data_file("hourly_wages.csv.gz"))
    X, y = table.drop(columns=["wage_per_hour", "part"]), table["wage_per_hour"]
    network = MLPRegressor(epochs=60, early_stopping=True, patience=5)

    searched = capacity_search(
        make_pipeline(StandardScaler(), network), X, y, units=(100, 250), max_layers=2,
        random_state=0,
    )  # fmt: skip

    # Better than the mean (26.4), by more than a standard error.
    assert searched.mean_scores.max() + searched.standard_errors.max() < y.var()
