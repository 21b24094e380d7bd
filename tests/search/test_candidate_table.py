"""The table of a search's best candidates."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skdl.exceptions import ParameterError
from skdl.search import candidate_table


@pytest.fixture
def tree_pipeline():
    tree = DecisionTreeClassifier(random_state=0)
    return Pipeline([("scale", StandardScaler()), ("tree", tree)])


def test_table_worked_by_hand(made_search):
    search = made_search(
        [{"m__a": a, "m__b": "x"} for a in (1, 2, 3, 4)], [0.5, np.nan, 0.9, 0.5]
    )

    table = candidate_table(search, n_best=None)

    assert list(table.columns) == [
        "rank", "mean_test_score", "std_test_score", "mean_fit_time", "a", "b",
    ]  # fmt: skip
    assert table["rank"].tolist() == [1, 2, 2, 4]
    assert table["a"].tolist() == [3, 1, 4, 2]
    assert table["mean_fit_time"].tolist() == [2, 0, 3, 1]
    assert candidate_table(search, n_best=2)["a"].tolist() == [3, 1]


def test_ranks_are_those_of_scikit_learn(tree_pipeline):
    grid = {"tree__max_depth": [1, 2, 3], "scale__with_mean": [True, False]}
    search = GridSearchCV(tree_pipeline, grid).fit(*load_iris(return_X_y=True))

    table = candidate_table(search, n_best=None)

    assert table["rank"].tolist() == sorted(search.cv_results_["rank_test_score"])
    assert table["mean_test_score"].iloc[0] == search.best_score_
    assert table["max_depth"].iloc[0] == search.best_params_["tree__max_depth"]


def test_a_parameter_not_set_everywhere_is_missing_there(made_search):
    search = made_search([{"a": 1}, {"a": 2, "b": 5}], [0.1, 0.2])

    table = candidate_table(search)

    assert table["b"].isna().tolist() == [False, True]


@pytest.mark.filterwarnings("ignore:max_resources:UserWarning")
def test_halving_counts_each_candidate_once_by_its_last_score(tree_pipeline):
    search = HalvingGridSearchCV(
        tree_pipeline, {"tree__max_depth": [1, 2, 3, 4]}, factor=2, random_state=0
    ).fit(*load_iris(return_X_y=True))

    table = candidate_table(search, n_best=None)

    assert sorted(table["max_depth"]) == [1, 2, 3, 4]
    assert table["max_depth"].iloc[0] == search.best_params_["tree__max_depth"]
    assert table["mean_test_score"].iloc[0] == search.best_score_


def test_an_unfitted_search_is_refused(tree_pipeline):
    with pytest.raises(NotFittedError):
        candidate_table(GridSearchCV(tree_pipeline, {}))


@pytest.mark.parametrize("n_best", [0, -1, 2.5])
def test_n_best_is_checked(made_search, n_best):
    search = made_search([{"a": 1}, {"a": 2}], [1.0, 2.0])

    with pytest.raises(ParameterError, match=r"'n_best' parameter .* positive integer"):
        candidate_table(search, n_best=n_best)
