"""`explain_report`: what is on the page, what is left out, what is refused."""

import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl.diagnosis import diagnose
from skdl.exceptions import DataError, ParameterError, RowsDependWarning
from skdl.explain import partial_dependence, permutation_importance
from skdl.reports import explain_report
from skdl.reports._explain_report import SECTIONS
from skdl.reports._sections.effects import grid_of
from skdl.search import parameter_importance
from tests.reports.parts_of_a_page import (
    blocks_of,
    left_out,
    section_of,
    table_of,
    text_of,
)

IRIS, SPECIES = load_iris(return_X_y=True, as_frame=True)
TREE = DecisionTreeClassifier(max_depth=2, random_state=0).fit(IRIS, SPECIES)


def report(estimator=TREE, X=IRIS, y=SPECIES, **settings):
    return explain_report(
        estimator, X, y, **{"n_repeats": 3, "random_state": 0, **settings}
    )


OF_FEATURES = ["data", "importance", "effects"]
OF_NETWORKS = ["architecture", "training", "search"]


@pytest.fixture(scope="module")
def page():
    """The report about the tree; test_sections.py is about its other sections."""
    return report(sections=[*OF_FEATURES, *OF_NETWORKS])


def mixed_table(n_rows=150, seed=0):
    """Every kind of column, with values missing; y follows "size" and "colour"."""
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "size": np.where(rng.rand(n_rows) < 0.1, np.nan, rng.normal(size=n_rows)),
            "colour": rng.choice(["red", "green", None], size=n_rows),
            "count": rng.randint(0, 40, size=n_rows),
            "is new": rng.rand(n_rows) < 0.5,
            "grade": pd.Categorical(rng.choice(list("abc"), size=n_rows)),
            "constant": "same",
            "empty": np.nan,
        }
    )
    X.attrs["units"] = {"size": "m"}
    y = pd.Series(X["size"].fillna(0) + 2 * (X["colour"] == "red"), name="price")
    return X, y


def mixed_model(X, y):
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (words, make_column_selector(dtype_exclude="number")),
        remainder="passthrough",
    )
    tree = DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
    return make_pipeline(columns, tree).fit(X, y)


def test_numbers_are_those_of_the_explanations(page):
    with warnings.catch_warnings(action="ignore"):
        importance = permutation_importance(
            TREE, IRIS, SPECIES, n_repeats=3, random_state=0
        )
    expected = importance.to_frame()
    shown = table_of(page, "importance")
    pd.testing.assert_frame_equal(shown, expected[shown.columns])
    assert section_of(page, "importance").records == [importance.to_dict()]
    name = expected["feature"][0]
    effect = partial_dependence(
        TREE,
        IRIS,
        [name],
        custom_values={name: grid_of(IRIS[name])},
        method="brute",
    )
    assert section_of(page, "effects").records[0] == effect.to_dict()
    first = table_of(page, "effects", place=2).iloc[0]
    assert first["lowest"] == effect.average[2].min()
    assert first["highest at"] == effect.grid_values[0][effect.average[2].argmax()]
    assert first["rows differ by"] == effect.deviation[2].max()
    score = TREE.score(IRIS, SPECIES)
    assert [card.value for card in page.cards] == [
        "DecisionTreeClassifier", f"{score:.3f}", name,
    ]  # fmt: skip


def test_every_section_says_how_to_read_it_and_every_figure_what_it_shows(page):
    assert all(section.how_to_read for section in page.sections)
    assert all(part.how_to_read and part.heading for part in SECTIONS)
    figures = [
        block
        for section in page.sections
        for block in section.blocks
        if block.kind == "figure"
    ]
    assert len(figures) == 4  # importances, and the effects on each of three classes
    assert all(figure.alternative for figure in figures)


def test_text_missing_values_and_every_kind_of_column():
    X, y = mixed_table()

    small = X["size"].fillna(0) < 1

    page = report(
        mixed_model(X, y),
        X,
        y,
        X_train=X[small],
        y_train=y[small],
        sections=OF_FEATURES,
    )

    assert page.title == "DecisionTreeRegressor: predicting price"
    data = table_of(page, "data").set_index("feature")
    assert data["kind"].to_dict() == {
        "size": "number", "colour": "category", "count": "whole number",
        "is new": "true or false", "grade": "category", "constant": "category",
        "empty": "number",
    }  # fmt: skip
    assert data["missing"].to_dict() == X.isna().sum().to_dict()
    assert data["distinct"].to_dict() == X.nunique().to_dict()
    assert data["unit"]["size"] == "m"
    assert data["typical"]["empty"] is None
    assert data["new"]["size"] == (~small).sum() > 0
    assert data["new"]["colour"] == 0
    texts = text_of(page, "data")
    assert "“constant”: the same value in all rows." in texts
    assert "“empty”: no value in any row." in texts
    effects = table_of(page, "effects")["feature"].tolist()
    assert sorted(effects) == ["colour", "count", "grade", "is new", "size (m)"]
    assert effects[:2] == ["colour", "size (m)"]
    assert "on the training rows" in page.cards[1].note
    html = page.render()
    assert not re.search(r">\s*nan\s*<", html)


def test_words_that_training_did_not_have_are_counted():
    X, y = mixed_table()
    train = X[X["colour"] != "green"]

    page = report(mixed_model(X, y), X, y, X_train=train, sections=["data"])

    new = table_of(page, "data").set_index("feature")["new"]
    assert new["colour"] == (X["colour"] == "green").sum()


def test_classes_that_are_called_by_numbers_are_no_positions():
    numbers, words = SPECIES + 1, SPECIES.map({0: "a", 1: "b", 2: "c"})

    drawn, expected = (
        [
            figure.svg.replace(figure.alternative, "")
            for figure in blocks_of(page, "effects", "figure")
        ]
        for page in (
            report(clone(TREE).fit(IRIS, y), y=y, sections=["effects"], features=[3])
            for y in (numbers, words)
        )
    )

    assert len(set(drawn)) == 3
    assert drawn == expected


@pytest.mark.parametrize("dtype", [float, np.float32, int, object])
def test_arrays(dtype):
    X = np.round(IRIS.to_numpy() * 2).astype(dtype)
    model = LogisticRegression(max_iter=2000).fit(X.astype(float), SPECIES)

    page = report(
        model, X, SPECIES.to_numpy(), max_effects=1, n_repeats=1, sections=OF_FEATURES
    )

    assert [s.name for s in page.sections] == OF_FEATURES
    assert table_of(page, "data")["feature"].tolist() == ["x0", "x1", "x2", "x3"]
    assert page.title == "LogisticRegression explained"


def test_multilabel_and_several_outputs():
    X, _ = load_diabetes(return_X_y=True)
    several = np.column_stack([X[:, 0], X[:, 1]])
    page = report(LinearRegression().fit(X, several), X, several, sections=["effects"])
    assert len(blocks_of(page, "effects", "figure")) == 2

    labels = (several > 0).astype(int)
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, labels)
    page = report(model, X, labels, sections=OF_FEATURES, n_repeats=1)
    assert len(table_of(page, "importance")) == X.shape[1]
    reason = left_out(page)["What the strongest features do"]
    assert reason == "Multiclass-multioutput estimators are not supported"


def test_the_most_frequent_of_many_classes_are_shown():
    X = np.random.RandomState(0).normal(size=(100, 2))
    y = pd.Series(np.repeat(list("abcde"), [5, 40, 10, 20, 25]), name="kind")

    model = DecisionTreeClassifier(max_depth=3).fit(X, y)
    page = report(model, X, y, sections=["effects"])

    captions = [figure.caption for figure in blocks_of(page, "effects", "figure")]
    assert captions == [
        f"The average probability of “kind = {name}”." for name in "bed"
    ]


def test_a_search_is_read(tmp_path):
    grid = {"max_depth": [1, 2, 3], "min_samples_leaf": [1, 20]}
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid, cv=3)
    search.fit(IRIS, SPECIES)
    path = tmp_path / "page.html"

    page = report(search, sections=["search"], path=path, random_state=3)

    assert table_of(page, "search")["max_depth"].notna().all()
    assert len(table_of(page, "search")) == 6
    assert len(blocks_of(page, "search", "figure")) == 3
    kinds = [record["record"] for record in section_of(page, "search").records]
    assert kinds == ["ParameterImportance", "Candidates"]
    expected = parameter_importance(search, random_state=3)
    assert section_of(page, "search").records[0]["importances"] == list(
        expected.importances
    )
    assert parameter_importance(search, random_state=0) != expected
    assert page.cards[0].note == "in GridSearchCV"
    assert path.read_text(encoding="utf-8") == page.render()


def test_a_search_without_parameters_to_compare():
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [2]})

    page = report(search.fit(IRIS, SPECIES), sections=["search"])

    assert "No importance of parameters: Importances need" in text_of(page, "search")


def test_the_history_of_any_network_is_drawn():
    with warnings.catch_warnings(action="ignore"):
        model = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0).fit(
            IRIS, SPECIES
        )

    page = report(model, sections=["training"])

    assert text_of(page, "training").startswith("5 epochs. Verdict (note): not val")
    [verdict] = blocks_of(page, "training", "figure")  # there is no metric
    assert verdict.alternative.startswith("Diagnosis: not_validated (note)")
    assert verdict.alternative.endswith(
        f"The loss over 5 epochs, ending at {model.loss_:.3g} on the training data."
    )


def test_metrics_follow_the_verdict_on_the_losses():
    model = MLPRegressor(hidden_layer_sizes=(4,), random_state=0)
    model.partial_fit(IRIS, SPECIES)
    losses = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 0.6, 0.8, 1.2]}
    model.history_ = pd.DataFrame(
        {
            "epoch": range(1, 5),
            **losses,
            "accuracy": [0.5, 0.6, 0.7, 0.8],
            "val_accuracy": [0.4, 0.6, 0.6, 0.55],
            "recall": [0.1, 0.2, 0.3, 0.4],
            "learning_rate": 0.1,
        }
    )

    page = report(model, sections=["training"])

    verdict, *metrics = blocks_of(page, "training", "figure")
    assert verdict.alternative == (
        f"{diagnose(losses)}. The loss over 4 epochs, ending at 0.1 on the training "
        "data and 1.2 on the validation data."
    )
    assert [figure.alternative for figure in metrics] == [
        "The accuracy over 4 epochs, ending at 0.8 on the training data and 0.55 on "
        "the validation data.",
        "The recall over 4 epochs, ending at 0.4 on the training data.",
    ]
    assert "best epoch (2)" in metrics[0].svg  # by the loss, not drawn here


def test_training_without_a_verdict_is_drawn_nevertheless():
    model = MLPRegressor(hidden_layer_sizes=(4,), random_state=0)
    model.partial_fit(IRIS, SPECIES)

    page = report(model, sections=["training"])

    assert text_of(page, "training") == "1 epoch."
    [figure] = blocks_of(page, "training", "figure")
    assert figure.alternative.startswith("The loss over 1 epoch,")


@pytest.mark.slow
def test_a_network_of_ours():
    from skdl import KerasClassifier, MLPClassifier

    network = MLPClassifier((5,), epochs=3, batch_norm=True, random_state=0)
    model = make_pipeline(StandardScaler(), network).fit(IRIS, SPECIES)
    page = report(model, sections=["architecture", "training"])

    layers = table_of(page, "architecture").set_index("layer")
    assert layers["parameters"]["hidden_1"] == 4 * 5 + 5
    assert layers["parameters"]["outputs"] == 5 * 3 + 3
    assert layers["output"]["hidden_1"] == "5"
    text = text_of(page, "architecture")
    assert text == f"{len(layers)} layers with 63 parameters, of which 53 are trained."
    assert text_of(page, "training").startswith("3 epochs")
    alternatives = [f.alternative for f in blocks_of(page, "training", "figure")]
    assert len(alternatives) == 2
    assert alternatives[0].startswith("Diagnosis: ")
    assert alternatives[1].startswith("The accuracy over 3 epochs, ending at 0.")

    def build():
        import keras

        layers = [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
        return keras.Sequential(layers)

    wrapped = KerasClassifier(
        build, loss="sparse_categorical_crossentropy", epochs=2, random_state=0
    )
    page = report(wrapped.fit(IRIS, SPECIES), sections=["architecture", "training"])
    assert table_of(page, "architecture")["parameters"].tolist() == [15]
    assert text_of(page, "training").startswith("2 epochs")


@pytest.mark.slow
def test_a_forest_needs_no_tensorflow():
    code = (
        "import sys\n"
        "from sklearn.datasets import load_iris\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from skdl.reports import explain_report\n"
        "X, y = load_iris(return_X_y=True)\n"
        "forest = RandomForestClassifier(3, random_state=0).fit(X, y)\n"
        "explain_report(forest, X, y, n_repeats=2).render()\n"
        "print([m for m in ('tensorflow', 'keras', 'optuna') if m in sys.modules])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert process.stdout == "[]\n"


def test_sections_are_chosen_and_ordered():
    page = report(sections=["effects", "data", "effects"], features=[0])

    assert [section.name for section in page.sections] == ["effects", "data"]
    assert [section.anchor for section in page.sections] == ["section-1", "section-2"]
    assert [card.label for card in page.cards] == ["Model", "Score: accuracy"]


def test_the_last_section_says_what_is_left_out(page):
    name = "DecisionTreeClassifier"
    assert left_out(page) == {
        "Architecture": f"{name} is not a Keras network of layers.",
        "Training": f"{name} keeps no history of its training.",
        "The search": f"{name} is not a search over parameters.",
    }
    assert [s.anchor for s in page.sections] == [
        f"section-{n}" for n in range(1, len(OF_FEATURES) + 2)
    ]


def test_without_targets_no_feature_is_the_strongest():
    page = report(y=None, features=["sepal width (cm)", 0], sections=["effects"])

    shown = table_of(page, "effects")["feature"].tolist()
    assert shown == ["sepal width (cm)", "sepal length (cm)"]
    assert [card.label for card in page.cards] == ["Model"]
    assert "the strongest are unknown" in text_of(
        report(y=None, sections=["effects"], max_effects=1), "effects"
    )


def test_nothing_varies():
    X = np.ones((20, 2))
    y = np.arange(20) % 2

    model = DummyClassifier().fit(X, y)
    page = report(model, X, y, n_repeats=1, sections=OF_FEATURES)

    reason = left_out(page)["What the strongest features do"]
    assert reason == "No feature varies between the rows."
    assert "A single shuffle per feature gives no interval" in text_of(
        page, "importance"
    )
    assert table_of(page, "importance").columns.tolist() == ["feature", "importance"]


def test_a_constant_feature_that_was_requested():
    X = IRIS.assign(**{"sepal width (cm)": 3.0})
    page = report(X=X, features=[1, 2], sections=["effects"])

    assert table_of(page, "effects")["feature"].tolist() == ["petal length (cm)"]
    assert "“sepal width (cm)” is left out: the same value" in text_of(page, "effects")


class Fussy(ClassifierMixin, BaseEstimator):
    """Refuses petals that it has not seen: a section fails on the way."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)

    def predict_proba(self, X):
        if len(X) > 150 or not X.iloc[:, 0].isin(IRIS.iloc[:, 0]).all():
            raise ValueError("these petals are <unknown>")
        return np.full((len(X), 3), 1 / 3)


def test_a_section_that_fails_says_so():
    # A stack that is refused is predicted copy by copy, with a warning, and refused.
    with pytest.warns(RowsDependWarning):
        page = report(Fussy().fit(IRIS, SPECIES), sections=["data", "effects"])

    assert left_out(page) == {
        "What the strongest features do": "these petals are <unknown>"
    }


def test_correlated_features_are_named_on_the_page_and_not_warned_of(page):
    assert "“petal length (cm)”, “petal width (cm)”" in text_of(page, "importance")


def test_the_same_seed_makes_the_same_page():
    pages = [
        report(sections=["importance"], n_repeats=2, random_state=seed).to_json()
        for seed in (1, 1, 2)
    ]
    assert pages[0] == pages[1] != pages[2]


def test_a_wide_table_makes_a_small_page():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(30, 50))
    names = [f"<b>feature {place}</b>" for place in range(50)]
    frame, y = pd.DataFrame(X, columns=names), X[:, 0] > 0
    model = DecisionTreeClassifier(random_state=0).fit(frame, y)

    sections = ["slices", *OF_FEATURES, "surrogate"]
    html = report(model, frame, y, n_repeats=1, sections=sections).render()

    assert len(html.encode()) < 2_000_000
    assert "And 10 more features." in html
    assert "<b>feature" not in html


@pytest.mark.slow
def test_all_sections_about_words_and_missing_values():
    X, y = mixed_table()

    page = report(mixed_model(X, y), X, y, X_train=X, y_train=y)

    names = [part.name for part in SECTIONS]
    assert names[-3:] == OF_NETWORKS
    assert [s.name for s in page.sections] == [*names[:-3], "left_out"]
    html = page.render()
    assert len(html.encode()) < 2_000_000
    words = re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"\b(nan|NaN|None|NaT)\b", words + page.to_markdown())
    assert "colour is missing" in words


# What is refused.


def test_bad_data():
    with pytest.raises(NotFittedError, match=r"not fitted"):
        report(DecisionTreeClassifier())
    with pytest.raises(DataError, match=r"at least 2 rows.* Got 1"):
        report(X=IRIS[:1], y=SPECIES[:1])
    with pytest.raises(
        DataError, match=r"a unique name per column. Got 2 columns named 'a'"
    ):
        report(X=IRIS.set_axis(["a", "b", "a", "c"], axis=1))
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
        report(y=SPECIES[:10])
    with pytest.raises(DataError, match=r"\['importance'\] need targets.*Got y=None"):
        report(y=None, sections=["importance", "data"])
    with pytest.raises(
        DataError, match=r"The 'scoring' parameter .* needs the targets"
    ):
        report(y=None, scoring="accuracy")
    with pytest.raises(DataError, match=r"The 'y_train' parameter .* X_train=None"):
        report(y_train=SPECIES)
    with pytest.raises(DataError, match=r"must have the columns of X. Got 3"):
        report(X_train=IRIS.to_numpy()[:, :3])
    with pytest.raises(ParameterError, match=r"no feature 'petal length"):
        report(X_train=IRIS.drop(columns="petal length (cm)"))
    with pytest.raises(
        DataError, match=r"X lacks 1 of the 4 features .* 'petal width .*Nearest of X"
    ):
        report(X=IRIS.rename(columns={"petal width (cm)": "petal width (mm)"}))


def test_bad_parameters():
    with pytest.raises(
        ParameterError, match=r"Got 'importanc'. Did you mean 'importan"
    ):
        report(sections=["importanc"])
    with pytest.raises(ParameterError, match=r"must be a list of names.* Got 'data'"):
        report(sections="data")
    with pytest.raises(ParameterError, match=r"must be a list of names.* Got \[\]"):
        report(sections=[])
    with pytest.raises(
        ParameterError, match=r"no feature 'petal len'.*Nearest: 'petal"
    ):
        report(features=["petal len"])
    with pytest.raises(ParameterError, match=r"must be one score.*Got "):
        report(scoring=["accuracy", "r2"])
    with pytest.raises(ValueError, match=r"'scoring' parameter of check_scoring"):
        report(scoring="accurac")
    with pytest.raises(ParameterError, match=r"'n_repeats' .* 1 or more. Got 0"):
        report(n_repeats=0)
    with pytest.raises(ParameterError, match=r"'max_effects' .* 1 or more. Got 0"):
        report(max_effects=0)
    with pytest.raises(ParameterError, match=r"must be a fitted classifier or regress"):
        report(KMeans(2, random_state=0, n_init=1).fit(IRIS))
    with pytest.raises(FileNotFoundError):
        report(sections=["data"], path="no folder/page.html")
