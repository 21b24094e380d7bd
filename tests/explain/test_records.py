"""Records are frozen, plain when asked, and show what is in them safely."""

import dataclasses
import datetime
import json
import pickle
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from skdl._record import MOST_ROWS_SHOWN, LikeABunch, Record, plain
from skdl.exceptions import ParameterError
from skdl.explain import (
    PartialDependence,
    PermutationImportance,
    partial_dependence,
    permutation_importance,
)
from tests.every_record import every_record

EVERY_RECORD = every_record()
HOSTILE = "<script>alert('a & b')</script>"


@pytest.fixture
def hostile(classes):
    """Rows and classes whose names are code."""
    X, y = classes
    frame = pd.DataFrame(X, columns=[HOSTILE, "output", "average", "a$b_{c}^2"])
    return frame, np.array([f"{HOSTILE}{place}" for place in range(3)])[y]


@pytest.fixture
def records(hostile):
    X, y = hostile
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    return [
        permutation_importance(tree, X, y, random_state=0),
        permutation_importance(tree, X, y, random_state=0, n_repeats=1),
        partial_dependence(tree, X, [HOSTILE], grid_resolution=4, kind="both"),
        partial_dependence(tree, X, ["output", "average"], grid_resolution=3),
        partial_dependence(tree, X, ["average"], grid_resolution=3, kind="individual"),
    ]


def test_the_classes_of_records(records):
    for record, cls in zip(
        records, [PermutationImportance] * 2 + [PartialDependence] * 3, strict=True
    ):
        assert type(record) is cls
        assert isinstance(record, Record)
        assert isinstance(record, LikeABunch)
        assert dataclasses.is_dataclass(record)


def test_records_are_frozen(records):
    for record in records:
        for field in dataclasses.fields(record):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(record, field.name, None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            del record.feature_names
        with pytest.raises(TypeError, match="does not support item assignment"):
            record["average"] = 0


def test_records_survive_pickling(records):
    for record in records:
        again = pickle.loads(pickle.dumps(record))
        assert type(again) is type(record)
        assert again.to_dict() == record.to_dict()


def test_records_compare_by_identity(records):
    # Arrays have no one answer to "are you equal"; asking must not raise.
    for record in records:
        again = pickle.loads(pickle.dumps(record))
        assert record == record
        assert record != again
        assert len({record, again}) == 2


def test_records_are_json(records):
    for record in records:
        values = json.loads(json.dumps(record.to_dict(), allow_nan=False))
        assert values["record"] == type(record).__name__
        assert set(values) == {"record", *(f.name for f in dataclasses.fields(record))}
        assert values == record.to_dict()
    importances = records[0].to_dict()["importances"]
    np.testing.assert_array_equal(importances, records[0].importances)


def test_names_cannot_run_in_a_notebook(records):
    for record in records:
        page = record._repr_html_()
        assert "<script" not in page
        assert type(record).__name__ in page
    assert "&lt;script&gt;" in records[0]._repr_html_()
    assert "&lt;script&gt;" in records[2]._repr_html_()


def test_the_table_of_importances(records):
    record, single = records[:2]

    frame = record.to_frame()

    assert list(frame) == ["feature", "importance", "std", "low", "high"]
    assert frame["importance"].is_monotonic_decreasing
    for row in frame.itertuples():
        place = record.feature_names.index(row.feature)
        assert row.importance == record.importances_mean[place]
        assert row.std == record.importances_std[place]
        assert row.low <= row.importance <= row.high
    assert single.to_frame()[["low", "high"]].isna().all(axis=None)


def test_the_table_of_a_dependence(records):
    record = records[2]

    frame = record.to_frame()

    assert list(frame) == ["output", HOSTILE, "average", "deviation"]
    assert len(frame) == 3 * 4
    second = frame[frame["output"] == f"{HOSTILE}1"]
    np.testing.assert_array_equal(second[HOSTILE], record.grid_values[0])
    np.testing.assert_array_equal(second["average"], record.average[1])
    assert frame[HOSTILE].dtype == float


def test_features_may_be_called_as_the_columns_of_the_table(records):
    # the features "output" and "average" beside the outputs and averages
    frame = records[3].to_frame()

    assert list(frame) == ["output", "output", "average", "average", "deviation"]
    record = records[3]
    assert frame.iloc[:, 0].tolist() == np.repeat(record.output_names, 9).tolist()
    grid = np.repeat(record.grid_values[0], 3)
    np.testing.assert_array_equal(frame.iloc[:9, 1], grid)
    np.testing.assert_array_equal(frame.iloc[:9, 2], np.tile(record.grid_values[1], 3))
    np.testing.assert_array_equal(frame.iloc[:, 3], record.average.ravel())


def test_curves_alone_have_their_mean_in_the_table(records):
    record = records[4]

    frame = record.to_frame()

    np.testing.assert_allclose(
        frame.iloc[:, 2], record.individual.mean(axis=1).ravel(), atol=1e-12
    )


def test_words_in_the_table_of_a_dependence(titanic, titanic_forest):
    record = partial_dependence(
        titanic_forest, titanic[0], ["sex"], categorical_features=["sex"]
    )

    frame = record.to_frame()

    assert frame["sex"].tolist() == ["female", "male"]
    assert frame["output"].tolist() == ["1", "1"]
    json.dumps(record.to_dict(), allow_nan=False)


def test_the_interval_holds_the_mean_over_all_shuffles(numbers):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    many = permutation_importance(estimator, X, y, n_repeats=1000, random_state=0)
    truth = many.importances_mean[0]
    hits = 0
    for seed in range(60):
        few = permutation_importance(
            estimator,
            X,
            y,
            n_repeats=5,
            random_state=seed + 1,
            correlation_threshold=None,
        )
        low, high = few.confidence_interval(confidence_level=0.8)
        hits += bool(low[0] <= truth <= high[0])

    assert 39 <= hits <= 57  # 48 ± 3 standard deviations


def test_the_interval_by_hand():
    record = PermutationImportance(
        importances=np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]]),
        importances_mean=np.array([2.0, 5.0]),
        importances_std=np.array([np.sqrt(2 / 3), 0.0]),
        feature_names=("a", "b"),
        baseline_score=9.0,
        metric="score",
        n_samples=10,
    )

    low, high = record.confidence_interval()

    half = 4.302652729911275 * 1 / np.sqrt(3)  # t of 2 degrees, 97.5 %
    np.testing.assert_allclose(low, [2 - half, 5])
    np.testing.assert_allclose(high, [2 + half, 5])


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, "0.9", None, np.nan])
def test_levels_that_are_refused(records, level):
    with pytest.raises(
        ParameterError, match=r"The 'confidence_level' parameter .* \(0, 1\)"
    ):
        records[0].confidence_interval(level)


def test_a_dict_of_records_for_several_scores(classes):
    X, y = classes
    found = permutation_importance(
        LogisticRegression().fit(X, y), X, y, scoring=["accuracy", "f1_macro"]
    )

    assert type(found) is dict
    assert all(type(record) is PermutationImportance for record in found.values())


@dataclass(frozen=True, repr=False)
class Anything(Record):
    value: object

    def to_frame(self):
        return pd.DataFrame({"value": range(MOST_ROWS_SHOWN + 5)})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.nan, None),
        (np.array([np.inf, 1.0]), [None, 1.0]),
        (np.array(3), 3),
        (np.bool_(True), True),
        (np.datetime64("2020-01-02"), "2020-01-02"),
        (np.array(["2020-01-02"], dtype="datetime64[ns]"), ["2020-01-02 00:00:00"]),
        (np.array(["NaT"], dtype="datetime64[ns]"), [None]),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (pd.Timestamp("2020-01-02"), "2020-01-02 00:00:00"),
        (pd.NaT, None),
        (pd.NA, None),
        (pd.Series([1.0, None]), [1.0, None]),
        (pd.Index(["a"]), ["a"]),
        (pd.array([1, None], dtype="Int64"), [1, None]),
        (pd.Categorical(["a", None]), ["a", None]),
        (pd.DataFrame({"a": [1.0, np.nan]}), [{"a": 1.0}, {"a": None}]),
        ({("a", 1): {2.5}}, {"('a', 1)": [2.5]}),
        ((1, [None, "x"]), [1, [None, "x"]]),
        (Anything(np.nan), {"record": "Anything", "value": None}),
        (b"bytes", "b'bytes'"),
        (1 + 2j, "(1+2j)"),
        (int, "<class 'int'>"),
        (10**30, 10**30),
    ],
    ids=repr,
)
def test_plain_values(value, expected):
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
    json.dumps(plain(value), allow_nan=False)
    assert Anything(value).to_dict() == {"record": "Anything", "value": expected}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=10,
)


@given(JSON)
def test_plain_values_stay(value):
    text = json.dumps(plain(value), allow_nan=False)

    if "Infinity" not in json.dumps(value):
        assert json.loads(text) == value


@dataclasses.dataclass(frozen=True, repr=False)
class Telling(Anything):
    def __str__(self):
        return "Telling: 1 < 2"


def test_the_one_line_is_above_the_table():
    assert Telling(1)._repr_html_().startswith("<p>Telling: 1 &lt; 2</p>")
    assert Anything(1)._repr_html_().startswith("<p>Anything</p>")
    assert repr(Telling(1)).startswith("Telling: 1 < 2\n")
    assert repr(Anything(1)).startswith("Anything\n")


@pytest.mark.parametrize("name", EVERY_RECORD)
def test_a_console_shows_the_table(name):
    record = EVERY_RECORD[name]
    shown = repr(record).splitlines()

    assert shown[0].startswith(name)
    assert "array(" not in repr(record)
    if not hasattr(record, "findings"):
        frame = record.to_frame()
        assert shown[1].split() == " ".join(map(str, frame.columns)).split()
        n_more = len(frame) - MOST_ROWS_SHOWN
        assert ("more rows" in shown[-1]) == (n_more > 0)
        assert len(shown) == 2 + min(len(frame), MOST_ROWS_SHOWN) + (n_more > 0)


def test_long_tables_are_cut():
    page = Anything(1)._repr_html_()

    assert page.count("<tr") == MOST_ROWS_SHOWN + 1
    assert "and 5 more rows" in page
