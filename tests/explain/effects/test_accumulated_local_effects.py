"""Accumulated local effects are those of Apley and Zhu, exactly where rows are."""

import dataclasses
import json
import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skdl.exceptions import DataError, ParameterError
from skdl.explain import accumulated_local_effects


class Formula(RegressorMixin, BaseEstimator):
    """Predicts a function of the columns."""

    def __init__(self, function):
        self.function = function

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        columns = X.to_numpy() if isinstance(X, pd.DataFrame) else X
        return self.function(*columns.T)


def formula(function):
    return Formula(function).fit(None)


def normal(n_samples, n_features, seed=0):
    return np.random.default_rng(seed).normal(size=(n_samples, n_features))


def at_rows(effects, x, output=0):
    """The curve at the rows, straight between two edges."""
    return np.interp(x, effects.grid_values[0], effects.effects[output])


class TestByHand:
    def test_a_linear_model_gives_slope_times_distance_from_the_mean(self):
        X = normal(200, 2)
        model = LinearRegression().fit(X, 3 * X[:, 0] - X[:, 1])

        effects = accumulated_local_effects(model, X, 0, n_intervals=7)

        edges = effects.grid_values[0]
        assert len(edges) == 8
        assert edges[[0, -1]].tolist() == [X[:, 0].min(), X[:, 0].max()]
        assert effects.effects[0] == pytest.approx(3 * (edges - X[:, 0].mean()))
        assert effects.standard_errors == pytest.approx(0, abs=1e-9)
        assert effects.counts.tolist() == [29, 29, 28, 29, 28, 29, 28]

    def test_two_values(self):
        # The change from 0 to 1 is 1, 2, 3 and 6 in the four rows: 3 on average.
        X = np.array([[0, 1], [0, 2], [0, 3], [1, 6]])

        effects = accumulated_local_effects(formula(lambda a, b: a * b), X, 0)

        assert effects.effects.tolist() == [[-0.75, 2.25]]
        # Its variance is 14 / 3 in each of 4 rows; a quarter of the rows are at 1.
        error = np.sqrt(14 / 3 / 4)
        assert effects.standard_errors[0] == pytest.approx([error / 4, 3 * error / 4])
        assert effects.counts.tolist() == [4]

    def test_a_product_of_two_features(self):
        one, other = np.array([0.0, 1.0, 2.0, 4.0]), np.array([-1.0, 0.0, 5.0])
        X = np.array([[a, b] for a in one for b in other])

        effects = accumulated_local_effects(
            formula(lambda a, b: a * b + a**2 - 3 * b), X, [0, 1]
        )

        assert [axis.tolist() for axis in effects.grid_values] == [
            one.tolist(),
            other.tolist(),
        ]
        expected = np.outer(one - one.mean(), other - other.mean())
        assert effects.effects[0] == pytest.approx(expected)
        assert effects.counts.tolist() == [[4, 2], [2, 1], [2, 1]]
        assert effects.standard_errors is None

    def test_levels(self):
        # From a to b: b - a = 1, in rows of a and b; from b to c, 10 * x.
        X = pd.DataFrame({"word": list("aabbc"), "x": [1.0, 1.0, 2.0, 4.0, 6.0]})
        points = {"a": 0.0, "b": 1.0, "c": 1.0}

        def answer(word, x):
            values = np.array([points[level] for level in word])
            return values + 10 * (word == "c") * x

        effects = accumulated_local_effects(formula(answer), X, "word")

        assert effects.grid_values[0].tolist() == ["a", "b", "c"]
        curve = np.array([0, 1, 41])  # 10 * (2 + 4 + 6) / 3 on top
        assert effects.effects[0] == pytest.approx(curve - (0 * 2 + 1 * 2 + 41) / 5)
        assert effects.counts.tolist() == [2, 2, 1]
        assert effects.kind == "categorical"

    def test_levels_are_neighbours_where_the_other_features_are_alike(self):
        X = pd.DataFrame(
            {
                "word": np.repeat(["a", "b", "c", "d"], 50),
                "x": np.repeat([0.0, 20.0, 10.0, 30.0], 50)
                + np.random.default_rng(0).uniform(0, 15, 200),
                "missing": np.nan,
            }
        )

        effects = accumulated_local_effects(
            formula(lambda word, *_: np.zeros(len(word))), X, "word"
        )

        assert effects.grid_values[0].tolist() == ["a", "c", "b", "d"]
        assert effects.ordering == "similarity"

    def test_levels_that_go_with_the_words_of_another_feature(self):
        share = {"a": 0.0, "b": 1.0, "c": 0.5}
        X = pd.DataFrame({"word": np.repeat(["a", "b", "c"], 10)})
        X["other"] = [
            "yes" if place % 10 < 10 * share[word] else "no"
            for place, word in enumerate(X["word"])
        ]

        effects = accumulated_local_effects(
            formula(lambda word, _: np.zeros(len(word))), X, "word"
        )

        assert effects.grid_values[0].tolist() == ["a", "c", "b"]

    def test_a_declared_order_is_kept(self):
        levels = ["low", "middle", "high"]
        X = pd.DataFrame(
            {
                "size": pd.Categorical(
                    ["low", "high", "middle"] * 3, levels, ordered=True
                ),
                "x": np.arange(9.0),
            }
        )

        effects = accumulated_local_effects(
            formula(lambda size, _: (size == "high") * 1.0), X, "size"
        )

        assert effects.grid_values[0].tolist() == levels
        assert effects.ordering == "declared"
        assert effects.effects[0] == pytest.approx([-1 / 3, -1 / 3, 2 / 3])


def first_order_loop(function, X, place, n_intervals):
    """Apley and Zhu's estimate, one row after another."""
    x = np.sort(X[:, place])
    shares = np.arange(n_intervals + 1) / n_intervals
    edges = [x[0]]
    edges += [x[int(np.ceil(share * len(x) - 1e-9)) - 1] for share in shares[1:]]
    edges = sorted(set(edges))
    curve = [0.0]
    for low, high in pairwise(edges):
        changes = []
        for row in X:
            if low < row[place] <= high or (low == edges[0] == row[place]):
                up, down = row.copy(), row.copy()
                up[place], down[place] = high, low
                changes.append(function(*up) - function(*down))
        curve.append(curve[-1] + sum(changes) / len(changes))
    curve = np.array(curve)
    return np.array(edges), curve - np.interp(X[:, place], edges, curve).mean()


def second_order_loop(function, X, n_intervals):
    """The same for the two columns of X, with empty cells from the nearest."""
    grids = [first_order_loop(lambda *_: 0.0, X, k, n_intervals)[0] for k in (0, 1)]
    n_one, n_other = len(grids[0]) - 1, len(grids[1]) - 1
    cells = {(k, m): [] for k in range(n_one) for m in range(n_other)}
    inside = []
    for a, b in X:
        k = next(k for k in range(n_one) if a <= grids[0][k + 1])
        m = next(m for m in range(n_other) if b <= grids[1][m + 1])
        inside.append((k, m))
        low, high, left, right = *grids[0][k : k + 2], *grids[1][m : m + 2]
        cells[k, m].append(
            function(high, right)
            - function(low, right)
            - function(high, left)
            + function(low, left)
        )
    means = {cell: np.mean(found) for cell, found in cells.items() if found}

    def middle(cell):
        return np.array(
            [
                (grid[k] + grid[k + 1]) / 2 / (grid[-1] - grid[0])
                for grid, k in zip(grids, cell, strict=True)
            ]
        )

    filled = {
        cell: means[min(means, key=lambda c: sum((middle(c) - middle(cell)) ** 2))]
        for cell in cells
    }
    surface = np.zeros((n_one + 1, n_other + 1))
    for k in range(n_one):
        for m in range(n_other):
            surface[k + 1, m + 1] = sum(
                filled[i, j] for i in range(k + 1) for j in range(m + 1)
            )

    def value(table, a, b):
        over = [np.interp(b, grids[1], line) for line in table]
        return np.interp(a, grids[0], over)

    first, second = np.zeros(n_one + 1), np.zeros(n_other + 1)
    for k in range(n_one):
        rows = [row for row, cell in zip(X, inside, strict=True) if cell[0] == k]
        rises = [
            value(surface, grids[0][k + 1], b) - value(surface, grids[0][k], b)
            for _, b in rows
        ]
        first[k + 1] = first[k] + np.mean(rises)
    for m in range(n_other):
        rows = [row for row, cell in zip(X, inside, strict=True) if cell[1] == m]
        rises = [
            value(surface, a, grids[1][m + 1]) - value(surface, a, grids[1][m])
            for a, _ in rows
        ]
        second[m + 1] = second[m] + np.mean(rises)
    surface = surface - first[:, None] - second
    return grids, surface - np.mean([value(surface, a, b) for a, b in X])


def wavy(a, b, c=0.0):
    return np.sin(2 * a) * b + a**2 + c


class TestAgainstLoops:
    def test_first_order(self):
        X = normal(60, 3).round(1)  # some values repeat

        effects = accumulated_local_effects(formula(wavy), X, 0, n_intervals=8)

        edges, curve = first_order_loop(wavy, X, 0, 8)
        assert effects.grid_values[0] == pytest.approx(edges)
        assert effects.effects[0] == pytest.approx(curve)

    def test_second_order(self):
        X = normal(60, 2)
        X[:, 1] += 2 * X[:, 0]  # so that corners are empty

        effects = accumulated_local_effects(formula(wavy), X, [0, 1], n_intervals=6)

        grids, surface = second_order_loop(wavy, X, 6)
        assert (effects.counts == 0).sum() > 5
        assert effects.counts.sum() == 60
        assert effects.grid_values[0] == pytest.approx(grids[0])
        assert effects.grid_values[1] == pytest.approx(grids[1])
        assert effects.effects[0] == pytest.approx(surface)

    @pytest.mark.parametrize(
        ("name", "function"),
        [
            ("x", lambda x, word, z: x * z),
            ("word", lambda x, word, z: (word > "a") * z - (word > "b") * z),
        ],
    )
    def test_standard_errors_are_the_spread_over_draws(self, name, function):
        # All but the feature is drawn anew, so that the intervals stay.
        generator = np.random.default_rng(0)
        levels = pd.Categorical(np.repeat(list("abcd"), 20), ordered=True)
        X = pd.DataFrame({"x": generator.normal(size=80), "word": levels})

        found = [
            accumulated_local_effects(
                formula(function), X.assign(z=z), name, n_intervals=4
            )
            for z in generator.normal(size=(150, 80))
        ]

        spread = np.std([effects.effects[0] for effects in found], axis=0)
        error2 = np.mean([effects.standard_errors[0] ** 2 for effects in found], axis=0)
        assert spread == pytest.approx(np.sqrt(error2), rel=0.2)

    def test_an_interval_of_one_row_counts_with_the_variance_of_the_others(self):
        X = np.array([[0.0, 1.0], [1.0, 3.0], [9.0, 7.0]])

        effects = accumulated_local_effects(
            formula(lambda a, b: a * b), X, 0, n_intervals=2
        )

        assert effects.grid_values[0].tolist() == [0.0, 1.0, 9.0]
        # Changes 1 and 3 (mean 2, variance 2) in the first interval, 56 in the second.
        # The mean curve is (0 + 2 + 58) / 3.
        assert effects.effects[0] == pytest.approx([-20, -18, 38])
        assert effects.standard_errors[0][0] == pytest.approx(
            np.sqrt((2 / 3) ** 2 * 2 / 2 + (1 / 3) ** 2 * 2)
        )


def test_features_that_go_together_do_not_mislead():
    # The answer is x, but for a cliff where no row is: x and its companion are alike.
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 1, 400)
    X = np.column_stack([x, x + generator.uniform(-0.05, 0.05, 400)])
    model = formula(lambda a, b: a + 10 * (np.abs(a - b) > 0.3))

    effects = accumulated_local_effects(model, X, 0)

    edges = effects.grid_values[0]
    assert effects.effects[0] == pytest.approx(edges - x.mean(), abs=1e-9)
    dependence = partial_dependence(model, X, [0], grid_resolution=20)
    wrong = dependence["average"][0]
    assert np.ptp(wrong) > 2.5  # instead of 1
    assert wrong.argmin() not in (0, 19)


class TestTables:
    @pytest.fixture
    def titanic(self):
        generator = np.random.default_rng(0)
        n = 120
        X = pd.DataFrame(
            {
                "age": np.where(
                    generator.random(n) < 0.2, np.nan, generator.uniform(1, 80, n)
                ),
                "port": generator.choice(["S", "C", "Q", None], n),
                "class": generator.integers(1, 4, n),
                "adult": generator.random(n) < 0.7,
            }
        )
        X.attrs["units"] = {"age": "years"}
        y = np.where(X["adult"] & (X["class"] > 1), "no", "yes")
        columns = make_column_transformer(
            (SimpleImputer(), ["age"]),
            (OneHotEncoder(), ["port"]),
            remainder="passthrough",
        )
        model = make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(X, y)
        return model, X

    def test_missing_values_are_left_out_and_counted(self, titanic):
        model, X = titanic

        effects = accumulated_local_effects(model, X, "age")

        n_missing = int(X["age"].isna().sum())
        assert effects.n_left_out == n_missing > 0
        assert effects.n_samples == effects.counts.sum() == len(X) - n_missing
        assert effects.units == ("years",)
        assert effects.output_names == ("yes",)
        assert effects.response == "probability"
        known = X["age"].dropna()
        assert at_rows(effects, known).mean() == pytest.approx(0)

    def test_words_and_truth_values(self, titanic):
        model, X = titanic

        port = accumulated_local_effects(model, X, "port")
        adult = accumulated_local_effects(model, X, "adult")

        assert sorted(port.grid_values[0]) == ["C", "Q", "S"]
        assert port.n_left_out == X["port"].isna().sum() > 0
        assert adult.grid_values[0].tolist() == [False, True]
        assert adult.effects[0][1] < 0 < adult.effects[0][0]

    def test_numbers_may_be_codes(self, titanic):
        model, X = titanic

        effects = accumulated_local_effects(
            model, X, "class", categorical_features=["class"]
        )

        assert effects.kind == "categorical"
        assert sorted(effects.grid_values[0]) == [1, 2, 3]

    @pytest.mark.parametrize("kind", ["int64", "Int64", "float32", "category", "bool"])
    def test_columns_keep_their_type(self, kind):
        seen = set()

        def answer(X):
            seen.add(str(X.dtypes["a"]))
            return X["a"].astype(float).to_numpy() * X["b"].to_numpy()

        class Sees(Formula):
            def predict(self, X):
                return self.function(X)

        values = pd.Series([0, 1, 2, 5] * 5).astype(kind)
        X = pd.DataFrame({"a": values, "b": np.arange(20.0)})

        accumulated_local_effects(Sees(answer).fit(X), X, "a")

        assert seen == {kind}

    def test_arrays_of_objects(self):
        X = np.array([[1, "a"], [2, "b"], [4, "a"], [None, "b"]], dtype=object)
        model = formula(lambda a, b: 2 * a.astype(float) + (b == "b"))

        number = accumulated_local_effects(model, X, "x0")
        word = accumulated_local_effects(model, X[:3], "x1")

        assert number.grid_values[0].tolist() == [1.0, 2.0, 4.0]
        assert number.effects[0] == pytest.approx([-8 / 3, -2 / 3, 10 / 3])
        assert number.n_left_out == 1
        assert word.effects[0] == pytest.approx([-1 / 3, 2 / 3])

    def test_real_rows(self, data_file):
        X = pd.read_csv(data_file("titanic_seaborn.csv.gz"))[
            ["sex", "age", "fare", "pclass", "embarked"]
        ]
        model = formula(lambda sex, *_: (sex == "female") * 0.5)

        sex = accumulated_local_effects(model, X, "sex")
        age = accumulated_local_effects(model, X, "age")

        assert dict(zip(*sex.grid_values, sex.effects[0], strict=True)) == {
            "female": pytest.approx(0.5 * (X["sex"] == "male").mean()),
            "male": pytest.approx(-0.5 * (X["sex"] == "female").mean()),
        }
        assert age.n_left_out == 177
        assert age.effects == pytest.approx(0)


class TestOutputs:
    def test_probabilities_of_several_classes_move_against_each_other(self):
        X, y = load_iris(return_X_y=True, as_frame=True)
        model = LogisticRegression(max_iter=1000).fit(X, y)

        effects = accumulated_local_effects(model, X, "petal length (cm)")

        assert effects.output_names == ("0", "1", "2")
        assert effects.effects.shape == (3, len(effects.grid_values[0]))
        assert effects.effects.sum(axis=0) == pytest.approx(0)
        assert effects.effects[0][0] > effects.effects[0][-1]
        pair = accumulated_local_effects(model, X, [0, 2], n_intervals=5)
        assert pair.effects.shape == (3, 6, 6)

    def test_labels(self):
        X, y = make_multilabel_classification(60, 4, n_classes=3, random_state=0)
        model = RandomForestClassifier(5, random_state=0).fit(X, y)

        effects = accumulated_local_effects(model, X, 1, n_intervals=4)

        assert effects.output_names == ("label 0", "label 1", "label 2")
        assert len(effects.effects) == 3


class TestWeights:
    def test_a_weight_of_two_is_a_row_twice(self):
        X = normal(40, 2)
        weights = np.random.default_rng(1).integers(0, 3, 40)
        for features in (0, [0, 1]):
            weighted = accumulated_local_effects(
                formula(wavy), X, features, n_intervals=5, sample_weight=weights
            )
            repeated = accumulated_local_effects(
                formula(wavy), np.repeat(X, weights, axis=0), features, n_intervals=5
            )
            assert weighted.effects == pytest.approx(repeated.effects)
            assert weighted.n_left_out == (weights == 0).sum()

    @pytest.mark.parametrize("weight", [1.0, 0.1, 0.7])
    def test_equal_weights_do_not_move_edges_by_rounding(self, weight):
        X = np.column_stack([np.arange(10.0), np.ones(10)])
        for n_intervals in range(1, 11):
            edges = accumulated_local_effects(
                formula(wavy), X, 0, n_intervals=n_intervals,
                sample_weight=np.full(10, weight),
            ).grid_values[0]  # fmt: skip
            ranks = [-(-10 * k // n_intervals) - 1 for k in range(n_intervals + 1)]
            assert edges.tolist() == sorted({0, *ranks[1:]})

    def test_of_levels_too(self):
        X = pd.DataFrame({"word": list("aabbcc"), "x": np.arange(6.0)})
        model = formula(lambda word, x: (word == "b") * x)
        weights = [1, 2, 1, 1, 3, 1]

        weighted = accumulated_local_effects(model, X, "word", sample_weight=weights)
        repeated = accumulated_local_effects(
            model, X.loc[X.index.repeat(weights)], "word"
        )

        assert weighted.effects == pytest.approx(repeated.effects)


@given(
    arrays(float, (12, 2), elements=st.floats(-9, 9).map(lambda v: round(v, 1))),
    st.integers(1, 12),
)
def test_side_by_side_functions_are_found(X, n_intervals):
    X[0, 0], X[1, 0] = -10, 10

    effects = accumulated_local_effects(
        formula(lambda a, b: a**2 + np.sin(b)), X, 0, n_intervals=n_intervals
    )

    edges = effects.grid_values[0]
    expected = edges**2 - np.interp(X[:, 0], edges, edges**2).mean()
    assert effects.effects[0] == pytest.approx(expected, abs=1e-8)
    assert effects.standard_errors == pytest.approx(0, abs=1e-6)
    assert (effects.counts > 0).all()


def test_the_bound_of_memory_does_not_show():
    X = normal(50, 2)
    few, many = (
        accumulated_local_effects(formula(wavy), X, 0, memory_bound=bound)
        for bound in (1, 2**30)
    )
    assert (few.effects == many.effects).all()


class TestRecord:
    @pytest.fixture
    def effects(self):
        X = normal(30, 2)
        return accumulated_local_effects(formula(wavy), X, 0, n_intervals=3)

    def test_it_is_frozen_and_can_be_kept(self, effects):
        with pytest.raises(dataclasses.FrozenInstanceError):
            effects.kind = "categorical"
        again = pickle.loads(pickle.dumps(effects))
        assert (again.effects == effects.effects).all()
        kept = json.loads(json.dumps(effects.to_dict()))
        assert kept["record"] == "AccumulatedLocalEffects"
        assert kept["effects"] == effects.effects.tolist()
        assert "standard_error" in effects._repr_html_()

    def test_it_is_a_table(self, effects):
        frame = effects.to_frame()

        assert frame["x0"].tolist() == effects.grid_values[0].tolist()
        assert frame["n_samples"].tolist() == [0, 10, 10, 10]
        low, high = effects.confidence_interval(confidence_level=0.95)
        assert frame["low"].tolist() == low[0].tolist()
        assert high - low == pytest.approx(2 * 1.959964 * effects.standard_errors)

    def test_of_two_features(self):
        X = normal(30, 2)
        effects = accumulated_local_effects(
            formula(wavy), X, ["a", "b"], n_intervals=2, feature_names=["a", "b"]
        )

        frame = effects.to_frame()

        assert list(frame) == ["output", "a", "b", "effect", "n_samples"]
        assert len(frame) == 9
        assert frame["n_samples"].sum() == 30
        with pytest.raises(DataError, match="two features have no standard errors"):
            effects.confidence_interval()


def nothing(*columns):
    return np.zeros(len(columns[0]))


class TestErrors:
    X = pd.DataFrame(
        {
            "same": 3.0,
            "nothing": np.nan,
            "endless": [np.inf, *range(149)],
            "word": "a",
            "name": [f"name {row}" for row in range(150)],
            "x": np.arange(150.0),
        }
    )

    @pytest.mark.parametrize(
        ("features", "message"),
        [
            ("same", "'same' must have at least two values .* Got 3 in each of 150"),
            ("nothing", "rows with a value of 'nothing' .* Got none among 150 rows"),
            (["x", "nothing"], "a value of 'x' and 'nothing'"),
            ("endless", "'endless' has infinite values"),
            ("word", "'word', which is not numeric, .* Got only 'a' in 150 rows"),
            ("name", "must have 2 to 100 levels .* Got 150 levels in 150 rows"),
        ],
    )
    def test_data(self, features, message):
        with pytest.raises(DataError, match=message):
            accumulated_local_effects(formula(nothing), self.X, features)

    @pytest.mark.parametrize(
        ("features", "message"),
        [
            ("sane", "no feature 'sane' among the 6 columns. Nearest: 'same'"),
            (6, "position must be less than the number of columns, 6. Got 6"),
            ([], r"one feature or two different ones. Got \[\]"),
            (["x", "x"], "two different ones"),
            (["x", "same", "word"], "one feature or two"),
            (["x", "word"], "need two numeric features. Got 'word', which has levels"),
        ],
    )
    def test_features(self, features, message):
        X = self.X.assign(word=["a", "b"] * 75)
        with pytest.raises(ParameterError, match=message):
            accumulated_local_effects(formula(nothing), X, features)

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([1.0, 2.0], r"X has 150 rows but .sample_weight. has shape \(2,\)"),
            (np.zeros(150), "above 0. Got 0.0 to 0.0"),
            (-np.ones(150), "not negative"),
            (np.full(150, np.nan), "must be finite"),
        ],
    )
    def test_weights(self, weights, message):
        with pytest.raises(DataError, match=message):
            accumulated_local_effects(
                formula(nothing), self.X, "x", sample_weight=weights
            )

    def test_one_row(self):
        with pytest.raises(DataError, match="Got 1 in each of 1 rows"):
            accumulated_local_effects(formula(nothing), np.array([[1.0, 2.0]]), 0)

    def test_the_rest(self):
        with pytest.raises(ParameterError, match=r"'n_intervals' .* 1 or more. Got 0"):
            accumulated_local_effects(formula(nothing), self.X, "x", n_intervals=0)
        with pytest.raises(NotFittedError):
            accumulated_local_effects(Formula(nothing), self.X, "x")
