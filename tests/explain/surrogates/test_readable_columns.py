"""Columns of numbers say what the user's columns hold."""

import numpy as np
import pandas as pd
import pytest

from skdl.exceptions import DataError
from skdl.explain.surrogates._readable_columns import OTHER, ReadableColumns

PEOPLE = pd.DataFrame(
    {
        "age": [30.0, None, 50.0, 10.0],
        "sex": ["male", "female", None, "male"],
        "alone": [True, False, True, True],
    }
)


def named(columns, X):
    return pd.DataFrame(columns.transform(X), columns=columns.get_feature_names_out())


def test_columns_of_a_tree():
    found = named(ReadableColumns().fit(PEOPLE), PEOPLE)

    assert found.columns.tolist() == [
        "age",
        "sex = male",
        "sex is missing",
        "sex = female",
        "alone = True",
        "alone = False",
    ]
    assert found["age"].tolist() == pytest.approx([30, np.nan, 50, 10], nan_ok=True)
    assert found["sex is missing"].tolist() == [0, 0, 1, 0]
    assert found["alone = False"].tolist() == [0, 1, 0, 0]


def test_columns_of_a_linear_model():
    found = named(ReadableColumns("linear").fit(PEOPLE), PEOPLE)

    assert found.columns.tolist() == [
        "age",
        "age is missing",
        "sex is missing",
        "sex = female",
        "alone = False",
    ]
    assert found["age"].tolist() == [30, 30, 50, 10]  # the median of 10, 30, 50
    assert found["age is missing"].tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("kind", ["Int64", "Float64", "object"])
def test_numbers_of_any_kind_are_numbers(kind):
    X = pd.DataFrame({"n": pd.Series([1, None, 3], dtype=kind)})

    columns = ReadableColumns().fit(X)

    assert columns.transform(X)[:, 0] == pytest.approx([1, np.nan, 3], nan_ok=True)
    assert columns.features_[0].is_whole
    assert columns.features_[0].has_missing


def test_categories_and_arrays_of_words():
    words = ["b", "a", "b"]
    frame = pd.DataFrame({"x0": pd.Categorical(words, categories=["a", "b", "c"])})
    array = np.array([[word] for word in words], dtype=object)

    assert named(ReadableColumns().fit(frame), frame).equals(
        named(ReadableColumns().fit(array), array)
    )


def test_rare_levels_are_one():
    words = [f"w{i}" for i in range(30)] + ["often"] * 5
    X = pd.DataFrame({"word": words})

    columns = ReadableColumns().fit(X)
    found = named(columns, pd.DataFrame({"word": ["often", "w29", "new"]}))

    assert len(columns.terms_) == 20
    assert found[f"word = {OTHER}"].tolist() == [0, 1, 1]
    assert found["word = often"].tolist() == [1, 0, 0]


def test_an_unseen_level_is_none_of_the_levels():
    columns = ReadableColumns().fit(PEOPLE[["sex"]])

    assert columns.transform(pd.DataFrame({"sex": ["other"]})).tolist() == [[0, 0, 0]]


def test_nothing_to_say_is_refused():
    with pytest.raises(DataError, match="Got 1 features, each of one level"):
        ReadableColumns().fit(pd.DataFrame({"a": ["x", "x"]}))
    with pytest.raises(DataError, match=r"rows of 3 columns. Got 2 columns"):
        ReadableColumns().fit(PEOPLE).transform(PEOPLE[["age", "sex"]])
