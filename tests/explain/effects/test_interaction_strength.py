"""Friedman's H is what a plain loop over scikit-learn's partial dependences gives."""

import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures

from skdl.exceptions import DataError, ParameterError
from skdl.explain import interaction_strength


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


SQUARE = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])


class TestByHand:
    def test_a_product_of_centred_features_is_all_interaction(self):
        found = interaction_strength(formula(lambda a, b, c: a * b), SQUARE)

        assert found.pairs == (("x0", "x1"), ("x0", "x2"), ("x1", "x2"))
        assert found.pairwise.tolist() == [[1, 0, 0]]
        assert found.pairwise_strength.tolist() == [[1, 0, 0]]
        assert found.total.tolist() == [[1, 1, 0]]
        assert found.total_strength.tolist() == [[1, 1, 0]]

    def test_a_product_beside_a_sum(self):
        # The spreads are 3 and 4 and independent: H of the pair is 4 / 5.
        found = interaction_strength(
            formula(lambda a, b, c: 3 * a + 4 * a * b + 12 * c), SQUARE
        )

        assert found.pairwise[0] == pytest.approx([4 / 5, 0, 0])
        assert found.pairwise_strength[0] == pytest.approx([4, 0, 0])
        assert found.total[0] == pytest.approx([4 / 13, 4 / 13, 0])

    def test_three_features_that_only_act_together(self):
        found = interaction_strength(formula(lambda a, b, c: a * b * c), SQUARE)

        assert found.pairwise.tolist() == [[0, 0, 0]]  # never two alone
        assert found.total.tolist() == [[1, 1, 1]]

    def test_side_by_side_is_no_interaction(self):
        X = normal(40, 3)
        found = interaction_strength(formula(lambda a, b, c: 1e3 + np.sin(a) + b**2), X)

        assert (found.total == 0).all()
        assert (found.pairwise == 0).all()

    def test_features_without_effect_have_none(self):
        # In float32, as networks answer: rounding must not look like an interaction.
        noise = np.float32(1e-6)
        model = formula(
            lambda a, b, c: (c * 50 + noise * np.sin(99 * a * b)).astype(np.float32)
        )
        found = interaction_strength(model, normal(30, 3))

        assert found.pairs[0] == ("x0", "x1")
        assert found.pairwise[0][0] == 0
        constant = interaction_strength(formula(lambda a, b, c: 0 * a), SQUARE)
        assert (constant.total == 0).all()
        assert (constant.pairwise == 0).all()

    def test_the_answer_to_a_weak_pair_is_large_h_but_little_strength(self):
        found = interaction_strength(
            formula(lambda a, b, c: 0.01 * a * b + 5 * c), SQUARE
        )

        assert found.pairwise[0][0] == pytest.approx(1)
        assert found.pairwise_strength[0][0] == pytest.approx(0.01)


def loop(estimator, X, one, other=None):
    """H of a pair, or of a feature with all others, by scikit-learn's numbers."""

    def dependence(columns):
        # The partial dependence at the rows' own values, one call per row.
        return np.array(
            [
                inspection.partial_dependence(
                    estimator,
                    X,
                    columns,
                    custom_values={place: row[[place]] for place in columns},
                    method="brute",
                )["average"].ravel()[0]
                for row in X
            ]
        )

    def centred(values):
        return values - values.mean()

    if other is not None:
        whole = centred(dependence([one, other]))
        rest = whole - centred(dependence([one])) - centred(dependence([other]))
    else:
        whole = centred(estimator.predict(X))
        without = []
        for row in X:
            copies = np.tile(row, (len(X), 1))
            copies[:, one] = X[:, one]
            without.append(estimator.predict(copies).mean())
        rest = whole - centred(dependence([one])) - centred(np.array(without))
    return np.sqrt((rest**2).sum() / (whole**2).sum()), np.sqrt((rest**2).mean())


class TestAgainstALoop:
    @pytest.fixture
    def fitted(self):
        X = normal(14, 3).round(1)
        X[:, 2] = X[:, 2] > 0
        y = X[:, 0] * X[:, 1] + X[:, 2] + X[:, 0] ** 2
        return make_pipeline(PolynomialFeatures(3), LinearRegression()).fit(X, y), X

    def test_pairs(self, fitted):
        model, X = fitted
        found = interaction_strength(model, X)

        for place, pair in enumerate([(0, 1), (0, 2), (1, 2)]):
            h, strength = loop(model, X, *pair)
            assert found.pairwise[0][place] == pytest.approx(h)
            assert found.pairwise_strength[0][place] == pytest.approx(strength)

    def test_totals(self, fitted):
        model, X = fitted
        found = interaction_strength(model, X)

        for place in range(3):
            h, strength = loop(model, X, place)
            assert found.total[0][place] == pytest.approx(h)
            assert found.total_strength[0][place] == pytest.approx(strength)

    def test_each_output_is_its_own(self):
        X = normal(20, 2)
        y = np.column_stack([X[:, 0] * X[:, 1], X.sum(axis=1)])
        both = RandomForestRegressor(3, random_state=0).fit(X, y)

        class One(Formula):
            def predict(self, X):
                return both.predict(X)[:, self.function]

        found = interaction_strength(both, X)

        assert found.output_names == ("prediction 0", "prediction 1")
        for output in (0, 1):
            one = interaction_strength(One(output).fit(X), X)
            assert found.pairwise[output] == pytest.approx(one.pairwise[0])
            assert found.total[output] == pytest.approx(one.total[0])


@given(st.integers(0, 1000), st.permutations(range(3)))
def test_the_order_of_rows_and_columns_does_not_show(seed, order):
    X = normal(9, 3, seed=seed)
    rows = np.random.default_rng(seed).permutation(9)

    def function(a, b, c):
        return np.sin(a * b) + c * a

    found = interaction_strength(formula(function), X)
    inverse = np.argsort(order)
    other = interaction_strength(
        formula(lambda *columns: function(*(columns[place] for place in inverse))),
        X[np.ix_(rows, order)],
    )

    assert other.total[0] == pytest.approx(found.total[0][list(order)])
    named = {
        frozenset(pair): h
        for pair, h in zip(found.pairs, found.pairwise[0], strict=True)
    }
    for pair, h in zip(other.pairs, other.pairwise[0], strict=True):
        before = frozenset(f"x{order[int(name[1:])]}" for name in pair)
        assert h == pytest.approx(named[before])


class TestTables:
    @pytest.fixture
    def words(self):
        generator = np.random.default_rng(0)
        X = pd.DataFrame(
            {
                "age": np.where(
                    generator.random(60) < 0.2, np.nan, generator.uniform(1, 80, 60)
                ),
                "sex": generator.choice(["male", "female"], 60),
                "port": generator.choice(["S", "C", None], 60),
            }
        )
        y = (X["age"].fillna(0) > 40) ^ (X["sex"] == "male")
        columns = make_column_transformer(
            (OneHotEncoder(), ["sex", "port"]), remainder="passthrough"
        )
        forest = RandomForestClassifier(10, random_state=0)
        return make_pipeline(columns, forest).fit(X, y), X

    def test_words_and_missing_values_in_a_pipeline(self, words):
        model, X = words
        found = interaction_strength(model, X)

        frame = found.to_frame()
        pairs = frame[frame["other"] != "all others"]
        assert set(pairs.iloc[0][["feature", "other"]]) == {"age", "sex"}
        assert pairs.iloc[0]["h"] > 0.5
        assert found.response == "probability"
        assert frame.notna().all(axis=None)

    def test_a_missing_value_is_a_value(self):
        X = pd.DataFrame({"a": [np.nan, 1.0, np.nan, 1.0], "b": [-1.0, -1.0, 1.0, 1.0]})
        model = formula(lambda a, b: np.where(np.isnan(a), -1, 1) * b + b)

        for pair in ("ab", "ba"):
            found = interaction_strength(model, X, pairs=[list(pair)])
            assert found.pairwise == pytest.approx(np.sqrt(1 / 2))

    def test_equal_values_are_asked_for_once(self):
        n_rows = []

        def counts(a, b, c):
            n_rows.append(len(a))
            return a * b

        X = np.repeat(SQUARE, 4, axis=0)  # 32 rows, 2 values of each feature
        interaction_strength(formula(counts), X)

        # The rows, 2 values of 3 features and 4 of 3 pairs; two trial copies within the
        # stack, the rows alone, and the first two.
        assert sum(n_rows) == 32 * (1 + 3 * 2 + 3 * 4) + 2 * 32 + 32 + 2

    def test_labels(self):
        X, y = load_iris(return_X_y=True)
        labels = np.column_stack([y == 1, y == 2])
        model = KNeighborsClassifier().fit(X, labels)

        found = interaction_strength(model, X, [2, 3], max_samples=20, random_state=0)

        assert found.output_names == ("label 0", "label 1")
        assert found.pairwise.shape == (2, 1)
        assert found.n_samples == 20


class TestWhatIsAsked:
    def test_features_pairs_and_names(self):
        X = normal(10, 4)
        model = formula(lambda a, b, c, d: a * b + c * d)
        names = ["a", "b", "c", "d"]

        found = interaction_strength(
            model, X, ["a", "b"], pairs=[("d", "c"), (0, -1)], feature_names=names
        )

        everything = interaction_strength(model, X, feature_names=names)
        assert found.feature_names == ("a", "b")
        assert found.pairs == (("d", "c"), ("a", "d"))
        assert found.total[0] == pytest.approx(everything.total[0][:2])
        assert found.pairwise[0] == pytest.approx(everything.pairwise[0][[5, 2]])

    def test_no_pairs(self):
        model = formula(lambda a, b, c: a * b)
        found = interaction_strength(model, SQUARE, pairs=[])

        assert found.pairs == ()
        assert found.pairwise.shape == (1, 0)
        assert found.total.tolist() == [[1, 1, 0]]
        assert len(found.to_frame()) == 3

    def test_the_seed_draws_the_rows(self):
        X = normal(60, 2)
        model = formula(lambda a, b: np.exp(a) * b)

        one, same, other = (
            interaction_strength(model, X, max_samples=20, random_state=seed).pairwise
            for seed in (0, 0, 1)
        )

        assert one == same
        assert one != other

    def test_the_bound_of_memory_does_not_show(self):
        X = normal(30, 3)
        model = formula(lambda a, b, c: a * b + np.sin(c * a))
        few, many = (
            interaction_strength(model, X, memory_bound=bound) for bound in (1, 2**30)
        )
        assert (few.pairwise == many.pairwise).all()


class TestRecord:
    @pytest.fixture
    def found(self):
        return interaction_strength(
            formula(lambda a, b, c: a * b + 3 * b * c + 2 * c), SQUARE
        )

    def test_it_is_frozen_and_can_be_kept(self, found):
        with pytest.raises(dataclasses.FrozenInstanceError):
            found.n_samples = 1
        assert pickle.loads(pickle.dumps(found)).pairs == found.pairs
        kept = json.loads(json.dumps(found.to_dict()))
        assert kept["pairs"] == [["x0", "x1"], ["x0", "x2"], ["x1", "x2"]]
        assert "all others" in found._repr_html_()

    def test_it_is_a_table_from_the_strongest_down(self, found):
        frame = found.to_frame()

        assert list(frame) == ["output", "feature", "other", "h", "strength"]
        assert frame["feature"].tolist() == ["x1", "x2", "x0", "x1", "x0", "x0"]
        assert frame["other"].tolist()[3:] == ["x2", "x1", "x2"]
        assert frame["strength"].tolist()[3:] == pytest.approx([3, 1, 0])


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"features": ["age"]}, "no feature 'age' among the 3 columns"),
            ({"features": [0, "x0"]}, r"name each feature once. Got \[0, 'x0'\]"),
            ({"pairs": [(0, 0)]}, r"two different features. Got \(0, 0\)"),
            ({"pairs": ["x0"]}, "two different features. Got 'x0'"),
            ({"pairs": [(0, 1, 2)]}, "two different features"),
            ({"max_samples": 1}, "'max_samples' .* of 2 or more. Got 1"),
            ({"feature_names": ["a"]}, "Got 1 names for 3 columns"),
        ],
    )
    def test_parameters(self, arguments, message):
        with pytest.raises(ParameterError, match=message):
            interaction_strength(formula(lambda a, b, c: a), SQUARE, **arguments)

    def test_one_row(self):
        with pytest.raises(DataError, match=r"Got 1 row. Pass at least two"):
            interaction_strength(formula(lambda a, b, c: a), SQUARE[:1])

    def test_not_fitted(self):
        with pytest.raises(NotFittedError):
            interaction_strength(Formula(None), SQUARE)
