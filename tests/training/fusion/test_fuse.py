"""`fuse` changes neither errors nor the meaning of what is passed."""

import os
import re
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.exceptions import ParameterError

N_FOLDS = 3
RATES = {"learning_rate": [0.003, 0.03]}
SCORING = "neg_log_loss"


def search_of(estimator, grid, **parameters):
    settings = {"cv": N_FOLDS, "scoring": SCORING, **parameters}
    return GridSearchCV(estimator, grid, **settings)


def scores_of(search):
    """All scores of a fitted search, without ranks and times."""
    results = search.cv_results_
    return {
        name: results[name]
        for name in results
        if re.search("score|split", name) and not re.search("time|rank", name)
    }


# Errors.


def test_the_original_error_is_raised(classifier, X, two_classes):
    # The second candidate fails while those of the first wait to train.
    grid = {"learning_rate": [0.01, -1.0]}
    search = search_of(classifier(), grid, error_score="raise")
    with pytest.raises(ParameterError) as plain:
        search.fit(X, two_classes)

    with (
        pytest.raises(ParameterError) as fused,
        skdl.fuse() as fusion,
    ):
        search.fit(X, two_classes)

    assert str(fused.value) == str(plain.value)
    assert "in check_parameters" in str(fused.value.__cause__)  # the task's traceback
    assert fusion.banks == []  # what waited was not trained


def test_a_search_after_an_error_is_right(classifier, X, two_classes, banks_of):
    def run():
        grid = {"learning_rate": [0.01, -1.0]}
        with pytest.raises(ParameterError, match="learning_rate"):
            search_of(classifier(), grid, error_score="raise").fit(X, two_classes)
        return cross_val_score(classifier(), X, two_classes, scoring=SCORING, cv=3)

    assert banks_of(run)[-1] == N_FOLDS


def test_failing_fits_are_recorded(classifier, X, two_classes, banks_of):
    messages = []

    def run():
        grid = {"learning_rate": [0.01, -1.0, 0.03]}
        with pytest.warns(FitFailedWarning) as caught:
            search = search_of(classifier(), grid, refit=False).fit(X, two_classes)
        failed = [each for each in caught if each.category is FitFailedWarning]
        messages.extend(str(each.message) for each in failed)
        assert np.isnan(search.cv_results_["split0_test_score"]).tolist() == [0, 1, 0]
        return scores_of(search)

    with warnings.catch_warnings():  # on the mean of scores that are nan
        warnings.filterwarnings("ignore", "One or more of the test scores")
        assert banks_of(run) == [2 * N_FOLDS]
    plain, fused = messages
    assert fused == plain
    assert "3 fits failed out of a total of 9" in fused


def test_all_fits_fail(classifier, X, two_classes):
    search = search_of(classifier(), {"learning_rate": [-1.0, -2.0]})

    with pytest.raises(ValueError, match="All the 6 fits failed"), skdl.fuse():
        search.fit(X, two_classes)


class FailsAfterTraining(skdl.MLPClassifier):
    """Fails if its seed is 2."""

    def fit(self, X, y):
        """Train, and fail."""
        super().fit(X, y)
        if self.random_state == 2:
            raise RuntimeError("it failed after training")
        return self


def test_an_error_after_training(classifier, X, two_classes, banks_of):
    def run():
        network = FailsAfterTraining(**classifier().get_params())
        search = search_of(network, {"random_state": [1, 2, 3]}, refit=False)
        with pytest.warns(FitFailedWarning, match="it failed after training"):
            search.fit(X, two_classes)
        assert np.isnan(search.cv_results_["split0_test_score"]).tolist() == [0, 1, 0]
        return scores_of(search)

    with warnings.catch_warnings():  # on the mean of scores that are nan
        warnings.filterwarnings("ignore", "One or more of the test scores")
        assert banks_of(run) == [3 * N_FOLDS]


# Arguments and results.


def test_train_scores(classifier, X, two_classes, banks_of):
    def run():
        search = search_of(classifier(), RATES, return_train_score=True)
        scores = scores_of(search.fit(X, two_classes))
        assert "split2_train_score" in scores
        return scores

    assert banks_of(run) == [2 * N_FOLDS, 1]


def test_several_metrics(classifier, X, two_classes, banks_of):
    def run():
        scoring = {"accuracy": "accuracy", "loss": "neg_log_loss", "auc": "roc_auc"}
        search = search_of(classifier(), RATES, scoring=scoring, refit="loss")
        search.fit(X, two_classes)
        predicted = search.predict_proba(X)
        return {**scores_of(search), "best": search.best_score_, "proba": predicted}

    assert banks_of(run) == [2 * N_FOLDS, 1]


def test_fit_parameters(classifier, X, two_classes, banks_of):
    def run():
        search = search_of(classifier(), RATES)
        search.fit(X, two_classes, sample_weight=np.arange(len(X)) % 4)
        return [scores_of(search), search.predict_proba(X)]

    unweighted = search_of(classifier(), RATES).fit(X, two_classes)
    assert banks_of(run) == [2 * N_FOLDS, 1]
    assert not np.allclose(run()[1], unweighted.predict_proba(X), atol=1e-3)


def test_metadata_routing(classifier, X, two_classes, banks_of):
    weights = np.arange(len(X)) % 4

    def run():
        estimator = classifier().set_fit_request(sample_weight=True)
        pipeline = Pipeline([("scaler", StandardScaler()), ("network", estimator)])
        pipeline["scaler"].set_fit_request(sample_weight=False)
        grid = {"network__learning_rate": [0.003, 0.03]}
        accuracy = get_scorer("accuracy").set_score_request(sample_weight=True)
        search = search_of(pipeline, grid, scoring=accuracy)
        search.fit(X, two_classes, sample_weight=weights)
        passed = {"sample_weight": weights}
        result = cross_validate(search, X, two_classes, cv=2, params=passed)
        return [scores_of(search), search.predict_proba(X), result["test_score"]]

    with sklearn.config_context(enable_metadata_routing=True):
        banks = banks_of(run)
    # The search and its refit; then two searches side by side, and their refits.
    assert banks == [2 * N_FOLDS, 1, 2 * 2 * N_FOLDS, 2]


def test_the_configuration_of_scikit_learn_reaches_tasks(classifier, X, two_classes):
    seen = []

    class Looks(skdl.MLPClassifier):
        def fit(self, X, y):
            super().fit(X, y)
            seen.append(sklearn.get_config()["working_memory"])
            return self

    with sklearn.config_context(working_memory=77), skdl.fuse() as fusion:
        network = Looks(**classifier().get_params())
        cross_val_score(network, X, two_classes, cv=N_FOLDS)

    assert seen == [77] * N_FOLDS
    assert fusion.banks == [N_FOLDS]


# Other estimators, parameters, the record.


def test_other_estimators_simply_run(classifier, X, two_classes, banks_of):
    def run():
        others = [
            RandomForestClassifier(5, random_state=0, n_jobs=2),
            LogisticRegression(),
        ]
        pipeline = Pipeline([("scaler", StandardScaler()), ("model", classifier())])
        grid = {"model": [others[0], classifier(learning_rate=0.02), others[1]]}
        search = search_of(pipeline, grid, refit=False).fit(X, two_classes)
        return scores_of(search)

    assert banks_of(run) == [N_FOLDS]


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
def test_n_jobs(n_jobs, classifier, X, two_classes, banks_of):
    def run():
        # Without fusion, stay in this process: workers would import TensorFlow.
        is_fused = hasattr(joblib.parallel.get_active_backend()[0], "fusion")
        n = n_jobs if is_fused else 1
        search = search_of(classifier(), RATES, n_jobs=n).fit(X, two_classes)
        return scores_of(search)

    assert banks_of(run) == [2 * N_FOLDS, 1]


def test_n_jobs_of_zero(classifier, X, two_classes):
    with pytest.raises(ValueError, match="n_jobs == 0 in Parallel"), skdl.fuse():
        cross_val_score(classifier(), X, two_classes, n_jobs=0)


def test_little_memory_gives_more_banks(classifier, X, two_classes, banks_of):
    def run():
        return cross_val_score(classifier(), X, two_classes, cv=N_FOLDS)

    assert banks_of(run, max_memory=1) == [1] * N_FOLDS


CODE = """
import sys
import joblib
import numpy as np
import skdl
assert "tensorflow" not in sys.modules
with joblib.parallel_config(backend="skdl"):
    from sklearn.model_selection import cross_val_score
    X = np.random.default_rng(0).normal(size=(60, 4))
    banks = joblib.parallel.get_active_backend()[0].fusion.banks
    network = skdl.MLPClassifier(
        hidden_layer_sizes=(6,), epochs=4, batch_size=16, random_state=0
    )
    cross_val_score(network, X, (X[:, 0] > 0).astype(int), cv=3, n_jobs=2)
    print(banks)
"""


def test_the_name_of_the_backend(root, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[3]"


@pytest.mark.parametrize(
    ("parameters", "got"),
    [
        ({"max_waiting": 0}, "max_waiting.*at least 1. Got 0 instead"),
        ({"max_waiting": 2.5}, "max_waiting.*at least 1. Got 2.5 instead"),
        ({"max_waiting": True}, "max_waiting.*at least 1. Got True instead"),
        ({"max_waiting": None}, "max_waiting.*at least 1. Got None instead"),
        ({"max_memory": -1}, "max_memory.*at least 1. Got -1 instead"),
        ({"max_memory": "1G"}, "max_memory.*at least 1. Got '1G' instead"),
    ],
    ids=str,
)
def test_bad_parameters(parameters, got):
    with pytest.raises(ParameterError, match=got), skdl.fuse(**parameters):
        raise AssertionError("the block must not be entered")
    with pytest.raises(ParameterError, match=got):
        joblib.parallel_config(backend="skdl", **parameters)


def test_the_record():
    with skdl.fuse() as fusion:
        assert repr(fusion) == "<Fusion: 0 networks in 0 banks>"
    fusion.banks.extend([3, 1])
    assert (fusion.n_banks, fusion.n_networks) == (2, 4)
    assert repr(fusion) == "<Fusion: 4 networks in 2 banks>"
