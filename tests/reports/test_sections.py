"""The sections on scores, errors, groups, interactions, rows, surrogates and trust."""

import re
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl import explain
from skdl._record import plain
from skdl.exceptions import DataError
from skdl.reports import _report_input, explain_report
from skdl.reports._explain_report import SECTIONS
from tests.reports.parts_of_a_page import (
    blocks_of,
    left_out,
    section_of,
    table_of,
    text_of,
)

IRIS, SPECIES = load_iris(return_X_y=True, as_frame=True)
TREE = DecisionTreeClassifier(max_depth=2, random_state=0).fit(IRIS, SPECIES)
DIABETES, PROGRESSION = load_diabetes(return_X_y=True, as_frame=True)
DIABETES, PROGRESSION = DIABETES.iloc[:120, :4], PROGRESSION[:120]
ALL = [part.name for part in SECTIONS]
QUICK = ["scores", "errors", "slices", "interactions", "surrogate"]
HOSTILE = ["<b>&amp;", "|a`*_[x](y)", '"}</script>\\', "{{7*7}}", "a $x$ b"]


def report(estimator=TREE, X=IRIS, y=SPECIES, **settings):
    settings = {"n_repeats": 2, "random_state": 0, **settings}
    return explain_report(estimator, X, y, **settings)


def record_of(record):
    return {"record": type(record).__name__, **plain(record)}


def check_page(page):
    """There are no words of programs, and every figure is described."""
    odd = re.compile(r"\b(nan|NaN|None|NaT|inf)\b")
    assert not odd.search(
        re.sub(r"<(style|script).*?</\1>", "", page.render(), flags=re.DOTALL)
    )
    assert not odd.search(page.to_markdown())
    for section in page.sections:
        assert section.how_to_read
        for block in section.blocks:
            if block.kind == "figure":
                assert block.alternative.strip()
                assert not odd.search(block.alternative + block.caption)
            if block.kind == "table":
                assert not [h.text for h in block.headings if "_" in h.text]


@pytest.fixture(scope="module")
def page():
    return report(sections=[*QUICK, "trust"])


@pytest.fixture(scope="module")
def regression():
    model = DecisionTreeRegressor(max_depth=3, random_state=0)
    X, y = DIABETES, PROGRESSION
    return model.fit(X, y), report(model.fit(X, y), X, y, sections=QUICK)


def test_every_page_is_in_words(page, regression):
    check_page(page)
    check_page(regression[1])


def test_scores(page):
    found = explain.performance(TREE, IRIS, SPECIES, random_state=0)

    assert section_of(page, "scores").records == [record_of(found)]
    frame, shown = found.to_frame(), table_of(page, "scores")
    columns = ["metric", "score", "baseline", "gain"]
    pd.testing.assert_frame_equal(shown[columns], frame[columns], check_dtype=False)
    first = frame.iloc[0]
    assert shown["interval"][0] == f"{first['low']:.3g} to {first['high']:.3g}"
    gain = f"{first['gain_low']:.3g} to {first['gain_high']:.3g}"
    assert shown["gain interval"][0] == gain
    (figure,) = blocks_of(page, "scores", "figure")
    assert f"{first['metric']} {first['score']:.3g} [" in figure.alternative


def test_confusion_and_calibration(page):
    confused = explain.confusion(TREE, IRIS, SPECIES)
    calibrated = explain.calibration(TREE, IRIS, SPECIES)

    records = section_of(page, "errors").records
    assert records == [record_of(confused), record_of(calibrated)]
    figures = blocks_of(page, "errors", "figure")
    assert len(figures) == 4
    commonest = confused.most_confused().iloc[0]
    assert figures[0].alternative.startswith(
        f"Of 150 rows: {commonest['true']} predicted as {commonest['predicted']} "
        f"{commonest['n_samples']} times; "
    )
    errors = table_of(page, "errors")
    assert errors["mean gap"].tolist() == [c.error for c in calibrated.curves]
    by_chance = [curve.error_by_chance for curve in calibrated.curves]
    assert errors["by chance alone"].tolist() == by_chance


def test_residuals_and_calibration_by_groups(regression):
    model, page = regression
    found = explain.residuals(model, DIABETES, PROGRESSION)
    calibrated = explain.calibration(model, DIABETES, PROGRESSION)

    records = section_of(page, "errors").records
    assert records == [record_of(found), record_of(calibrated)]
    shown = table_of(page, "errors")
    assert shown["residual"].tolist() == found.quantiles.tolist()
    assert shown["share of the rows"].tolist() == list(found.quantile_levels)
    assert "equally many rows" in blocks_of(page, "errors", "figure")[1].caption


def test_groups(page):
    found = explain.slices(TREE, IRIS, SPECIES)

    assert section_of(page, "slices").records == [record_of(found)]
    frame, shown = found.to_frame().head(10), table_of(page, "slices")
    for heading, column in {
        "feature": "feature", "group": "group", "rows": "n_samples", "score": "score",
        "gap": "gap", "beyond chance": "is_worse",
    }.items():  # fmt: skip
        assert shown[heading].tolist() == frame[column].tolist()
    assert shown["interval"].str.fullmatch(r"\S+ to \S+").all()
    assert found.note in text_of(page, "slices")


def test_interactions(page):
    features = [IRIS.columns.get_loc(name) for name in shown_features(page)]
    found = explain.interaction_strength(TREE, IRIS, features, random_state=0)

    assert section_of(page, "interactions").records == [record_of(found)]
    expected = found.to_frame().nlargest(10, "strength")
    shown = table_of(page, "interactions")
    assert shown["H"].tolist() == expected["h"].tolist()
    assert shown["strength"].tolist() == expected["strength"].tolist()
    assert shown["together with"].tolist() == expected["other"].tolist()


def shown_features(page):
    (record,) = section_of(page, "interactions").records
    return record["feature_names"]


def test_a_surrogate(page, regression):
    found = explain.surrogate(TREE, IRIS, random_state=0)

    assert section_of(page, "surrogate").records == [record_of(found)]
    assert text_of(page, "surrogate") == found.summary()
    shown, expected = table_of(page, "surrogate"), found.to_frame()
    assert shown["rule"].tolist() == expected["rule"].tolist()
    assert shown["predicts 2"].tolist() == expected["response 2"].tolist()
    assert shown["rows"].tolist() == expected["n_samples"].tolist()
    of_one = table_of(regression[1], "surrogate").columns.tolist()
    assert of_one == ["rule", "share of the rows", "rows", "predicts", "model predicts"]


def test_a_surrogate_that_does_not_follow_warns():
    X = np.random.RandomState(0).normal(size=(200, 6))
    y = np.sin(5 * X).sum(axis=1)
    model = DecisionTreeRegressor(random_state=0).fit(X, y)

    page = report(model, X, y, sections=["surrogate"])

    (note,) = blocks_of(page, "surrogate", "text")
    assert note.tone == "warning"


def test_trust(page):
    importance = explain.permutation_importance
    with pytest.warns(UserWarning, match="together"):
        importances = importance(TREE, IRIS, SPECIES, n_repeats=2, random_state=0)
    found = explain.explanation_quality(
        TREE, IRIS, SPECIES, explanation=importances, n_repeats=2,
        n_models=_report_input.N_MODELS, random_state=0,
    )  # fmt: skip

    assert section_of(page, "trust").records == [record_of(found)]
    shown = table_of(page, "trust")
    values = np.array([measure.value for measure in found.measures], dtype=float)
    np.testing.assert_array_equal(shown["value"].astype(float), values)
    measured = [measure for measure in found.measures if measure.low is not None]
    assert (shown["interval"] != "").sum() == len(measured)
    assert "other seeds: " in text_of(page, "trust")  # without X_train


def test_consistency_is_measured_with_training_rows():
    page = report(sections=["trust", "importance"], X_train=IRIS, y_train=SPECIES)

    shown = table_of(page, "trust").set_index("measure")["value"]
    assert np.isfinite(shown["rank correlation, other seeds"])
    assert "between models with other seeds" in text_of(page, "importance")
    check_page(page)


def test_without_targets(monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)  # quicker
    page = report(y=None, max_effects=2)

    reasons = left_out(page)
    for part in SECTIONS:
        if part.needs_targets:
            assert "It needs y" in reasons[part.heading]
    names = [section.name for section in page.sections]
    assert {"interactions", "surrogate"} <= set(names)
    section_of(page, "left_out").blocks.clear()  # says that shap is None
    check_page(page)


@pytest.mark.parametrize(("n_rows", "has_trust"), [(9, False), (10, True)])
@pytest.mark.parametrize("is_regression", [False, True])
def test_few_rows(n_rows, has_trust, is_regression):
    rows = np.linspace(0, 119, n_rows).astype(int)
    X, y = DIABETES.iloc[rows], PROGRESSION.iloc[rows]
    model = DecisionTreeRegressor(max_depth=2, random_state=0)
    if not is_regression:
        y = pd.Series(np.where(np.arange(n_rows) % 2, "yes", "no"))
        model = DecisionTreeClassifier(max_depth=2, random_state=0)

    page = report(model.fit(X, y), X, y, sections=[*QUICK, "importance", "trust"])

    names = [section.name for section in page.sections]
    assert {"scores", "errors", "importance", "interactions"} <= set(names)
    assert ("trust" in names) == has_trust
    assert ("is unknown" in text_of(page, "importance")) != has_trust
    assert "at least 30 rows" in left_out(page)["Which groups it predicts worst"]
    check_page(page)


@pytest.mark.parametrize("model", [SVC(), LinearSVC(random_state=0)])
@pytest.mark.parametrize("start", [0, 50])
def test_without_probabilities(model, start):
    X, y = IRIS[start:], SPECIES[start:]

    page = report(model.fit(X, y), X, y, sections=QUICK)

    assert [section.name for section in page.sections] == QUICK
    assert "no probabilities" in text_of(page, "errors")
    check_page(page)


def test_labels_are_named():
    labels = np.column_stack([DIABETES["age"] > 0, DIABETES["bmi"] > 0]).astype(int)
    model = KNeighborsClassifier(15).fit(DIABETES, labels)

    page = report(model, DIABETES, labels, sections=QUICK)

    confused = explain.confusion(model, DIABETES, labels).most_confused().iloc[0]
    assert (
        f"{confused['label']}: {confused['true']} predicted as {confused['predicted']} "
        f"{confused['n_samples']} times"
    ) in blocks_of(page, "errors", "figure")[0].alternative
    check_page(page)


def test_of_several_numbers_the_first_has_its_residuals_named():
    y = pd.DataFrame({"low": PROGRESSION, "high": PROGRESSION * 3})
    model = LinearRegression().fit(DIABETES, y)

    page = report(model, DIABETES, y, sections=QUICK)

    found = explain.residuals(model, DIABETES, y)
    figure = blocks_of(page, "errors", "figure")[0]
    assert f"Residuals of {found.output} over the predictions" in figure.alternative
    assert f"Residuals of {found.output} (actual minus" in figure.caption
    assert section_of(page, "surrogate").records
    check_page(page)


@pytest.mark.parametrize(
    "sections", [QUICK, pytest.param(["interactions", "rows"], marks=pytest.mark.slow)]
)
def test_hostile_names_are_text(sections):
    X = pd.DataFrame(np.random.RandomState(0).normal(size=(90, 5)), columns=HOSTILE)
    X[HOSTILE[0]] = X[HOSTILE[0]] > 0
    y = np.where(X[HOSTILE[1]] > 0, "<i>yes</i>", '|no"}</script>')
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)

    page = report(model, X, y, sections=sections)

    assert [section.name for section in page.sections] == sections
    html = page.render()
    assert "<i>yes" not in html
    assert "<b>&amp;" not in html
    assert html.count("</script>") == html.count("<script>") <= 1
    assert "\\|a\\`\\*" in page.to_markdown()
    assert not set("<>&") & set(page.to_json())


def test_a_wide_table_is_scored_less_often(monkeypatch):
    settings_used = []

    def quality(*arguments, **settings):
        settings_used.append((settings["n_repeats"], settings["n_resamples"]))
        raise DataError("It takes too long here.")

    monkeypatch.setattr(_report_input, "explanation_quality", quality)
    X = np.random.RandomState(0).normal(size=(30, 100))
    for columns in (2, 100):
        model = DecisionTreeClassifier(random_state=0).fit(X[:, :columns], X[:, 0] > 0)
        report(model, X[:, :columns], X[:, 0] > 0, sections=["importance"], n_repeats=9)

    assert settings_used == [(5, 20), (2, 9)]


def test_without_shap_the_rows_are_left_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)

    page = report(sections=["rows", "data"])

    assert "skdl[shap]" in left_out(page)["Why single rows get their predictions"]
    assert [section.name for section in page.sections] == ["data", "left_out"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rows():
    page = report(sections=["rows"])

    values = TREE.predict_proba(IRIS)[:, 0]
    order = np.argsort(values, kind="stable")
    places = [order[0], order[75], order[-1]]
    group = np.linspace(0, 149, 20).astype(int)
    rows = IRIS.iloc[[*dict.fromkeys(places), *group]]
    found = explain.attributions(
        TREE, rows, IRIS, output=0, max_background=50, max_evaluations=500,
        random_state=0,
    )  # fmt: skip
    many = found.aggregate(np.arange(len(rows) - 20, len(rows)))
    row = int(np.argmin(np.abs(values - 0.5)))
    changed = explain.counterfactual(TREE, IRIS, row)
    records = section_of(page, "rows").records
    assert records[0] == record_of(many)
    assert changed.found
    assert records[1] == record_of(changed)
    shown = table_of(page, "rows")
    assert shown["step"].tolist() == changed.to_frame()["step"].tolist()
    figures = blocks_of(page, "rows", "figure")
    assert figures[0].alternative.startswith(f"Attributions of row {places[0]}, with")
    strongest = ", ".join(many.to_frame()["feature"])
    assert f"the strongest first: {strongest}." in figures[-1].alternative
    check_page(page)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rows_of_a_class_that_is_called_by_a_number():
    X = np.random.RandomState(0).normal(size=(100, 2))
    y = np.repeat([1, 2, 3, 4], [20, 40, 20, 20])  # the second one is most frequent

    page = report(clone(TREE).fit(X, y), X, y, sections=["rows"])

    assert section_of(page, "rows").records[0]["output_names"] == ["2"]
