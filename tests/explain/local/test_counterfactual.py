"""Counterfactuals: the nearest flip where it is known, and honest where it is not."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdl.exceptions import DataError, ParameterError, RowsDependWarning
from skdl.explain import Counterfactual, counterfactual

# Both features have the median 4.5 and the median absolute deviation 2.5.
GRID = np.array(list(product(range(10), range(10))), dtype=float)


class Rule(ClassifierMixin, BaseEstimator):
    """Predicts by a rule that is given."""

    def __init__(self, rule, classes=(False, True)):
        self.rule = rule
        self.classes = classes

    def fit(self, X, y=None):
        self.classes_ = np.array(self.classes)
        return self

    def predict_proba(self, X):
        return np.eye(len(self.classes))[np.asarray(self.rule(X), int)]

    def predict(self, X):
        return self.classes_[np.asarray(self.rule(X), int)]


def corner(X):
    return (X[:, 0] > 6.5) | ((X[:, 1] > 3.5) & (X[:, 0] > 2.5))


class TestNearest:
    @pytest.mark.parametrize(
        ("row", "changed", "after"),
        [
            ([6, 3], ("x0",), [7, 3]),  # 1 up, or 1 right: a tie of one step each
            ([5, 2], ("x0",), [7, 2]),  # 2 right or 2 up
            ([5, 0], ("x0",), [7, 0]),  # 2 right is nearer than 4 up
            ([2, 9], ("x0",), [3, 9]),
            ([2, 3], ("x0", "x1"), [3, 4]),  # 2 changes of one step each, or 5 right
            ([0, 0], ("x0",), [7, 0]),  # 7 right, 2.8 + 0.5, or 3 + 4: 2.8 + 2 * 0.5
            ([8, 9], ("x0",), [2, 9]),
        ],
    )
    def test_of_two_numbers(self, row, changed, after):
        model = Rule(corner).fit(GRID)

        change = counterfactual(model, GRID, row)

        assert change.found
        distance = np.abs(np.subtract(row, after)).sum() / 2.5
        assert change.distance == pytest.approx(distance)
        assert len(change.changed) == len(changed)
        assert model.predict(change.row_after) != model.predict(np.array([row]))

    def test_the_step_of_a_tree(self):
        X, y = load_iris(return_X_y=True, as_frame=True)
        tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
        # Petal width above 1.75 is class 2, and 1.8 the first such value.
        change = counterfactual(tree, X, 60, desired=2)

        assert change.changed == ("petal width (cm)",)
        assert change.row_after["petal width (cm)"].tolist() == [1.8]
        assert (change.prediction_before, change.prediction_after) == (1, 2)
        column = X["petal width (cm)"]
        deviation = (column - column.median()).abs().median()
        assert change.distance == pytest.approx(0.8 / deviation)

    @pytest.mark.parametrize("seed", range(30))
    def test_is_the_best_of_all(self, seed):
        max_changed = 1 + seed % 3
        random = np.random.default_rng(seed)
        X = random.integers(0, 5, size=(60, 3)).astype(float)
        y = random.integers(0, 2, size=60)
        tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, y)
        row, values = X[0], [np.unique(column) for column in X.T]
        units = [_unit(column) for column in X.T]
        best = np.inf
        for cells in product(*values):
            changed = np.not_equal(cells, row)
            if tree.predict([cells]) != tree.predict([row]) and (
                changed.sum() <= max_changed
            ):
                steps = (np.abs(np.subtract(cells, row)) / units).sum()
                best = min(best, steps + 0.5 * changed.sum())

        change = counterfactual(tree, X, 0, max_changed=max_changed)

        assert change.found == np.isfinite(best)
        if change.found:
            cost = change.distance + 0.5 * len(change.changed)
            assert cost == pytest.approx(best)


def _unit(column):
    return np.median(np.abs(column - np.median(column))) or np.ptp(column) or 1.0


class TestLimits:
    def test_fixed_features_stay(self):
        model = Rule(corner).fit(GRID)

        free = counterfactual(model, GRID, [5, 0])
        held = counterfactual(model, GRID, [5, 0], fixed=["x0"])

        assert free.changed == ("x0",)
        assert held.changed == ("x1",)
        assert held.row_after.tolist() == [[5, 4]]

    def test_ranges_are_kept(self):
        model = Rule(corner).fit(GRID)

        low = counterfactual(model, GRID, [5, 0], ranges={"x0": (None, 6)})
        high = counterfactual(model, GRID, [5, 0], ranges={"x0": (9, None), 1: (0, 3)})

        assert low.row_after.tolist() == [[5, 4]]
        assert high.row_after.tolist() == [[9, 0]]

    def test_a_fixed_feature_leaves_nothing(self):
        model = Rule(lambda X: X[:, 0] > 4.5).fit(GRID)

        change = counterfactual(model, GRID, [0, 0], fixed=["x0"])

        assert not change.found
        assert change.prediction_after == change.prediction_before
        assert change.desired == "other than False"
        assert "No change that leads to other than False was found" in change.summary
        assert np.isfinite(change.nearest_real_distance)

    def test_nothing_may_change(self):
        model = Rule(corner).fit(GRID)

        change = counterfactual(model, GRID, [0, 0], fixed=["x0", "x1"])

        assert not change.found
        assert change.changed == ()
        assert change.n_candidates == 0
        assert len(change.to_frame()) == 0
        assert "0 changed features" in change._repr_html_()

    def test_the_best_attempt_is_the_nearest_to_the_goal(self):
        X = np.arange(20.0).reshape(-1, 1)
        model = LinearRegression().fit(X, X[:, 0])

        change = counterfactual(model, X, 3, desired=(30, None))

        assert not change.found
        assert change.row_after.tolist() == [[19.0]]
        assert change.desired == "at least 30"
        assert np.isnan(change.nearest_real_distance)

    def test_max_changed(self):
        model = Rule(lambda X: (X > 4.5).all(axis=1)).fit(GRID)

        two = counterfactual(model, GRID, [4, 4])
        one = counterfactual(model, GRID, [4, 4], max_changed=1)

        assert two.row_after.tolist() == [[5, 5]]
        assert not one.found
        assert len(one.changed) <= 1

    def test_needless_changes_are_undone(self):
        # Six features must change, more than the search combines by itself.
        X = np.random.default_rng(0).integers(0, 3, size=(300, 9)).astype(float)
        X[0], X[1] = 0, 2
        model = Rule(lambda X: (X[:, :6] > 0.5).all(axis=1)).fit(X)

        change = counterfactual(model, X, 0)

        assert change.found
        assert change.row_after.tolist() == [[1] * 6 + [0] * 3]


class TestGoals:
    def test_another_class_or_a_certain_one(self):
        bands = Rule(lambda X: np.digitize(X[:, 0], [2.5, 6.5]), ("a", "b", "c"))
        model = bands.fit(GRID)

        nearest = counterfactual(model, GRID, [0, 0])
        certain = counterfactual(model, GRID, [0, 0], desired="c")

        assert nearest.prediction_after == "b"
        assert nearest.row_after.tolist() == [[3, 0]]
        assert certain.prediction_after == "c"
        assert certain.row_after.tolist() == [[7, 0]]
        assert certain.output_names == ("a", "b", "c")
        assert certain.response_after.tolist() == [0, 0, 1]

    def test_a_range_of_a_quantity(self):
        model = LinearRegression().fit(GRID, GRID @ [1.0, 10.0])

        change = counterfactual(model, GRID, [0, 0], desired=(38, 42))

        assert change.found
        assert change.row_after.tolist() == [[0, 4]]
        assert change.prediction_after == pytest.approx(40)
        assert change.desired == "from 38 to 42"

    def test_what_is_predicted_decides_not_the_probability(self):
        model = LogisticRegression().fit(GRID, GRID[:, 0] > 4.5)
        strict = FixedThresholdClassifier(model, threshold=0.95).fit(
            GRID, GRID[:, 0] > 4.5
        )

        change = counterfactual(strict, GRID, [0, 0])

        assert change.prediction_after is True
        assert change.response_after[0] >= 0.95
        assert counterfactual(model, GRID, [0, 0]).response_after[0] < 0.95

    def test_decision_functions(self):
        bands = np.digitize(GRID[:, 0], [2.5, 6.5])

        for shape in ("ovr", "ovo"):
            model = SVC(decision_function_shape=shape).fit(GRID, bands)
            change = counterfactual(model, GRID, 0, desired=2)
            assert change.found
            assert change.prediction_after == 2


class TestTables:
    @pytest.fixture
    def frame(self):
        frame = pd.DataFrame(
            {
                "colour": ["red", "blue", "red", None, "green", "blue"] * 10,
                "size": [1, 2, 3, 4, 5, 6] * 10,
                "mass": [1.5, np.nan, 2.5, 0.5, np.nan, 1.0] * 10,
            },
            index=range(5, 65),
        )
        frame.attrs["units"] = {"mass": "kg"}
        return frame

    @pytest.fixture
    def model(self, frame):
        columns = make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
            (SimpleImputer(), ["size", "mass"]),
        )
        target = np.where(frame["colour"] == "red", "yes", "no")
        model = make_pipeline(columns, DecisionTreeClassifier(random_state=0))
        return model.fit(frame, target)

    def test_words_change(self, model, frame):
        change = counterfactual(model, frame, 1)

        assert change.changed == ("colour",)
        assert change.distance == 1
        assert change.to_frame().values.tolist() == [["colour", "blue", "red", 1.0]]
        assert change.units == ("", "", "kg")

    def test_a_gap_is_filled_but_none_is_made(self, model, frame):
        filled = counterfactual(model, frame, 3)
        left = counterfactual(model, frame, 0)

        assert filled.row_before["colour"].isna().all()
        assert filled.row_after["colour"].tolist() == ["red"]
        assert left.row_after["colour"].iloc[0] in ("blue", "green")

    def test_types_stay(self, frame):
        class BySize(Rule):
            def fit(self, X, y=None):
                return super().fit(X)

        model = BySize(lambda X: X["size"].to_numpy() >= 4).fit(frame)
        change = counterfactual(model, frame, 0)

        assert change.row_after.dtypes.tolist() == frame.dtypes.tolist()
        assert change.to_frame()["after"].tolist() == [4]
        assert isinstance(change.to_frame()["after"].iloc[0], int)

    def test_words_in_a_range(self, model, frame):
        change = counterfactual(model, frame, 0, ranges={"colour": ["green"]})

        assert change.row_after["colour"].tolist() == ["green"]

    @pytest.mark.parametrize(
        "make",
        [
            lambda frame: frame.iloc[[1]],
            lambda frame: frame.iloc[[1]][["mass", "size", "colour"]],
            lambda frame: frame.iloc[1],
            lambda frame: frame.iloc[1].to_dict(),
            lambda frame: ["blue", 2, np.nan],
            lambda frame: -59,
        ],
    )
    def test_ways_to_give_the_row(self, model, frame, make):
        change = counterfactual(model, frame, make(frame))

        assert change.row_before["colour"].tolist() == ["blue"]
        assert change.row_before["size"].dtype == frame["size"].dtype
        assert change.row_after["colour"].tolist() == ["red"]

    def test_a_row_of_other_types(self, model, frame):
        change = counterfactual(model, frame, ["blue", 2.5, 1.0])

        assert change.row_before["size"].tolist() == [2.5]
        assert change.found


class TestRecord:
    @pytest.fixture
    def change(self):
        return counterfactual(Rule(corner).fit(GRID), GRID, [2, 3])

    def test_frame_dict_and_html(self, change):
        assert isinstance(change, Counterfactual)
        frame = change.to_frame()
        assert list(frame) == ["feature", "before", "after", "step"]
        assert frame["step"].tolist() == pytest.approx([0.4, 0.4])
        values = change.to_dict()
        assert values["row_after"] == [[3.0, 4.0]]
        assert values["found"] is True
        page = change._repr_html_()
        assert "2 changed features lead from False to True" in page
        assert "not what would happen in the world" in page

    def test_plausibility_by_hand(self, change):
        # The changed row is one of the grid; there is one each 0.4 steps.
        assert change.nearest_real_distance == 0
        assert change.typical_distance == pytest.approx(0.4)

    def test_an_odd_row_is_said_to_be_far(self):
        # Both features go together in X; the changed row tears them apart.
        X = np.column_stack([np.arange(40.0), np.arange(40.0)])
        model = Rule(lambda X: X[:, 1] > 30.5).fit(X)

        change = counterfactual(model, X, [0, 0])

        assert change.row_after.tolist() == [[0, 31]]
        assert change.nearest_real_distance > 10 * change.typical_distance


class TestPerformance:
    def test_memory_and_repetition_change_nothing(self):
        X, y = load_breast_cancer(return_X_y=True)
        X = X[:, :8]
        model = RandomForestClassifier(10, random_state=0).fit(X, y)

        first = counterfactual(model, X, 0)
        again = counterfactual(model, X, 0)
        small = counterfactual(model, X, 0, memory_bound=100_000)

        assert first.found
        assert first.n_candidates == again.n_candidates
        np.testing.assert_array_equal(first.row_after, again.row_after)
        np.testing.assert_array_equal(first.row_after, small.row_after)

    def test_few_calls(self):
        sizes = []

        def rule(X):
            sizes.append(len(X))
            return corner(X)

        change = counterfactual(Rule(rule).fit(GRID), GRID, [2, 3])

        assert len(sizes) < 60
        assert change.n_candidates > 100


class TestErrors:
    MODEL = Rule(corner).fit(GRID)

    @pytest.mark.parametrize(
        ("parameters", "error", "message"),
        [
            ({"row": 100}, ParameterError, "position among the 100 rows of X"),
            ({"row": [1.0]}, DataError, "one value for each of the 2 columns"),
            ({"row": pd.DataFrame(GRID[:2])}, DataError, "must be a single row"),
            ({"row": {"x0": 1, "y": 2}}, DataError, r"none for \['x1'\], and \['y'\]"),
            ({"desired": 3}, ParameterError, r"one of the classes \[False, True\]"),
            (
                {"desired": False},
                ParameterError,
                "prediction: False is False",
            ),
            ({"fixed": ["x9"]}, ParameterError, "There is no feature 'x9'"),
            ({"ranges": {"y": (0, 1)}}, ParameterError, "There is no feature 'y'"),
            ({"ranges": {"x0": (3, 1)}}, ParameterError, r"pair \(low, high\)"),
            ({"ranges": {"x0": 3}}, ParameterError, r"pair \(low, high\) of numbers"),
            (
                {"max_changed": 0},
                ParameterError,
                "'max_changed' .* of 1 or more",
            ),
        ],
    )
    def test_parameters(self, parameters, error, message):
        parameters = {"row": 0, **parameters}
        with pytest.raises(error, match=message):
            counterfactual(self.MODEL, GRID, **parameters)

    @pytest.mark.parametrize("desired", [None, 3, (None, None), (3, 1), ("a", 1)])
    def test_a_quantity_needs_a_range(self, desired):
        model = LinearRegression().fit(GRID, GRID[:, 0])

        with pytest.raises(ParameterError, match=r"must be a pair \(low, high\) for"):
            counterfactual(model, GRID, 0, desired=desired)

    def test_words_need_a_list(self):
        frame = pd.DataFrame({"a": ["x", "y", "z"]})
        model = Rule(lambda X: X["a"].to_numpy() == "x").fit(frame)

        with pytest.raises(ParameterError, match="list of the values that it may"):
            counterfactual(model, frame, 0, ranges={"a": "y"})

    def test_several_targets(self):
        quantities = LinearRegression().fit(GRID, GRID)
        labels = DecisionTreeClassifier().fit(GRID, (GRID > 3).astype(int))

        for model in (quantities, labels):
            with pytest.raises(DataError, match="needs one class or one quantity"):
                counterfactual(model, GRID, 0)

    def test_one_class(self):
        model = DummyClassifier().fit(GRID, np.ones(100))

        with pytest.raises(DataError, match=r"knows only one: \[1.0\]"):
            counterfactual(model, GRID, 0)

    def test_rows_that_depend_on_others(self):
        centred = FunctionTransformer(lambda X: X - X.mean(axis=0))
        # A row by itself becomes zeros, which are clearly not predicted as desired.
        model = make_pipeline(centred, LogisticRegression()).fit(GRID, GRID[:, 0] > 6)

        with pytest.warns(RowsDependWarning, match="depend on the other rows"):
            counterfactual(model, GRID, 0, desired=True)
