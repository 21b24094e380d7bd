"""A search that has ended, made by hand, and small data for those that run."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import make_classification


class FinishedSearch(BaseEstimator):
    """What a search of one metric leaves behind, without a search."""

    refit = True

    def fit(self, X, y=None):
        return self


@pytest.fixture
def made_search():
    """A function from parameters and scores to a finished search."""

    def make(parameters, scores, **others):
        search = FinishedSearch()
        search.cv_results_ = {
            "params": parameters,
            "mean_test_score": np.array(scores, dtype=float),
            "std_test_score": np.zeros(len(scores)),
            "mean_fit_time": np.arange(len(scores), dtype=float),
            **{f"param_{name}": None for params in parameters for name in params},
            **others,
        }
        return search

    return make


@pytest.fixture(scope="session")
def blobs():
    """80 rows of 4 features and two classes that overlap."""
    return make_classification(
        80, 4, n_informative=3, n_redundant=0, flip_y=0.1, random_state=0
    )
