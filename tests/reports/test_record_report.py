"""A page of records: what each says, its figure and its table; what fails is named."""

import json
import re
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from skdl.diagnosis import diagnose
from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.explain import PartialDependence, partial_dependence
from skdl.reports import explain_report, record_report
from skdl.reports._record_report import Record
from tests.every_record import FINDINGS_ALONE, every_record
from tests.reports.parts_of_a_page import (
    blocks_of,
    section_of,
    table_of,
    texts_of,
)

HISTORY = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 0.6, 0.8, 1.2]}
HOSTILE = "<img src=x onerror=alert(1)> & $x_1$ |`*"


@pytest.fixture(scope="module")
def records():
    return every_record()


@pytest.fixture(scope="module")
def page(records):
    return record_report(records)


@dataclass(frozen=True)
class Own(Record):
    """A record of somebody else, which nothing draws."""

    value: float = 1.0

    def to_frame(self):
        return pd.DataFrame({"some_value": [self.value], "nothing": [None]})


def test_every_record_has_words_a_figure_and_a_table(page, records):
    assert [section.heading for section in page.sections] == list(records)
    for section in page.sections:
        kinds = [block.kind for block in section.blocks]
        assert section.how_to_read
        assert "figure" in kinds
        assert "table" in kinds or section.heading == "Confusion"  # drawn as one
        assert [each["record"] for each in section.records] == [section.heading]
        for block in section.blocks:
            if block.kind == "figure":
                assert block.alternative.strip()
            if block.kind == "table":
                assert not [h.text for h in block.headings if "_" in h.text]
    assert plt.get_fignums() == []


def test_records_that_say_something_are_quoted(page, records):
    quoted = {
        "LearningRateSweep": "Learning rate sweep: best 0.01, recommended 0.001 to 0.01"
        ", 1 of 4 rates diverged.",
        "CapacitySearch": "Capacity search by log loss: best 2 x 8 (0.45), simplest "
        "within one standard error 1 x 8 (0.5).",
        "BaselineComparison": records["BaselineComparison"].verdict,
        "Surrogate": records["Surrogate"].summary(),
        "Slices": records["Slices"].note,
        "Counterfactual": records["Counterfactual"].summary,
    }
    for heading, words in quoted.items():
        assert texts_of(page, heading)[0] == words
    for heading, words in (
        ("OptimizerComparison", "Optimizer comparison"),
        ("RegularisationComparison", "Regularisation comparison"),
    ):
        text = str(records[heading]).replace(heading, words)
        assert texts_of(page, heading)[0] == f"{text}."


def test_a_diagnosis_says_what_to_try_and_what_was_not_checked(page, records):
    found = records["Diagnosis"]
    first = found.findings[0]
    note, *others = blocks_of(page, "Diagnosis", "text")

    assert note.tone == "warning"
    assert note.text == (
        f"Verdict (problem): {first.verdict}. {first.meaning} {first.advice}"
    )
    assert [text.text for text in others] == [
        f"Not answered: {'; '.join(found.unanswered)}."
    ]
    assert table_of(page, "Diagnosis")["verdict"].tolist() == [
        finding.verdict for finding in found.findings
    ]


def test_a_gradient_flow_has_its_findings_and_its_layers(page, records):
    frame = table_of(page, "GradientFlow")
    assert frame["suggestion"].tolist() == ["learning_rate=0.0001"]
    captions = [table.caption for table in blocks_of(page, "GradientFlow", "table")]
    assert captions[1:] == [
        "Layers, first step",
        "Layers, epoch 2",
        "Layers at the end of training, over all rows (finished all epochs)",
    ]
    layers = table_of(page, "GradientFlow", 1)
    assert layers["gradient norm"].tolist() == [0.1, 0.01]
    assert "saturated share" not in layers  # there are none
    assert "gradient norm" not in table_of(page, "GradientFlow", 3)


def test_tables_hold_what_the_records_hold(page, records):
    sweep = table_of(page, "LearningRateSweep")
    frame = records["LearningRateSweep"].to_frame()
    np.testing.assert_array_equal(sweep["learning rate"], frame["learning_rate"])
    np.testing.assert_allclose(
        sweep["validation loss"].astype(float), frame["val_loss"]
    )
    assert sweep["status"].tolist() == frame["status"].tolist()
    optimizers = table_of(page, "OptimizerComparison")
    assert optimizers["range over seeds"].tolist() == ["0.6 to 0.6", "0.8 to 0.8"]
    baselines = table_of(page, "BaselineComparison")
    np.testing.assert_array_equal(baselines["difference"], [np.nan, 0.1, 0.4])
    assert baselines["interval of the difference"].tolist() == [
        "", "0.05 to 0.15", "0.35 to 0.45",
    ]  # fmt: skip
    assert "Baselines left out: gradient boosting: too few rows." in texts_of(
        page, "BaselineComparison"
    )
    regularised = table_of(page, "RegularisationComparison")
    assert regularised["regularisation"].tolist() == ["none", "l2 0.01"]
    np.testing.assert_array_equal(regularised["better than none by"], [np.nan, 0.2])
    rates = table_of(page, "LearningRateRangeTest")
    assert rates["learning rate"].tolist() == [0.01, 0.01, 0.1, 0.01]


@pytest.mark.parametrize(
    ("heading", "marked"),
    [
        ("LearningRateSweep", {1}),
        ("CapacitySearch", {1, 2}),
        ("OptimizerComparison", {0}),
        ("BaselineComparison", {0}),
        ("RegularisationComparison", {1}),
    ],
)
def test_the_best_one_stands_out(page, heading, marked):
    assert blocks_of(page, heading, "table")[0].marked_rows == marked


def test_the_page_is_html_markdown_and_json(page, records, tmp_path):
    path = tmp_path / "page.html"
    written = record_report(
        records["Diagnosis"], title="A & B", summary="Of C.", path=path
    )

    html = path.read_text(encoding="utf-8")
    assert html == written.render()
    assert "<h1>A &amp; B</h1>" in html
    assert "## LearningRateSweep\n" in page.to_markdown()
    values = json.loads(page.to_json())
    assert values["schema"] == "skdl.report/1"
    assert [section["name"] for section in values["sections"]][-2:] == [
        "diagnosis",
        "gradient_flow",
    ]
    for section, record in zip(values["sections"], records.values(), strict=True):
        assert section["records"] == json.loads(json.dumps([record.to_dict()]))


def test_headings_are_the_classes_in_words(records):
    sweep, area = records["LearningRateSweep"], records["PartialDependence"]

    page = record_report([sweep, area, sweep, sweep, records["PermutationImportance"]])

    assert [section.heading for section in page.sections] == [
        "Learning rate sweep",
        f"Partial dependence: {area.feature_names[0]}",
        "Learning rate sweep (2)",
        "Learning rate sweep (3)",
        "Permutation importance",
    ]
    # It can be read like a mapping, but is a record.
    (section,) = record_report(records["PermutationImportance"]).sections
    assert section.heading == "Permutation importance"


def test_a_record_that_cannot_be_drawn_is_named_at_the_end(records):
    broken = replace(
        records["GradientFlow"], layers=records["GradientFlow"].layers.head(0)
    )

    page = record_report({"Flow": broken, "Mine": Own(2.5)})

    assert [section.heading for section in page.sections] == [
        "Flow",
        "Mine",
        "Left out",
    ]
    reasons = table_of(page, "Left out").set_index("section")["reason"]
    assert list(reasons.index) == ["Flow: the figure", "Mine: the figure"]
    assert "Got Own instead" in reasons["Mine: the figure"]
    assert blocks_of(page, "Flow", "figure") == []
    assert texts_of(page, "Flow") == [
        "Gradient flow: dying_units (problem): ReLU units died."
    ]
    assert table_of(page, "Mine").to_dict("records") == [{"some value": 2.5}]
    assert [each["record"] for each in section_of(page, "Flow").records] == [
        "GradientFlow"
    ]
    assert plt.get_fignums() == []


def test_findings_alone_need_no_figure():
    page = record_report([FINDINGS_ALONE])

    assert [section.heading for section in page.sections] == ["Findings record"]
    assert texts_of(page, "Findings record") == [
        "Nothing could be checked.",
        "Not answered: the losses.",
    ]


def test_slices_without_groups_say_so(records):
    found = records["Slices"]
    nothing = replace(
        found,
        features=(),
        groups=(),
        **{
            name: np.empty(0)
            for name in ("counts", "scores", "lows", "highs", "gaps", "gap_lows",
                         "gap_highs")
        },
    )  # fmt: skip

    page = record_report({"Groups": nothing})

    assert [section.heading for section in page.sections] == ["Groups"]
    assert texts_of(page, "Groups") == [nothing.note]


def test_classes_that_are_called_by_numbers_are_no_positions():
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=1000).fit(X, y + 1)

    found = partial_dependence(model, X, [3], grid_resolution=3)
    page = record_report({"Effect": found})

    drawn = [
        figure.svg.replace(figure.alternative, "")
        for figure in blocks_of(page, "Effect", "figure")
    ]
    assert len(drawn) == len(set(drawn)) == 3


def test_long_tables_are_shortened(records):
    found = records["PartialDependence"]
    grid = np.linspace(0, 1, 100)
    many = replace(
        found,
        grid_values=[grid],
        average=np.tile(grid**2, (6, 1)),
        deviation=None,
        output_names=tuple("abcdef"),
        feature_names=("output",),
    )

    page = record_report({"Many": many})

    table = table_of(page, "Many")
    assert table.iloc[[0, -1], 0].tolist() == ["a", "f"]
    assert len(table) == 12
    assert "at 12 of 600 points" in blocks_of(page, "Many", "table")[0].caption
    assert len(blocks_of(page, "Many", "figure")) == 3
    assert texts_of(page, "Many")[-1] == "And 3 more outputs."
    averages = PartialDependence(**{**vars(many), "average": None})
    individual = np.tile(grid, (6, 4, 1))
    alone = record_report(replace(averages, individual=individual))
    assert "ranges from 0 to 1." in alone.sections[0].blocks[0].text


def test_names_from_data_are_text(records):
    found = replace(records["PartialDependence"], feature_names=(HOSTILE,))
    report = replace(records["LearningRateSweep"], statuses=(HOSTILE,) * 4)

    page = record_report([found, report])

    html = page.render()
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert f"Partial dependence: {HOSTILE}" in [s.heading for s in page.sections]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, ParameterError, "must have at least one record. Got {}"),
        ([], ParameterError, "must have at least one record. Got []"),
        ("text", ParameterTypeError, "or a mapping of headings to records. Got str"),
        (5, ParameterTypeError, "must be a record of skdl, a sequence of them"),
        ([HISTORY], ParameterTypeError, "Got dict as number 0"),
        ({"A": 1}, ParameterTypeError, "Got int as 'A'"),
        ({1: Own()}, ParameterTypeError, "must be strings. Got 1"),
    ],
)
def test_what_is_no_record_is_refused(given, error, message):
    for report in (record_report, _explained):
        with pytest.raises(error, match=re.escape(message)) as raised:
            report(records=given)
        name = "record_report" if report is record_report else "explain_report"
        assert f"'records' parameter of {name}" in str(raised.value)


IRIS, SPECIES = load_iris(return_X_y=True, as_frame=True)


def _explained(estimator=None, **settings):
    if estimator is None:
        estimator = LogisticRegression(max_iter=1000).fit(IRIS, SPECIES)
    return explain_report(estimator, IRIS, SPECIES, n_repeats=1, **settings)


def test_records_are_part_of_an_explanation(records):
    sweep = records["LearningRateSweep"]

    page = _explained(
        sections=["data", "training"], records={"Rates": sweep, "Mine": Own()}
    )

    headings = [section.heading for section in page.sections]
    assert headings == ["Data", "Rates", "Mine", "Left out"]
    assert table_of(page, "Left out")["section"].tolist() == [
        "Training",
        "Mine: the figure",
    ]
    alone = record_report({"Rates": sweep})
    assert section_of(page, "Rates").blocks == alone.sections[0].blocks


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_given_diagnosis_takes_the_place_of_the_verdict():
    network = MLPClassifier((4,), max_iter=5, random_state=0).fit(IRIS, SPECIES)
    found = diagnose(network, baseline=10.0)

    without = _explained(network, sections=["training"])
    page = _explained(network, sections=["training"], records=[found])

    assert any("Verdict (" in text for text in texts_of(without, "Training"))
    assert texts_of(page, "Training") == [
        "5 epochs.",
        "The verdict is in the section “Diagnosis”.",
    ]
    assert any("Verdict (" in text for text in texts_of(page, "Diagnosis"))
    # Each section has the losses, once.
    for explained in (without, page):
        [figure] = blocks_of(explained, "Training", "figure")
        assert "The loss over 5 epochs, ending at" in figure.alternative
