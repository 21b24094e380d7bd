"""A scorer is passed what scikit-learn's function would pass it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin, is_classifier
from sklearn.linear_model import LinearRegression
from sklearn.metrics import make_scorer
from sklearn.neighbors import KNeighborsClassifier

from skdl.explain import permutation_importance


class Recorder:
    """A scorer that keeps what it sees, and asks the estimator."""

    def __init__(self):
        self.seen = []

    def __call__(self, estimator, X, y, sample_weight=None):
        self.seen.append((estimator, X.copy(), y, sample_weight))
        return float(np.mean(np.asarray(estimator.predict(X)) == np.asarray(y)))


TABLES = {
    "array": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "Fortran order": np.asfortranarray,
    "objects": lambda X: X.astype(object),
    "list": lambda X: X.tolist(),
    "frame": pd.DataFrame,
    "other index": lambda X: pd.DataFrame(X, index=[f"row {i}" for i in range(len(X))]),
    "repeating index": lambda X: pd.DataFrame(X, index=np.arange(len(X)) // 7),
    "two indices": lambda X: pd.DataFrame(
        X, index=pd.MultiIndex.from_arrays([np.arange(len(X)), X[:, 0] > 0])
    ),
    "days": lambda X: pd.DataFrame(
        X, index=pd.date_range("2020", periods=len(X), name="day")
    ),
    "mixed frame": lambda X: pd.DataFrame(X).astype({0: np.float32, 1: "Float64"}),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("parameters", [{}, {"max_samples": 0.5}])
@pytest.mark.parametrize("memory_bound", [2**28, 1])
def test_a_scorer_sees_what_scikit_learns_sees(classes, kind, parameters, memory_bound):
    X, y = TABLES[kind](classes[0]), pd.Series(classes[1], name="class")
    estimator = KNeighborsClassifier().fit(X, y)
    parameters = parameters | {"n_repeats": 2, "random_state": 0}
    parameters["sample_weight"] = pd.Series(np.arange(60.0))
    theirs, ours = Recorder(), Recorder()

    inspection.permutation_importance(estimator, X, y, scoring=theirs, **parameters)
    permutation_importance(
        estimator,
        X,
        y,
        scoring=ours,
        correlation_threshold=None,
        memory_bound=memory_bound,
        **parameters,
    )

    assert len(ours.seen) == len(theirs.seen) == 9
    for ours_seen, theirs_seen in zip(ours.seen, theirs.seen, strict=True):
        assert type(ours_seen[0]) is type(estimator)
        assert ours_seen[0].classes_ is estimator.classes_
        assert ours_seen[0].get_params() == estimator.get_params()
        assert is_classifier(ours_seen[0])
        if isinstance(X, pd.DataFrame):
            pd.testing.assert_frame_equal(
                ours_seen[1], theirs_seen[1], check_index_type="exact"
            )
            assert type(ours_seen[1].index) is type(theirs_seen[1].index)
        else:
            np.testing.assert_array_equal(ours_seen[1], theirs_seen[1])
            assert type(ours_seen[1]) is type(theirs_seen[1])
            assert ours_seen[1].dtype == theirs_seen[1].dtype
        pd.testing.assert_series_equal(ours_seen[2], theirs_seen[2])
        pd.testing.assert_series_equal(ours_seen[3], theirs_seen[3])


@pytest.mark.parametrize("kind", [list, tuple, pd.array, pd.Categorical, np.array])
def test_a_scorer_sees_targets_of_its_kind(numbers, kind):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    y = kind(np.digitize(y, [0]))
    types = [], []
    for function, seen in zip(
        (inspection.permutation_importance, permutation_importance), types, strict=True
    ):
        function(
            estimator,
            X,
            y,
            scoring=lambda estimator, X, y, seen=seen: seen.append(type(y)) or 0.5,
            max_samples=0.5,
        )

    assert types[1] == types[0]


class SeriesSaying(LinearRegression):
    """Predicts a Series, of labels of its own or of those of the rows."""

    def __init__(self, keeps_index=False):
        super().__init__()
        self.keeps_index = keeps_index

    def predict(self, X):
        index = X.index if self.keeps_index else None
        return pd.Series(super().predict(X), index=index)


@pytest.mark.parametrize("keeps_index", [True, False])
@pytest.mark.parametrize("start", [0, 5])
def test_a_score_may_go_by_the_index(numbers, compare, keeps_index, start):
    index = pd.RangeIndex(start, start + 60)
    X, y = pd.DataFrame(numbers[0], index=index), pd.Series(numbers[1], index=index)
    scorer = make_scorer(lambda y, y_pred: float(((y - y_pred) ** 2).fillna(9).mean()))

    compare(SeriesSaying(keeps_index).fit(X, y), X, y, scoring=scorer)


def columns_of_all_types():
    """One column of each type, each with values that differ between rows."""
    generator = np.random.default_rng(0)
    numbers = generator.integers(0, 5, 24)
    words = np.array(["a", "b", "c", "d", "e"])[numbers]
    days = pd.date_range("2020", periods=5)[numbers]
    holes = np.where(numbers == 0, None, numbers)
    return {
        "float64": numbers / 3,
        "float32": (numbers / 3).astype(np.float32),
        "float with holes": np.where(numbers == 0, np.nan, numbers),
        "int64": numbers,
        "int8": numbers.astype(np.int8),
        "bool": numbers > 2,
        "Int64": pd.array(holes, dtype="Int64"),
        "Float32": pd.array(holes, dtype="Float32"),
        "boolean": pd.array(np.where(numbers == 0, None, numbers > 2), dtype="boolean"),
        "words": words,
        "words as objects": pd.Series(words, dtype=object),
        "words with holes": pd.Series(np.where(numbers == 0, None, words)),
        "string": pd.array(words, dtype="string"),
        "mixed": pd.Series([1, "a", None, 2.5] * 6, dtype=object),
        "lists": pd.Series([[number] for number in numbers]),
        "category": pd.Categorical(words, categories=list("edcbaz")),
        "ordered": pd.Categorical(words, ordered=True),
        "numbers as categories": pd.Categorical(numbers),
        "days": days,
        "nanoseconds": days.as_unit("ns"),
        "days of a zone": days.tz_localize("Europe/Vienna"),
        "spans": days - days[0],
        "months": pd.PeriodIndex(days, freq="D"),
        "intervals": pd.arrays.IntervalArray.from_breaks(range(6)).take(numbers),
        "sparse": pd.arrays.SparseArray(numbers.astype(float), fill_value=0.0),
    }


@pytest.mark.parametrize("kind", columns_of_all_types())
@pytest.mark.parametrize("memory_bound", [2**28, 1])
def test_columns_keep_their_types(kind, memory_bound):
    column = columns_of_all_types()[kind]
    X = pd.DataFrame({"column": column, "other": np.arange(24.0)})
    X.attrs["units"] = {"other": "m"}
    theirs, ours = Recorder(), Recorder()
    estimator = Constant().fit(X, None)
    y = np.zeros(24)

    inspection.permutation_importance(estimator, X, y, scoring=theirs, random_state=0)
    permutation_importance(
        estimator, X, y, scoring=ours, random_state=0, memory_bound=memory_bound
    )

    for (_, ours_seen, *_), (_, theirs_seen, *_) in zip(
        ours.seen, theirs.seen, strict=True
    ):
        pd.testing.assert_frame_equal(ours_seen, theirs_seen)
        assert ours_seen.attrs == theirs_seen.attrs
    assert not ours.seen[1][1]["column"].equals(X["column"])


class Constant(RegressorMixin, BaseEstimator):
    """Reads anything; its stacked rows must look as those that it was fitted on."""

    def fit(self, X, y):
        self.dtypes_ = X.dtypes
        return self

    def predict(self, X):
        pd.testing.assert_series_equal(X.dtypes, self.dtypes_)
        return np.zeros(len(X))


class Wrapped:
    """A table of another library: all that it can do is to become an array."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)

    def __len__(self):
        return len(self.values)


def test_tables_of_other_libraries(numbers, compare):
    X, y = numbers

    compare(LinearRegression().fit(X, y), Wrapped(X), y)


def test_polars(numbers, compare):
    polars = pytest.importorskip("polars")
    X, y = numbers

    compare(LinearRegression().fit(X, y), polars.DataFrame(X), y)


@settings(max_examples=40)
@given(
    X=hypothesis_numpy.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.bool_]),
        st.tuples(st.integers(1, 12), st.integers(1, 4)),
    ),
    n_repeats=st.integers(1, 4),
    max_samples=st.floats(0.1, 1),
    seed=st.integers(0, 2**32 - 1),
    memory_bound=st.sampled_from([1, 2_000, 2**28]),
    is_frame=st.booleans(),
)
def test_any_table(X, n_repeats, max_samples, seed, memory_bound, is_frame):
    X = np.nan_to_num(X, nan=0, posinf=1, neginf=-1)
    X = pd.DataFrame(X) if is_frame else X
    max_samples = max(1, int(max_samples * len(X)))
    estimator = Weighing().fit(X, None)
    parameters = {
        "n_repeats": n_repeats,
        "max_samples": max_samples,
        "random_state": seed,
        "scoring": make_scorer(np.vdot),
    }
    y = np.arange(len(X)) + 1.0

    theirs = inspection.permutation_importance(estimator, X, y, **parameters)
    ours = permutation_importance(
        estimator,
        X,
        y,
        correlation_threshold=None,
        memory_bound=memory_bound,
        **parameters,
    )

    np.testing.assert_array_equal(ours.importances, theirs.importances)


class Weighing(RegressorMixin, BaseEstimator):
    """Sums up small whole numbers made of the columns, so that nothing is rounded."""

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        known = np.clip(np.asarray(X, float), -100, 100).round()
        return known @ np.arange(1, known.shape[1] + 1)
