"""Findings are told as a line, a table, plain values and a page."""

import json

import pytest

from skdl.diagnosis._finding import Finding, FindingsRecord


@pytest.fixture
def findings():
    first = Finding(
        code="slow",
        severity="problem",
        verdict="it is <slow>",
        numbers={"ratio": 0.123456, "missing": float("nan")},
        meaning="It & others crawl.",
        advice="Hurry.",
        suggestion={"learning_rate": 0.1, "optimizer": "sgd"},
    )
    second = Finding("fine", "note", "else fine", {}, "Fine.", "Nothing.")
    return first, second


def test_a_finding_says_itself_in_one_line(findings):
    assert str(findings[0]) == "slow (problem): it is <slow>"
    assert findings[1].suggestion == {}


def test_the_first_is_said_and_the_others_are_counted(findings):
    assert str(FindingsRecord(findings, ())) == (
        "FindingsRecord: slow (problem): it is <slow> (and 1 more)"
    )
    assert str(FindingsRecord(findings[:1], ())) == (
        "FindingsRecord: slow (problem): it is <slow>"
    )
    assert str(FindingsRecord((), ())) == "FindingsRecord: nothing found"


def test_a_console_shows_all_of_it(findings):
    assert repr(FindingsRecord(findings, ("the rows: pass X and y",))) == (
        "FindingsRecord\n"
        "\n"
        "slow (problem): it is <slow>\n"
        "  It & others crawl.\n"
        "  Evidence: ratio = 0.1235\n"
        "  Try: Hurry.\n"
        "  set_params: learning_rate=0.1, optimizer='sgd'\n"
        "\n"
        "fine (note): else fine\n"
        "  Fine.\n"
        "  Try: Nothing.\n"
        "\n"
        "Not answered:\n"
        "  the rows: pass X and y"
    )
    assert repr(FindingsRecord((), ())) == "FindingsRecord: nothing found"


def test_the_table_has_a_row_per_finding(findings):
    frame = FindingsRecord(findings, ()).to_frame()

    assert list(frame) == [
        *("code", "severity", "verdict", "evidence", "meaning", "advice"),
        "suggestion",
    ]
    assert frame["code"].tolist() == ["slow", "fine"]
    assert frame["evidence"].tolist() == ["ratio = 0.1235", ""]
    assert frame["suggestion"].tolist() == ["learning_rate=0.1, optimizer='sgd'", ""]
    empty = FindingsRecord((), ()).to_frame()
    assert list(empty) == list(frame)
    assert empty.empty


def test_plain_values_can_be_json(findings):
    values = json.loads(json.dumps(FindingsRecord(findings, ("why",)).to_dict()))

    assert values["record"] == "FindingsRecord"
    assert values["findings"][0]["numbers"] == {"ratio": 0.123456, "missing": None}
    assert values["findings"][0]["suggestion"] == {
        "learning_rate": 0.1,
        "optimizer": "sgd",
    }
    assert values["unanswered"] == ["why"]


def test_the_page_escapes_what_is_said(findings):
    page = FindingsRecord(findings, ("is a < b?",))._repr_html_()

    assert "it is &lt;slow&gt;" in page
    assert "It &amp; others crawl." in page
    assert "<li>is a &lt; b?</li>" in page
    assert "<slow>" not in page
    assert "Not answered" not in FindingsRecord(findings, ())._repr_html_()
