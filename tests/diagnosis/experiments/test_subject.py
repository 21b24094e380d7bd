"""A network and its rows: what is held out, and what cannot be."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis.experiments.subject import prepare
from skdl.exceptions import DataError, ParameterError

X = np.arange(40.0).reshape(20, 2)
LABELS = np.array(["a"] * 15 + ["b"] * 5)


def test_steps_are_fitted_on_the_training_rows_alone():
    inner = make_pipeline(StandardScaler(with_std=False), MLPClassifier())
    subject = prepare(
        make_pipeline(FunctionTransformer(np.negative), inner),
        X,
        LABELS,
        function="f",
        random_state=0,
    )

    assert subject.X_train.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert sorted(subject.y_val) == ["a"] * 3 + ["b"]
    rows = np.sort([*subject.X_train[:, 0], *subject.X_val[:, 0]])
    np.testing.assert_allclose(rows - rows[0], X[:, 0])
    np.testing.assert_allclose(subject.transform(X)[::-1, 0], rows)
    assert subject.prefix == "pipeline__mlpclassifier__"
    assert subject.outer({"epochs": 3}) == {"pipeline__mlpclassifier__epochs": 3}


def test_no_rows_are_held_out_where_some_are_given():
    subject = prepare(
        MLPRegressor(), X[:15], X[:15, 0], function="f", X_val=X[15:], y_val=X[15:, 0]
    )

    assert (len(subject.X_train), len(subject.X_val)) == (15, 5)


def test_errors():
    with pytest.raises(DataError, match="f needs y, one target per row of X"):
        prepare(MLPRegressor(), X, None, function="f")
    with pytest.raises(DataError, match=r"f needs X_val and y_val .* Got no X_val"):
        prepare(MLPRegressor(), X, X[:, 0], function="f", y_val=X[:, 0])
    with pytest.raises(DataError, match=r"\[20, 19\]\. Pass X_val and y_val, or"):
        prepare(MLPRegressor(), X, X[:19, 0], function="f")
    with pytest.raises(ParameterError, match=r"of f must .*Got the class MLPClassifie"):
        prepare(MLPClassifier, X, LABELS, function="f")
