"""Reading the candidates of fitted searches."""

import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from skdl.exceptions import ParameterError
from skdl.search import read_candidates
from skdl.search._read_candidates import short_names


def test_a_metric_of_several_is_named():
    search = GridSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2]},
        scoring=["accuracy", "roc_auc_ovr"],
        refit="accuracy",
    ).fit(*load_iris(return_X_y=True))

    assert read_candidates(search).metric == "accuracy"
    roc_auc = read_candidates(search, metric="roc_auc_ovr")
    assert roc_auc.mean_scores == pytest.approx(
        search.cv_results_["mean_test_roc_auc_ovr"]
    )
    with pytest.raises(ParameterError, match=r"Got 'f1' and refit='accuracy'"):
        read_candidates(search, metric="f1")
    search.refit = False
    with pytest.raises(ParameterError, match=r"Pass e\.g\. metric='accuracy'"):
        read_candidates(search)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["a__b", "a__c"], ["b", "c"]),
        (["optimizer", "optimizer__rate"], ["optimizer", "rate"]),
        (["a__x", "b__x"], ["a__x", "b__x"]),
        (["a__rank"], ["a__rank"]),
        (["p__a__x", "q__a__x"], ["p__a__x", "q__a__x"]),
    ],
)
def test_short_names(names, short):
    assert list(short_names(names, reserved=["rank"]).values()) == short
