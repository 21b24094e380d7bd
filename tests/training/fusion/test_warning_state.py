"""Under `fuse`, warnings and their filters are those of a search without it."""

import warnings
from collections import Counter

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score

import skdl
from skdl.exceptions import DivergenceWarning

N_FOLDS = 3
SCORING = "neg_log_loss"
DIVERGING = {"optimizer": "sgd", "learning_rate": 1e6, "activation": "linear"}


def search_of(estimator, grid, **parameters):
    settings = {"cv": N_FOLDS, "scoring": SCORING, **parameters}
    return GridSearchCV(estimator, grid, **settings)


def test_a_member_diverges_alone(classifier, X, two_classes, banks_of):
    seen = []

    def run():
        grid = [
            {"optimizer": ["sgd"], "learning_rate": [0.003, 1e6, 0.03]},
            {"optimizer": ["sgd"], "learning_rate": [0.01]},
        ]
        network = classifier(activation="linear", l2=1.0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            search = search_of(network, grid, refit=False, scoring="accuracy")
            search.fit(X, two_classes)
        seen.append(Counter((each.category, str(each.message)) for each in caught))
        return search.cv_results_["mean_test_score"]

    assert banks_of(run) == [4 * N_FOLDS]
    plain, fused = seen
    assert fused == plain
    assert set(fused) == {(DivergenceWarning, message) for _, message in fused}
    assert sum(fused.values()) == N_FOLDS
    assert "MLPClassifier diverged in epoch" in next(iter(fused))[1]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_warnings_can_be_errors(n_jobs, classifier, X, two_classes):
    network = classifier(**DIVERGING, l2=1.0)

    with pytest.raises(DivergenceWarning, match="diverged in epoch"), skdl.fuse():
        cross_val_score(network, X, two_classes, error_score="raise", n_jobs=n_jobs)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_warnings_can_be_ignored(n_jobs, classifier, X, two_classes):
    network = classifier(**DIVERGING, l2=1.0)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        with skdl.fuse() as fusion:
            scores = cross_val_score(network, X, two_classes, cv=3, n_jobs=n_jobs)

    assert np.isfinite(scores).all()
    assert caught == []
    assert fusion.banks == [3]


def test_filters_of_a_task_stay_its_own(X, two_classes, classifier):
    class Filters(skdl.MLPClassifier):
        """Sets a filter for its training, and sees only its own."""

        def fit(self, X, y):
            name = f"filter of {self.random_state}"
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", name)
                before = list(warnings.filters)
                super().fit(X, y)
                assert warnings.filters == before
            assert name not in str(warnings.filters)
            return self

    network = Filters(**classifier().get_params())
    search = search_of(network, {"random_state": [1, 2, 3]}, error_score="raise")
    before, content = warnings.filters, list(warnings.filters)

    with skdl.fuse() as fusion:
        search.fit(X, two_classes)

    assert fusion.banks == [3 * N_FOLDS, 1]
    assert warnings.filters is before
    assert warnings.filters == content
