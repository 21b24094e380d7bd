"""Refits of a model with other seeds."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skdl.explain.quality._consistency import refitted, seeds_of


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True, as_frame=True)
    return DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y), X, y


def test_seeds_are_found_wherever_they_are(iris):
    _, X, y = iris
    pipeline = make_pipeline(
        StandardScaler(), RandomForestClassifier(3, random_state=0)
    ).fit(X, y)
    search = GridSearchCV(pipeline, {"randomforestclassifier__max_depth": [2]}, cv=2)
    search.fit(X, y)

    assert seeds_of(pipeline) == ["randomforestclassifier__random_state"]
    one, other = refitted(search, X, y, 1), refitted(search, X, y, 2)
    assert one[-1].max_depth == 2
    assert one[-1].random_state != other[-1].random_state
    assert not np.array_equal(one.predict_proba(X), other.predict_proba(X))
    assert pipeline[-1].random_state == 0
