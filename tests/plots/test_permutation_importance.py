"""A record of permutation importance names its features and its score."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

from skdl import explain, plots
from skdl.exceptions import DataError


@pytest.fixture
def importance():
    X, y = load_iris(return_X_y=True, as_frame=True)
    tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    return explain.permutation_importance(
        tree, X, y, random_state=0, scoring="f1_macro", correlation_threshold=None
    )


def test_names_and_score_are_those_of_the_record(importance):
    ax = plots.permutation_importance(importance, n_best=2)

    best = importance.to_frame()["feature"].head(2).tolist()
    assert [text.get_text() for text in ax.get_yticklabels()] == best
    assert ax.get_xlabel() == "drop in f1_macro when shuffled"


def test_what_is_passed_comes_first(importance):
    ax = plots.permutation_importance(
        importance, feature_names=list("abcd"), metric="F1"
    )

    assert {text.get_text() for text in ax.get_yticklabels()} == set("abcd")
    assert ax.get_xlabel() == "drop in F1 when shuffled"


def test_scikit_learns_result_has_no_names():
    with pytest.raises(DataError, match="a Bunch, do not have the names"):
        plots.permutation_importance(Bunch(importances=np.zeros((2, 3))))


def test_the_best_are_kept():
    importances = Bunch(importances=np.array([[0.0, 0.1], [0.5, 0.5], [0.2, 0.3]]))

    ax = plots.permutation_importance(
        importances, feature_names=["a", "b", "c"], n_best=2
    )

    assert [text.get_text() for text in ax.get_yticklabels()] == ["b", "c"]


def test_each_feature_needs_a_name():
    importances = Bunch(importances=np.zeros((2, 1)))

    with pytest.raises(DataError, match="1 names for 2 features"):
        plots.permutation_importance(importances, feature_names=["a"])
