"""The page as Markdown: what a reader of GitHub's flavour makes of it."""

import datetime

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from skdl.reports import Page
from skdl.reports._markdown import markdown_text, visible

# CommonMark with the tables and strikethrough of GitHub's flavour; raw HTML is read.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = [
    "<script>alert(1)</script>",
    "<!-- hidden -->",
    "[text](javascript:alert(1))",
    "![image](http://127.0.0.1/x.png)",
    "[x]: http://127.0.0.1",
    "<http://127.0.0.1>",
    "| a | b |",
    r"ends in \\",
    r"\|",
    "`code` ``more``",
    "**bold** _it_ __init__ ~~gone~~",
    "# heading",
    "- item",
    "+ item",
    "12. item",
    "3) item",
    "> quoted",
    "```",
    "~~~",
    "---",
    "===",
    ":--",
    "    indented",
    "&lt;b&gt; &copy; &#35;",
    "two\nlines\r\nand \u2028 more",
    "a  \nb",
    "$x$",
    "{{7*7}}",
    "[^1]",
    "- [ ] task",
]


def text_of(tokens):
    """What is shown, without its marks; anything but text must be plain or bold."""
    shown = []
    for token in tokens:
        assert token.type in ("text", "text_special", "strong_open", "strong_close")
        shown.append(token.content)
    return "".join(shown)


def shown(markdown):
    """The kinds of blocks, and the text of each inline part."""
    tokens = READER.parse(markdown)
    kinds = [token.type for token in tokens if token.nesting == 1]
    texts = [text_of(token.children) for token in tokens if token.type == "inline"]
    assert all(token.type == "inline" or token.nesting for token in tokens)
    return kinds, texts


def as_shown(text):
    return visible(" ".join(text.split()))


@given(st.text(max_size=40))
@example("".join(map(chr, range(128))))
def test_any_text_is_a_paragraph_that_shows_it(text):
    expected = as_shown(text)

    kinds, texts = shown(markdown_text(text))

    assert kinds == (["paragraph_open"] if expected else [])
    assert texts == ([expected] if expected else [])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_text(text):
    assert shown(markdown_text(text)) == (["paragraph_open"], [as_shown(text)])


@given(st.lists(st.text(max_size=20), min_size=2, max_size=5))
@example(HOSTILE)
def test_tables_have_their_cells(texts):
    page = Page("Page", versions={})
    frame = pd.DataFrame({0: texts, 1: texts[::-1]})
    page.add_section("Table").add_table(frame.set_axis(["name", texts[0]], axis=1))

    tokens = READER.parse(page.to_markdown())

    rows = [token for token in tokens if token.type == "tr_open"]
    cells = [
        text_of(tokens[place + 1].children)
        for place, token in enumerate(tokens)
        if token.type in ("th_open", "td_open")
    ]
    assert len(rows) == len(texts) + 1
    expected = ["name", texts[0]]
    for pair in zip(texts, texts[::-1], strict=True):
        expected += pair
    assert cells == [as_shown(text) for text in expected]


def test_a_page_by_hand():
    page = Page("A_page", date=datetime.date(2026, 1, 2), versions={"skdl": "1.0"})
    page.add_card("Score", "0.9", note="0.8 to 1")
    page.add_card("Rows", "12")
    section = page.add_section("First", how_to_read="Left to right.")
    section.add_text("1. Text with www.example.org and @me")
    section.add_note("Known.")
    section.add_note("Minded.", tone="warning")
    frame = pd.DataFrame({"name": ["a|b", None], "size": [0.12345, 2.0]})
    section.add_table(frame, caption="Sizes", mark=[0])
    _, ax = plt.subplots()
    section.add_figure(ax, alternative="Nothing <here>.", caption="A caption.")

    assert (
        page.to_markdown()
        == r"""# A\_page

- Score: **0.9** (0.8 to 1)
- Rows: **12**

## First

**How to read this.** Left to right.

1\. Text with www\.example.org and \@me

**Note.** Known.

**Warning.** Minded.

Sizes

| name | size |
| --- | ---: |
| **a\|b** | **0.123** |
| – | 2.00 |

**Figure.** Nothing \<here\>. A caption.

Made on 2026-01-02 with skdl 1.0.
"""
    )
