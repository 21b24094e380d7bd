"""The page as JSON: the documented schema, with what the cells hold."""

import datetime
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from skdl.explain import PermutationImportance
from skdl.reports import Page
from skdl.search import ParameterImportance

DOCUMENT = Path(__file__).parents[2] / "docs" / "reports.md"


def make_page():
    page = Page("Title", date=datetime.date(2026, 1, 2), versions={"skdl": "1.0"})
    page.add_card("Score", "0.9", note="0.8 to 1")
    section = page.add_section("First", how_to_read="Left to right.", name="first")
    section.add_text("A paragraph.")
    section.add_note("Mind this.", tone="warning")
    frame = pd.DataFrame(
        {
            "name": ["a", None],
            "size": [0.123456789, np.nan],
            "count": [1, 2],
            "any": [(64, 32), pd.Timestamp("2026-01-02")],
            "is known": [True, False],
        }
    )
    section.add_table(frame, caption="Sizes", mark=[1])
    _, ax = plt.subplots()
    section.add_figure(ax, alternative="An empty figure.", caption="Nothing.")
    return page


def test_a_page_by_hand():
    assert json.loads(make_page().to_json()) == {
        "schema": "skdl.report/1",
        "title": "Title",
        "summary": "",
        "date": "2026-01-02",
        "versions": {"skdl": "1.0"},
        "cards": [{"label": "Score", "value": "0.9", "note": "0.8 to 1"}],
        "sections": [
            {
                "name": "first",
                "heading": "First",
                "anchor": "section-1",
                "how_to_read": "Left to right.",
                "blocks": [
                    {"kind": "text", "tone": "plain", "text": "A paragraph."},
                    {"kind": "text", "tone": "warning", "text": "Mind this."},
                    {
                        "kind": "table",
                        "caption": "Sizes",
                        "columns": [
                            {"name": "name", "type": "any"},
                            {"name": "size", "type": "number"},
                            {"name": "count", "type": "number"},
                            {"name": "any", "type": "any"},
                            {"name": "is known", "type": "any"},
                        ],
                        "rows": [
                            ["a", 0.123456789, 1, [64, 32], True],
                            [None, None, 2, "2026-01-02 00:00:00", False],
                        ],
                        "marked_rows": [1],
                    },
                    {
                        "kind": "figure",
                        "alternative": "An empty figure.",
                        "caption": "Nothing.",
                    },
                ],
                "records": [],
            }
        ],
    }


def test_records_are_attached():
    section = Page("Title").add_section("Section")
    importance = PermutationImportance(
        np.array([[0.5, np.nan]]), np.array([0.5]), np.array([0.0]), ("<a>",),
        0.9, "r2", 10,
    )  # fmt: skip
    section.add_record(importance)
    section.add_record(
        ParameterImportance(("a",), ("a",), (1.0,), ("log",), {}, "fanova", "r2", 9, 0)
    )

    first, second = section.records
    assert first == importance.to_dict()
    assert first["importances"] == [[0.5, None]]
    assert second["record"] == "ParameterImportance"
    assert second["importances"] == [1.0]


@given(st.text(st.characters(codec=None)))
def test_any_text_comes_back_but_half_pairs(text):
    page = Page(text, versions={text: text})
    page.add_section(text, name=text).add_table(pd.DataFrame({text: [text] * 2}))

    written = page.to_json()
    read = json.loads(written)

    assert written.isascii()
    assert not set("<>&\n") & set(written)
    expected = "".join("\ufffd" if "\ud800" <= c < "\ue000" else c for c in text)
    assert read["title"] == expected
    assert read["versions"] == {expected: expected}
    assert read["sections"][0]["blocks"][0]["rows"] == [[expected]] * 2
    assert json.loads(page.to_json(indent=2)) == read


def test_the_schema_is_documented():
    document = DOCUMENT.read_text(encoding="utf-8")

    def keys_of(value):
        if isinstance(value, dict):
            return set(value).union(*map(keys_of, value.values()))
        return set().union(*map(keys_of, value)) if isinstance(value, list) else set()

    values = make_page().to_dict()
    values["versions"] = {}
    assert values["schema"] in document
    assert {key for key in keys_of(values) if f"`{key}`" not in document} == set()
