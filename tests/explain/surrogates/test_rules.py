"""The words of a rule are true of exactly the rows that meet it."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeRegressor

from skdl.explain.surrogates._rules import ReadableColumns, read_tree, shortest

NUMBER = r"-?[\d.,e+-]+"


def holds(condition, X):
    """Which rows a condition is true of; reads the words, knows no tree."""
    if condition == "all rows":
        return np.ones(len(X), bool)
    condition = condition.replace(" years", "")
    condition, n_missing = re.subn(" or missing$", "", condition)
    if found := re.fullmatch(r"(\w+) is (missing|known)", condition):
        return (X[found[1]].isna() == (found[2] == "missing")).to_numpy()
    if found := re.fullmatch(r"(\w+) (not in|in) \{(.*)\}", condition):
        words = X[found[1]].fillna("(missing)").astype(str)
        return (words.isin(found[3].split(", ")) == (found[2] == "in")).to_numpy()
    if found := re.fullmatch(rf"({NUMBER}) (<=?) (\w+) <= ({NUMBER})", condition):
        values = X[found[3]]
        low, high = (float(found[i].replace(",", "")) for i in (1, 4))
        true = (values >= low if found[2] == "<=" else values > low) & (values <= high)
        return (true | (values.isna() if n_missing else False)).to_numpy()
    name, sign, value = re.fullmatch(r"(\w+) (<=|>=|>|=|≠) (.*)", condition).groups()
    values = X[name]
    if values.dtype == object or str(values.dtype) in ("str", "bool"):
        words = values.fillna("(missing)").astype(str)
        return ((words == value) == (sign == "=")).to_numpy()
    number = float(value.replace(",", ""))
    true = {
        "<=": values <= number,
        ">=": values >= number,
        ">": values > number,
        "=": values == number,
    }[sign]
    return (true | (values.isna() if n_missing else False)).to_numpy()


def random_people(seed, n=120):
    generator = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "age": np.where(
                generator.rand(n) < 0.2, np.nan, generator.rand(n) * 80
            ).round(2),
            "wealth": np.round(generator.lognormal(8, 3, n), 1),
            "class": generator.randint(1, 4, n),
            "town": generator.choice(["A", "B", "C", "D"], n),
            "alone": generator.rand(n) < 0.5,
        }
    )
    X.loc[generator.rand(n) < 0.2, "town"] = None
    X.attrs["units"] = {"age": "years"}
    return X, generator


@given(st.integers(0, 10**6), st.integers(1, 6))
def test_each_row_meets_the_rule_of_its_leaf_and_no_other(seed, depth):
    X, generator = random_people(seed)
    columns = ReadableColumns().fit(X)
    numbers = columns.transform(X)
    tree = DecisionTreeRegressor(max_depth=depth, random_state=0)
    tree.fit(numbers, generator.rand(len(X), 2))

    nodes = read_tree(tree, columns, numbers)

    reached = tree.apply(numbers)
    for node in nodes:
        met = np.logical_and.reduce(
            [holds(condition, X) for condition in node.rule.split(" and ")]
        )
        if node.is_leaf:
            assert (met == (reached == node.place)).all(), node.rule
            values = tree.tree_.value[node.place, :, 0]
            assert node.response == pytest.approx(values)
        assert met.sum() == node.n_samples
        assert node.condition in node.rule


def test_nodes_come_before_what_is_below_them():
    X = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    columns = ReadableColumns().fit(X)
    tree = DecisionTreeRegressor().fit(columns.transform(X), [0, 0, 1, 5])

    nodes = read_tree(tree, columns, columns.transform(X))

    found = [(node.depth, node.condition, node.response) for node in nodes]
    assert found == [
        (0, "all rows", (1.5,)),
        (1, "x <= 3", (1 / 3,)),
        (2, "x <= 2", (0.0,)),
        (2, "x = 3", (1.0,)),
        (1, "x = 4", (5.0,)),
    ]


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=20, unique=True),
    st.integers(0, 10**6),
)
def test_a_short_threshold_keeps_all_values_on_their_sides(values, number):
    values = np.sort(np.array(values))
    place = number % (len(values) - 1)
    threshold = values[place : place + 2].mean()
    single = values.astype(np.float32)

    text = shortest(threshold, values)

    shown = float(text.replace(",", ""))
    assert ((values <= shown) == (single <= threshold)).all()


def test_thousands_are_easy_to_read():
    assert shortest(12345.0, np.array([10000.0, 15000.0])) == "12,000"
