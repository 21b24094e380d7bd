"""Surrogates say what the estimator says, as far as they claim, in the user's words."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl.exceptions import DataError, ParameterError
from skdl.explain import surrogate

KINDS = ["tree", "linear", "rules"]


class Says(RegressorMixin, BaseEstimator):
    """A regressor that says a function of the rows."""

    def __init__(self, function=None):
        self.function = function

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.asarray(self.function(X), dtype=float)


def says(function):
    return Says(function).fit(None)


@pytest.fixture(scope="module")
def people():
    generator = np.random.RandomState(0)
    return pd.DataFrame(
        {
            "age": generator.randint(1, 70, 300).astype(float),
            "sex": generator.choice(["female", "male"], 300),
            "noise": generator.rand(300),
        }
    )


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True, as_frame=True)
    return RandomForestClassifier(20, random_state=0).fit(X, y), X


@pytest.mark.parametrize("kind", ["tree", "rules"])
def test_what_is_a_tree_is_found_again(people, kind):
    model = says(lambda X: np.where(X["sex"] == "male", 0.0, 1.0 + (X["age"] > 12)))

    found = surrogate(model, people, kind=kind, max_depth=2, random_state=0)

    frame = found.to_frame().set_index("rule")
    assert frame["response"].to_dict() == {
        "sex = female and age >= 13": 2.0,
        "sex = female and age <= 12": 1.0,
        "sex = male": 0.0,
    }
    assert (frame["held_out"] == frame["response"]).all()
    assert frame["support"].sum() == pytest.approx(1)
    assert found.fidelity == 1
    assert found.interval == (1, 1)
    assert found.is_faithful
    assert found.agreement is None
    assert "if sex = male, then 0 (" in found.rules
    assert (found.n_fitted, found.n_held_out) == (225, 75)


def test_rules_begin_with_the_greatest_response(people):
    found = surrogate(
        says(lambda X: X["age"]), people, kind="rules", max_terms=5, random_state=0
    )

    responses = found.to_frame()["response"].tolist()
    assert len(responses) == 5
    assert responses == sorted(responses, reverse=True)


def test_what_is_linear_is_found_again(people):
    people = people.copy()
    people.attrs["units"] = {"age": "years"}
    most = people["sex"].mode()[0]
    model = says(lambda X: 3 + 0.5 * X["age"] - 2 * (X["sex"] != most))

    found = surrogate(model, people, kind="linear", max_terms=2, random_state=0)

    frame = found.to_frame()
    other = ({"female", "male"} - {most}).pop()
    assert frame["term"].tolist() == ["age", f"sex = {other}"]
    assert frame["per"].tolist() == ["years", f"instead of {most}"]
    assert frame["coefficient"].tolist() == pytest.approx([0.5, -2], rel=1e-3)
    assert found.intercept[0] == pytest.approx(3, rel=1e-2)
    assert found.fidelity == pytest.approx(1, abs=1e-4)
    assert "+0.5 × (age)" in found.rules


def test_standardised_coefficients_are_per_standard_deviation():
    X = np.random.RandomState(0).normal(size=(400, 2)) * [1, 100]
    model = LinearRegression().fit(X, X @ [1.0, 0.05])

    frame = surrogate(model, X, kind="linear", random_state=0).to_frame()

    assert frame["term"].tolist() == ["x1", "x0"]
    assert frame["standardised"].tolist() == pytest.approx([5, 1], rel=0.1)


def test_fidelity_is_of_rows_it_was_not_fitted_on():
    X = np.random.RandomState(0).rand(400, 1)
    model = says(lambda X: np.modf(X[:, 0] * 1e7)[0])  # nothing can be learned

    found = surrogate(model, X, max_depth=30, min_support=0.001, random_state=0)

    assert r2_score(model.predict(X), found.model.predict(X)) > 0.4  # three of four
    assert found.fidelity < 0.1
    assert not found.is_faithful
    assert "It cannot stand for the estimator" in found.summary()


@pytest.mark.parametrize("kind", KINDS)
def test_words_and_missing_values_in_a_pipeline(kind, data_file):
    X = pd.read_csv(data_file("titanic_seaborn.csv.gz"))
    y = X["survived"]
    X = X[["pclass", "sex", "age", "fare", "deck", "alone"]]
    words = OneHotEncoder(handle_unknown="ignore")
    pipeline = make_pipeline(
        make_column_transformer(
            (SimpleImputer(), ["pclass", "age", "fare"]),
            (words, ["sex", "deck", "alone"]),
        ),
        RandomForestClassifier(20, min_samples_leaf=5, random_state=0),
    ).fit(X, y)

    found = surrogate(pipeline, X, kind=kind, random_state=0)

    assert found.outputs == ("1",)
    assert found.response == "probability"
    assert found.fidelity > 0.8
    assert found.interval[0] < found.fidelity < found.interval[1]
    assert found.agreement > 0.85
    assert "sex = female" in found.rules
    probabilities = pipeline.predict_proba(X)[:, 1]
    assert r2_score(probabilities, found.model.predict(X).ravel()) > 0.8
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("kind", KINDS)
def test_all_classes_at_once_or_one(iris, kind):
    forest, X = iris

    every = surrogate(forest, X, kind=kind, random_state=0)
    one = surrogate(forest, X, kind=kind, output="2", random_state=0)

    assert every.outputs == ("0", "1", "2")
    assert one.outputs == ("2",)
    # No plane has the middle class on one side.
    assert every.agreement > (0.7 if kind == "linear" else 0.85)
    assert one.agreement > 0.85
    assert every.model.predict(X).shape == (150, 3)
    text = "probability of 1 =" if kind == "linear" else ", 2: "
    assert text in every.rules


def test_agreement_is_the_share_of_equal_labels(iris):
    _, X = iris
    shallow = DecisionTreeClassifier(max_depth=1, random_state=0)
    shallow.fit(X, load_iris().target == 2)

    found = surrogate(shallow, X, max_depth=1, random_state=0)

    assert found.agreement == 1
    assert found.agreement_interval == (1, 1)


def test_multilabel_and_decision_functions():
    X, y = make_multilabel_classification(200, n_classes=2, random_state=0)
    labels = RandomForestClassifier(10, random_state=0).fit(X, y)
    margins = LinearSVC(random_state=0).fit(X, y[:, 0])

    assert surrogate(labels, X, random_state=0).outputs == ("label 0", "label 1")
    found = surrogate(margins, X, kind="linear", max_terms=20, random_state=0)
    assert found.response == "decision function"
    assert found.agreement > 0.95


def test_a_column_that_says_nothing_is_not_split_by(people):
    model = says(lambda X: (X["sex"] == "male") + 1e-6 * X["age"])

    found = surrogate(model, people, max_depth=6, random_state=0)

    assert len(found.nodes) == 3


def test_linear_surrogates_keep_the_columns_that_matter():
    generator = np.random.RandomState(0)
    X = generator.normal(size=(200, 30))
    model = says(lambda X: 3 * X[:, 4] - 2 * X[:, 17] + 0.01 * X[:, 0])

    found = surrogate(model, X, kind="linear", max_terms=2, random_state=0)

    assert set(found.to_frame()["term"]) == {"x4", "x17"}


def test_equal_columns_do_not_leave_the_list_empty():
    x = np.random.RandomState(0).normal(size=(100, 1))

    found = surrogate(
        says(lambda X: X[:, 0]), np.hstack([x, x]), kind="linear", max_terms=1
    )

    assert len(found.to_frame()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_record(iris, kind):
    forest, X = iris

    one, other = (surrogate(forest, X, kind=kind, random_state=3) for _ in range(2))

    assert one.to_frame().equals(other.to_frame())
    assert one.interval == other.interval


def test_names_of_an_array(iris):
    _, X = iris
    bare = RandomForestClassifier(5, random_state=0).fit(X.to_numpy(), X.iloc[:, 0] > 6)

    assert "x0 " in surrogate(bare, X.to_numpy(), random_state=0).rules
    found = surrogate(bare, X.to_numpy(), feature_names=list("abcd"), random_state=0)
    assert "a " in found.rules


def test_it_shows_itself_safely():
    X = pd.DataFrame({"<script>": np.arange(50.0)})

    page = surrogate(says(lambda X: X.iloc[:, 0]), X, random_state=0)._repr_html_()

    assert "<script>" not in page
    assert "of the variance of the prediction on 12 rows" in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "forest"}, r"\['tree', 'linear', 'rules'\]. Got 'forest'"),
        ({"max_depth": 0}, "'max_depth' .* of 1 or more. Got 0"),
        ({"kind": "rules", "max_terms": 1}, "'max_terms' .* of 2 or more. Got 1"),
        ({"min_support": 1.0}, r"'min_support' .* in \(0, 1\). Got 1.0"),
        ({"test_size": 0}, r"'test_size' .* in \(0, 1\). Got 0"),
        ({"output": "rose"}, r"one of \['0', '1', '2'\]"),
        ({"feature_names": ["a"]}, "1 names for 4 columns"),
    ],
)
def test_parameters_are_checked(iris, change, message):
    with pytest.raises(ParameterError, match=message):
        surrogate(*iris, **change)


def test_one_output_of_a_regressor():
    X = np.random.RandomState(0).rand(60, 2)
    model = DecisionTreeRegressor(random_state=0).fit(X, X * [1, 1000])

    with pytest.raises(ParameterError, match="'prediction 0', 'prediction 1'"):
        surrogate(model, X)
    assert surrogate(model, X, output=1, random_state=0).outputs == ("prediction 1",)


@pytest.mark.parametrize(
    ("function", "n_rows", "message"),
    [
        (lambda X: X[:, 0], 7, "at least 8 rows.* Got 7"),
        (lambda X: np.ones(len(X)), 20, "predicts the same for all 20 rows"),
        (lambda X: X[:, 0] == X[:1, 0], 20, "the same for all 5 held-out rows"),
        (lambda X: np.where(X[:, 0] > 9, np.inf, 1), 20, "for 10 rows"),
    ],
)
def test_rows_are_checked(function, n_rows, message):
    X = np.arange(n_rows, dtype=float)[:, None]

    with pytest.raises(DataError, match=message):
        surrogate(says(function), X, random_state=0)
