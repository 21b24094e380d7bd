"""A search that has ended, made by hand."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator


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
