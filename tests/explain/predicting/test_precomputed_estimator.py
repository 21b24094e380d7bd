"""An estimator that looks up its predictions for copies of rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdl.explain._predicting.precomputed_estimator import (
    PrecomputedEstimator,
    answer_of,
)


def test_a_stand_in_is_the_estimator(numbers):
    X, y = numbers
    estimator = LogisticRegression().fit(X, y > 0)
    changed = X.copy()
    changed[:, 0] = 5.0
    stacked = np.vstack([X, changed])
    copies = [stacked[:60], stacked[60:]]

    stand_in = PrecomputedEstimator(estimator, stacked, copies).stand_in()

    assert isinstance(stand_in, LogisticRegression)
    assert stand_in.coef_ is estimator.coef_
    assert repr(stand_in) == repr(estimator)
    for copy in [*copies, X[:7]]:
        np.testing.assert_allclose(
            stand_in.predict_proba(copy), estimator.predict_proba(copy), rtol=1e-12
        )
    assert stand_in.score(X, y > 0) == estimator.score(X, y > 0)
    assert "predict" not in vars(estimator)


def test_a_stand_in_passes_arguments_on(numbers):
    class Shifted(LinearRegression):
        def predict(self, X, shift=0.0):
            return super().predict(X) + shift

    X, y = numbers
    estimator = Shifted().fit(X, y)
    stand_in = PrecomputedEstimator(estimator, X, (X,)).stand_in()

    import inspect

    np.testing.assert_array_equal(
        stand_in.predict(X, shift=2.0), estimator.predict(X) + 2
    )
    assert "shift" in inspect.signature(stand_in.predict).parameters


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (np.arange(6), np.array([2, 3])),
        (np.arange(12).reshape(6, 2), np.array([[4, 5], [6, 7]])),
        ([1, 2, 3, 4, 5, 6], [3, 4]),
        ([[1], [2], [3], [4], [5], [6]], [[3], [4]]),
        (list(np.arange(6.0)), [2.0, 3.0]),
        ([np.eye(6), np.ones((6, 1))], [np.eye(6)[2:4], np.ones((2, 1))]),
        (pd.Series(range(6)), pd.Series([2, 3])),
        (pd.Series(range(6), index=list("ababab")), pd.Series([2, 3], list("ab"))),
    ],
)
def test_the_answer_about_one_copy(answers, expected):
    answer = answer_of(answers, 1, 2)

    assert type(answer) is type(expected)
    if isinstance(answer, pd.Series):
        pd.testing.assert_series_equal(answer, expected, check_index_type=False)
    else:
        for one, other in zip(answer, expected, strict=True):
            np.testing.assert_array_equal(one, other)
