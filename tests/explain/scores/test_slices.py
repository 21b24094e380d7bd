"""Worst groups, against means of the rows of each group and simulated chance."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdl.exceptions import DataError, ParameterError
from skdl.explain import slices
from skdl.explain.scores._slices import groups_of


class AlwaysYes(ClassifierMixin, BaseEstimator):
    """Says 1, with a probability of 0.8."""

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict(self, X):
        return np.ones(len(X), int)

    def predict_proba(self, X):
        return np.tile([0.2, 0.8], (len(X), 1))


def people(n=400, seed=0):
    generator = np.random.RandomState(seed)
    return pd.DataFrame(
        {
            "sex": generator.choice(["f", "m"], n),
            "age": generator.uniform(0, 80, n),
            "rooms": generator.randint(1, 4, n),
            "town": pd.Series(generator.choice(["a", "b", None], n), dtype="category"),
            "empty": np.full(n, np.nan),
            "constant": 1,
        }
    )


def test_scores_are_those_of_the_rows_of_each_group():
    X = people()
    y = (np.random.RandomState(1).rand(400) < np.where(X["sex"] == "f", 0.9, 0.5)) + 0
    estimator = AlwaysYes().fit(X, y)

    found = slices(estimator, X, y)

    table = found.to_frame()
    assert found.overall == pytest.approx(y.mean())
    assert table.iloc[0][["feature", "group", "is_worse"]].tolist() == [
        "sex",
        "m",
        True,
    ]
    for feature, mask in {
        ("sex", "m"): X["sex"] == "m",
        ("rooms", "2"): X["rooms"] == 2,
        ("town", "missing"): X["town"].isna(),
        ("town", "b"): X["town"] == "b",
    }.items():
        row = table[(table["feature"] == feature[0]) & (table["group"] == feature[1])]
        assert row["n_samples"].tolist() == [mask.sum()]
        assert row["score"].tolist() == pytest.approx([y[mask].mean()])
        assert row["gap"].tolist() == pytest.approx([y[~mask].mean() - y[mask].mean()])
    # 2 sexes, 4 intervals of age, 3 numbers of rooms, 2 towns and none; the empty and
    # the constant column have no rows outside their group.
    assert found.n_groups == len(table) == 12
    assert not {"empty", "constant"} & set(table["feature"])
    assert (np.diff(table["gap_low"]) <= 0).all()


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        (
            "accuracy",
            lambda y, predicted: metrics.accuracy_score(y, predicted[:, 1] > 0.5),
        ),
        (
            "log_loss",
            lambda y, predicted: metrics.log_loss(y, y_proba=predicted, labels=[0, 1]),
        ),
        (
            "brier_score",
            lambda y, predicted: metrics.brier_score_loss(y, predicted[:, 1]),
        ),
    ],
)
def test_a_groups_score_is_scikit_learns(metric, reference):
    X = people()
    y = np.random.RandomState(1).randint(0, 2, 400)
    estimator = AlwaysYes().fit(X, y)

    table = slices(estimator, X, y, metric=metric, features="sex").to_frame()

    for group, score in zip(table["group"], table["score"], strict=True):
        mask = X["sex"] == group
        predicted = estimator.predict_proba(X[mask])
        assert score == pytest.approx(reference(y[mask], predicted))


def test_groups_of_numbers():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    y.attrs["units"] = {"target": "mm"}
    estimator = LinearRegression().fit(X[::2], y[::2])

    absolute = slices(estimator, X, y, features=["bmi"])
    squared = slices(estimator, X, y, features=["bmi"], metric="mse")

    assert (absolute.unit, squared.unit) == ("mm", "(mm)²")
    mask = pd.qcut(X["bmi"], 4, labels=False) == 3
    errors = (y - estimator.predict(X)).to_numpy()
    place = np.argmax([group.endswith("0.1706") for group in absolute.groups])
    assert absolute.counts[place] == mask.sum()
    assert absolute.scores[place] == pytest.approx(np.abs(errors[mask]).mean())
    expected = np.abs(errors[mask]).mean() - np.abs(errors[~mask]).mean()
    assert absolute.gaps[place] == pytest.approx(expected)
    place = np.argmax([group.endswith("0.1706") for group in squared.groups])
    assert squared.scores[place] == pytest.approx((errors[mask] ** 2).mean())


def test_the_interval_of_a_gap_is_welchs_at_bonferronis_level():
    from scipy import stats

    X, y = load_diabetes(return_X_y=True, as_frame=True)
    estimator = LinearRegression().fit(X, y)

    found = slices(estimator, X, y, features=["sex"], confidence_level=0.9)

    errors = np.abs(y - estimator.predict(X)).to_numpy()
    mask = X["sex"].to_numpy() > 0
    place = found.groups.index(f"{X['sex'].max():.4g}")
    test = stats.ttest_ind(errors[mask], errors[~mask], equal_var=False)
    expected = test.confidence_interval(1 - 0.1 / 2)
    assert found.n_groups == 2
    assert found.gap_lows[place] == pytest.approx(expected.low)
    assert found.gap_highs[place] == pytest.approx(expected.high)
    alone = stats.ttest_1samp(errors[mask], 0).confidence_interval(0.9)
    assert found.lows[place] == pytest.approx(alone.low)


def test_by_chance_hardly_ever_is_a_group_worse():
    n_found = 0
    for seed in range(60):
        X = pd.DataFrame(np.random.RandomState(seed).rand(300, 8))
        y = (np.random.RandomState(1000 + seed).rand(300) < 0.7) + 0
        n_found += slices(AlwaysYes().fit(X, y), X, y).is_worse.any()

    # At most 5 % of 60 runs, of which only gaps above 0 count: 1.5 expected.
    assert n_found <= 5


def test_labels():
    X, y = make_multilabel_classification(200, n_classes=3, random_state=0)
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)

    found = slices(tree, X, y, features=[0])

    assert found.metric == "hamming_loss"
    codes, names = groups_of(X, 0, n_intervals=4)
    mask = codes == names.index(found.groups[0])
    expected = metrics.hamming_loss(y[mask], tree.predict(X[mask]))
    assert found.scores[0] == pytest.approx(expected)


def test_all_rows_right():
    X, y = load_iris(return_X_y=True)

    found = slices(DecisionTreeClassifier().fit(X, y), X, y)

    assert (found.scores == 1).all()
    assert (found.lows < 1).all()
    assert not found.is_worse.any()
    assert found.note.startswith("0 of the ")


def test_only_so_many_are_returned_but_all_are_counted():
    X = people()
    y = np.random.RandomState(1).randint(0, 2, 400)
    estimator = AlwaysYes().fit(X, y)

    all_groups = slices(estimator, X, y)
    few = slices(estimator, X, y, max_groups=2)

    assert few.groups == all_groups.groups[:2]
    assert few.n_groups == all_groups.n_groups == 12
    assert "12 groups of at least 30 rows were examined" in few.note
    assert "95 % for all together" in few.note
    assert json.loads(json.dumps(few.to_dict()))["n_groups"] == 12


def test_small_groups_are_left_out():
    X = pd.DataFrame({"kind": ["a"] * 60 + ["b"] * 35 + ["c"] * 5})
    y = np.arange(100) % 2

    found = slices(AlwaysYes().fit(X, y), X, y)

    assert sorted(found.groups) == ["a", "b"]


def test_few_rows_are_cut_into_fewer_intervals():
    X = np.random.RandomState(0).rand(100, 1)
    y = np.arange(100) % 2

    found = slices(AlwaysYes().fit(X, y), X, y)

    assert sorted(found.counts) == [33, 33, 34]


REFUSED = [
    ({"metric": "r2"}, ParameterError, r"one of \['accuracy', .* Got 'r2'"),
    ({"features": ["sx"]}, ParameterError, r"no feature 'sx' .* Nearest: 'sex'"),
    ({"n_intervals": 1}, ParameterError, r"'n_intervals' .* Got 1"),
    ({"max_groups": 0}, ParameterError, r"'max_groups' .* Got 0"),
    ({"min_samples": 1}, ParameterError, r"'min_samples' .* Got 1"),
    ({"confidence_level": 2}, ParameterError, r"'confidence_level' .* Got 2"),
    ({"min_samples": 300}, DataError, r"at least 300 rows .* 400 rows and 6 features"),
    ({"y": None}, DataError, "Got y=None"),
]


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED)
def test_what_cannot_be_sliced_is_refused(changes, error, message):
    X = people()
    y = np.arange(400) % 2
    parameters = {"estimator": AlwaysYes().fit(X, y), "X": X, "y": y, **changes}

    with pytest.raises(error, match=message):
        slices(**parameters)


def test_losses_of_probabilities_need_probabilities():
    X, y = load_iris(return_X_y=True)

    with pytest.raises(ParameterError, match=r"'log_loss' .* Take 'accuracy'"):
        slices(SVC().fit(X, y), X, y, metric="log_loss")
    assert slices(GaussianNB().fit(X, y), X, y, metric="log_loss").overall > 0
