"""Shapley values: equal to those by hand and by all orders of the features."""

import os
import subprocess
import sys
from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl.exceptions import (
    AdditivityWarning,
    DataError,
    MissingDependencyError,
    ParameterError,
    RowsDependWarning,
)
from skdl.explain import Attributions, attributions

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 4)).round(2)
Y = X[:, 0] * X[:, 1] + np.where(X[:, 2] > 0, 2.0, 0.0) * (X[:, 0] > 0)


@pytest.fixture(scope="module")
def tree():
    return DecisionTreeRegressor(max_depth=5, random_state=0).fit(X, Y)


@pytest.fixture(scope="module")
def found():
    labels = np.digitize(Y, [-0.5, 1.0])
    model = KNeighborsClassifier().fit(X, labels)
    return attributions(model, X[:5], X[60:80])


def by_all_orders(predict, row, background):
    """The mean over all orders of what each feature adds as it enters (Shapley)."""
    n_features = len(row)
    values = np.zeros((n_features, np.shape(predict(background))[1]))
    for order in permutations(range(n_features)):
        mixed = background.copy()
        before = predict(mixed).mean(axis=0)
        for feature in order:
            mixed[:, feature] = row[feature]
            after = predict(mixed).mean(axis=0)
            values[feature] += after - before
            before = after
    return values / factorial(n_features)


class TestByHand:
    def test_a_product_is_shared_equally(self):
        # f = a * b from (0, 0) to (2, 3): 6, half to each; the third is not used.
        ask = FunctionTransformer(lambda X: X[:, :2].prod(axis=1, keepdims=True))
        grid = np.array([[0.0, 0, 0], [2, 3, 1], [1, 1, 1], [5, 2, 0]])
        product = make_pipeline(ask, LinearRegression())
        product.fit(grid, grid[:, 0] * grid[:, 1])

        found = attributions(product, [[2.0, 3.0, 9.0]], grid[:1])

        np.testing.assert_allclose(found.values[0, :, 0], [3, 3, 0], atol=1e-12)
        np.testing.assert_allclose(found.base_values, [0], atol=1e-12)
        np.testing.assert_allclose(found.predictions, [[6]])
        assert found.method == "shapley"
        assert found.n_evaluations == 8

    def test_a_linear_model(self):
        linear = LinearRegression().fit(X, X @ [1.0, -2.0, 0.5, 0.0])

        found = attributions(linear, X[:7], X)

        assert found.n_background == 100
        drawn = attributions(linear, X[:7], X, max_background=1000)
        expected = linear.coef_ * (X[:7] - X.mean(axis=0))
        np.testing.assert_allclose(drawn.values[:, :, 0], expected, atol=1e-10)

    def test_a_group_is_one_feature(self):
        linear = LinearRegression().fit(X, X @ [1.0, -2.0, 0.5, 0.0])

        found = attributions(linear, X[:2], X[50:], groups={"pair": [1, "x3"]})

        each = linear.coef_ * (X[:2] - X[50:].mean(axis=0))
        assert found.feature_names == ("pair", "x0", "x2")
        np.testing.assert_allclose(found.values[:, 0, 0], each[:, 1] + each[:, 3])
        assert found.feature_values["pair"].iloc[0] == f"{X[0, 1]}, {X[0, 3]}"


class TestExact:
    def test_equals_all_orders(self, tree):
        found = attributions(tree, X[:3], X[60:90])

        for place in range(3):
            expected = by_all_orders(
                lambda rows: tree.predict(rows)[:, None], X[place], X[60:90]
            )
            np.testing.assert_allclose(found.values[place], expected, atol=1e-12)
        assert found.additivity_gap < 1e-12
        assert found.standard_errors is None

    def test_several_classes_equal_all_orders(self):
        labels = np.digitize(Y, [-0.5, 1.0])
        forest = RandomForestClassifier(5, max_depth=3, random_state=0).fit(X, labels)

        found = attributions(forest, X[:2], X[60:80])

        assert found.values.shape == (2, 4, 3)
        assert found.output_names == ("0", "1", "2")
        assert found.response == "probability"
        for place in range(2):
            expected = by_all_orders(forest.predict_proba, X[place], X[60:80])
            np.testing.assert_allclose(found.values[place], expected, atol=1e-12)
        # Probabilities sum to one, so that what a feature adds sums to nothing.
        np.testing.assert_allclose(found.values.sum(axis=2), 0, atol=1e-12)

    def test_one_output_is_a_part_of_all(self):
        labels = np.digitize(Y, [-0.5, 1.0])
        model = KNeighborsClassifier().fit(X, labels)

        every = attributions(model, X[:2], X[60:80])
        one = attributions(model, X[:2], X[60:80], output="2")

        assert one.output_names == ("2",)
        np.testing.assert_array_equal(one.values[:, :, 0], every.values[:, :, 2])
        assert one.base_values.tolist() == [every.base_values[2]]

    def test_symmetric_features_get_the_same(self):
        model = LogisticRegression().fit(X, Y > 0.5)
        model.coef_[:] = [[1.5, 1.5, -1.0, 0.0]]
        background = np.vstack([X[:20], X[:20][:, [1, 0, 2, 3]]])

        found = attributions(model, [[0.7, 0.7, 0.1, 3.0]], background)

        first, second, _, unused = found.values[0, :, 0]
        assert first == pytest.approx(second, abs=1e-12)
        assert unused == pytest.approx(0, abs=1e-15)

    def test_several_labels(self):
        labels = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(int)
        model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, labels)

        found = attributions(model, X[:3], X[60:])

        assert found.output_names == ("label 0", "label 1")
        expected = by_all_orders(
            lambda rows: np.column_stack([p[:, 1] for p in model.predict_proba(rows)]),
            X[0],
            X[60:],
        )
        np.testing.assert_allclose(found.values[0], expected, atol=1e-12)

    def test_several_quantities(self):
        model = LinearRegression().fit(X, np.column_stack([X[:, 0], 3 * X[:, 1]]))

        found = attributions(model, X[:2], X[100:])

        assert found.output_names == ("prediction 0", "prediction 1")
        expected = 3 * (X[:2, 1] - X[100:, 1].mean())
        np.testing.assert_allclose(found.values[:, 1, 1], expected)

    def test_small_memory_changes_nothing(self, tree):
        large = attributions(tree, X[:9], X[60:90])
        small = attributions(tree, X[:9], X[60:90], memory_bound=1)

        np.testing.assert_array_equal(large.values, small.values)

    def test_few_calls(self, tree):
        calls = []

        class Counting(DecisionTreeRegressor):
            def predict(self, X):
                calls.append(len(X))
                return super().predict(X)

        model = Counting(max_depth=3, random_state=0).fit(X, Y)
        attributions(model, X[:20], X[20:])

        assert len(calls) < 12
        assert max(calls) > 10_000


class TestSampled:
    def test_is_near_the_exact_values(self):
        wide = RANDOM.normal(size=(120, 9))
        model = DecisionTreeRegressor(max_depth=6, random_state=0)
        model.fit(wide, wide[:, 0] * wide[:, 1] * (wide[:, 2] > 0) + wide[:, 3])
        exact = attributions(model, wide[:5], wide[60:90])
        sampled = attributions(
            model, wide[:5], wide[60:90], max_evaluations=19 * 12, random_state=0
        )

        assert sampled.method == "sampled_shapley"
        assert sampled.n_evaluations <= 19 * 12 < exact.n_evaluations == 2**9
        errors = sampled.standard_errors
        assert errors.shape == sampled.values.shape
        distance = np.abs(sampled.values - exact.values)
        assert (distance <= 5 * errors + 1e-12).all()
        assert 0.2 < np.sqrt(np.mean(distance**2) / np.mean(errors**2)) < 2.0
        assert sampled.is_additive
        assert "standard_error" in sampled.to_frame()

    def test_pairs_are_exact(self):
        # There and back through a permutation is exact for products of two features.
        ask = FunctionTransformer(lambda X: X[:, [0]] * X[:, [1]] + X[:, [2]])
        model = make_pipeline(ask, LinearRegression()).fit(X, X[:, 0] * X[:, 1])

        exact = attributions(model, X[:3], X[60:90])
        wide = np.hstack([X, X])
        model.fit(wide, wide[:, 0] * wide[:, 1])
        sampled = attributions(model, wide[:3], wide[60:90], max_evaluations=40)

        assert exact.method == "shapley"
        assert sampled.method == "sampled_shapley"
        np.testing.assert_allclose(
            sampled.values[:, :3], exact.values[:, :3], atol=1e-10
        )
        np.testing.assert_allclose(sampled.standard_errors, 0, atol=1e-10)

    def test_chance_is_the_seed_alone(self):
        wide = np.hstack([X, X])
        model = DecisionTreeRegressor(max_depth=4, random_state=0).fit(wide, Y)

        def sample(seed):
            return attributions(
                model, wide[:2], wide, max_evaluations=40, random_state=seed
            ).values

        np.random.seed(3)
        first = sample(1)
        after = np.random.random()
        np.random.seed(3)
        assert after == np.random.random()  # NumPy's own generator was not touched
        np.testing.assert_array_equal(first, sample(1))
        assert (first != sample(2)).any()


class TestTables:
    def test_words_and_gaps_in_a_pipeline(self):
        frame = pd.DataFrame(
            {
                "colour": ["red", "blue", "red", None, "green", "blue"] * 10,
                "size": [1, 2, 3, 4, 5, 6] * 10,
                "mass": [1.5, np.nan, 2.5, 0.5, np.nan, 1.0] * 10,
            },
            index=range(5, 65),
        )
        frame.attrs["units"] = {"mass": "kg"}
        target = (frame["colour"] == "red") | (frame["size"] > 4)
        model = make_pipeline(
            make_column_transformer(
                (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
                (SimpleImputer(), ["size", "mass"]),
            ),
            DecisionTreeClassifier(max_depth=3, random_state=0),
        ).fit(frame, target)

        found = attributions(model, frame.iloc[:6], frame)

        assert found.output_names == ("True",)
        assert found.units == ("", "", "kg")
        assert found.is_additive
        assert found.feature_values.index.tolist() == [5, 6, 7, 8, 9, 10]
        # By hand for the first row, over all orders.
        rows = frame.to_numpy(dtype=object)

        def predict(cells):
            table = pd.DataFrame(cells, columns=frame.columns).astype(frame.dtypes)
            return model.predict_proba(table)[:, 1:]

        expected = by_all_orders(predict, rows[0], rows)
        np.testing.assert_allclose(found.values[0], expected, atol=1e-12)

    def test_types_of_columns_may_differ(self):
        background = pd.DataFrame({"a": [1.5, 2.0, np.nan], "b": [1, 2, 3]})
        rows = pd.DataFrame({"a": [1, 2], "b": [1.5, 2.5]})
        model = make_pipeline(SimpleImputer(), LinearRegression())
        model.fit(background, [1.0, 2.0, 4.0])

        found = attributions(model, rows, background)

        assert found.additivity_gap < 1e-12

    def test_repeated_rows_and_names(self, tree):
        found = attributions(tree, X[[0, 0]], X[60:], feature_names=list("abcd"))

        np.testing.assert_array_equal(found.values[0], found.values[1])
        assert found.feature_names == ("a", "b", "c", "d")


class TestRecord:
    def test_frame(self, found):
        frame = found.to_frame()

        assert list(frame) == ["sample", "output", "feature", "value", "attribution"]
        assert len(frame) == 5 * 3 * 4
        for (sample, output), part in frame.groupby(["sample", "output"]):
            sizes = part["attribution"].abs()
            assert sizes.is_monotonic_decreasing
            for _, row in part.iterrows():
                place = found.feature_names.index(row["feature"])
                assert row["value"] == X[sample, place]
                expected = found.values[sample, place, int(output)]
                assert row["attribution"] == expected

    def test_dict_and_html(self, found):
        values = found.to_dict()

        assert values["record"] == "Attributions"
        assert values["values"] == found.values.tolist()
        assert "Attributions" in found._repr_html_()

    def test_group(self, found):
        group = found.aggregate([0, 2, 4])

        chosen = found.values[[0, 2, 4]]
        np.testing.assert_allclose(group.mean_absolute, np.abs(chosen).mean(axis=0))
        np.testing.assert_allclose(group.mean, chosen.mean(axis=0))
        assert group.n_samples == 3
        sums = group.base_values + group.mean.sum(axis=0)
        np.testing.assert_allclose(sums, group.mean_predictions, atol=1e-12)
        mask = np.array([True, False, True, False, True])
        np.testing.assert_array_equal(found.aggregate(mask).mean, group.mean)
        assert found.aggregate().n_samples == 5

    def test_frame_of_group(self, found):
        frame = found.aggregate().to_frame()

        assert list(frame) == ["output", "feature", "mean_absolute", "mean"]
        assert len(frame) == 12
        first = frame[frame["output"] == "0"]
        assert first["mean_absolute"].is_monotonic_decreasing
        best = int(np.argmax(np.abs(found.values[:, :, 0]).mean(axis=0)))
        assert first["feature"].iloc[0] == f"x{best}"
        assert first["mean"].iloc[0] == found.values[:, best, 0].mean()

    @pytest.mark.parametrize("rows", [[9], [False] * 5, [True] * 4, []])
    def test_no_such_group(self, found, rows):
        with pytest.raises(ParameterError, match="'rows' parameter of aggregate must"):
            found.aggregate(rows)


class TestWarnings:
    def test_an_estimator_that_changes_its_mind(self):
        class Fickle(LinearRegression):
            def predict(self, X):
                return super().predict(X) + (len(X) == 2)

        model = Fickle().fit(X, Y)
        with pytest.warns(AdditivityWarning, match="miss its predictions by up to"):
            found = attributions(model, X[:2], X[60:])

        assert not found.is_additive

    def test_rows_that_depend_on_others(self):
        centred = FunctionTransformer(lambda X: X - X.mean(axis=0))
        model = make_pipeline(centred, LinearRegression()).fit(X, Y)

        with pytest.warns(RowsDependWarning, match="depend on the other rows"):
            attributions(model, X[:2], X[60:])


class TestErrors:
    @pytest.mark.parametrize(
        ("parameters", "error", "message"),
        [
            ({"method": "lime"}, ParameterError, "'method' .* must be one of"),
            ({"output": "x"}, ParameterError, "'output' parameter must be one of"),
            ({"n_steps": 0}, ParameterError, "'n_steps' .* of 1 or more"),
            (
                {"max_background": 1.5},
                ParameterError,
                "'max_background' .* integer of 1",
            ),
            (
                {"max_evaluations": 0},
                ParameterError,
                "'max_evaluations' .* integer of 1",
            ),
            (
                {"max_evaluations": 15},
                ParameterError,
                "must be at least 18 for 4 features, which is two permutations. Got 15",
            ),
            ({"groups": [["y0"]]}, ParameterError, "There is no feature 'y0'"),
            ({"feature_names": ["a"]}, ParameterError, "one name per column of X"),
            (
                {"method": "integrated_gradients"},
                ParameterError,
                "cannot explain this DecisionTreeRegressor: DecisionTreeRegressor is "
                "not a network of skdl. Use method='shapley'.",
            ),
        ],
    )
    def test_parameters(self, tree, parameters, error, message):
        with pytest.raises(error, match=message):
            attributions(tree, X[:2], X, **parameters)

    def test_other_columns(self, tree):
        with pytest.raises(DataError, match=r"Got X as ndarray of shape \(2, 4\)"):
            attributions(tree, X[:2], X[:, :3])
        with pytest.raises(DataError, match="background as DataFrame of shape"):
            attributions(tree, X[:2], pd.DataFrame(X))

    def test_other_names(self):
        frame = pd.DataFrame(X, columns=list("abcd"))
        model = LinearRegression().fit(frame, Y)

        with pytest.raises(DataError, match=r"columns of X, in the same order"):
            attributions(model, frame[:2], frame[list("dcba")])

    def test_without_shap(self, tree, monkeypatch):
        monkeypatch.setitem(sys.modules, "shap", None)

        with pytest.raises(MissingDependencyError, match=r"pip install 'skdl\[shap\]'"):
            attributions(tree, X[:2], X)

    def test_is_a_record(self, tree):
        assert isinstance(attributions(tree, X[:1], X), Attributions)


def test_a_scaler_before_an_estimator_changes_nothing(tree):
    scaled = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y > 0.5)

    found = attributions(scaled, X[:2], X[60:])

    expected = by_all_orders(
        lambda rows: scaled.predict_proba(rows)[:, 1:], X[0], X[60:]
    )
    np.testing.assert_allclose(found.values[0], expected, atol=1e-12)


PROGRAM = """
import numpy as np
from sklearn.linear_model import LinearRegression
from skdl.explain import attributions
X = np.random.default_rng(0).normal(size=(50, 5))
model = LinearRegression().fit(X, X[:, 0] - 2 * X[:, 1])
for most in None, 22:
    found = attributions(model, X[:2], X[20:], max_evaluations=most, random_state=0)
    expected = model.coef_ * (X[:2] - X[20:].mean(axis=0))
    np.testing.assert_allclose(found.values[:, :, 0], expected, atol=1e-9)
    print(found.method)
"""


@pytest.mark.slow
def test_with_the_loops_of_shap_compiled(root):
    # All other tests run them as they are written (tests/conftest.py).
    environment = os.environ | {"PYTHONPATH": str(root)}
    environment.pop("NUMBA_DISABLE_JIT")
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == ["shapley", "sampled_shapley"]
