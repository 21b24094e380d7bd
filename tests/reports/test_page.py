"""The page: complete, closed in itself, and safe against the names it shows."""

import base64
import datetime
import hashlib
import os
import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from skdl import __version__
from skdl.exceptions import ParameterError
from skdl.reports import Page
from skdl.reports._page import installed_versions

HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br", "wbr"}


class Reader(HTMLParser):
    """Collects elements, links, texts by element, and checks that tags are closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())


@pytest.fixture
def page():
    page = Page("Title", summary="Summary", date=datetime.date(2026, 1, 2))
    page.add_card("Score", "0.9", note="0.8 to 1")
    section = page.add_section("First", how_to_read="From left to right.")
    section.add_text("A paragraph.")
    section.add_note("Mind this.", tone="warning")
    frame = pd.DataFrame(
        {"name": ["a", None], "count": [1, 2], "size": [0.12345, 1e-9]}
    )
    section.add_table(frame, caption="Sizes", mark=[1])
    figure, ax = plt.subplots()
    ax.set_xlabel("x axis")
    section.add_figure(ax, alternative="An empty figure.", caption="Nothing.")
    plt.close(figure)
    page.add_section("Second")
    return page


def test_everything_is_on_the_page(page):
    reader = Reader(page.render())

    for text in (
        "Title", "Summary", "Score", "0.9", "0.8 to 1", "From left to right.",
        "A paragraph.", "Mind this.", "Sizes", "0.123", "1e-09", "x axis", "Nothing.",
        "2026-01-02",
    ):  # fmt: skip
        assert text in reader.texts, text
    assert ("svg", "aria-label", "An empty figure.") in reader.attributes
    assert reader.attributes.count(("tr", "class", "marked")) == 1


def test_the_contents_lead_to_the_sections(page):
    attributes = Reader(page.render()).attributes

    links = [
        value[1:] for tag, name, value in attributes if (tag, name) == ("a", "href")
    ]
    ids = [value for tag, name, value in attributes if (tag, name) == ("section", "id")]
    assert links == ids
    assert len(set(ids)) == 2


def test_nothing_is_requested_or_run(page):
    html = page.render()
    reader = Reader(html)

    assert {"script", "link", "iframe", "img", "object"} & set(reader.tags) == set()
    assert "script-src 'none'" in html
    outside = [
        (tag, name, value)
        for tag, name, value in reader.attributes
        if name in ("src", "href", "srcset", "action", "xlink:href")
        and not value.startswith("#")
    ]
    assert outside == []
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]
    assert "@import" not in html
    assert "url(http" not in html
    assert "default-src 'none'" in html


def test_the_only_script_is_the_one_that_sorts_and_it_is_known_by_its_hash():
    page = Page("Title")
    page.add_section("Section").add_table(pd.DataFrame({"size": [3, None, 1e400, 2]}))
    html = page.render()

    (script,) = re.findall("<script>(.*?)</script>", html, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html
    assert re.findall('data-value="(.*?)"', html) == ["3.0", "", "Infinity", "2.0"]
    assert "\r" not in script
    assert script.isascii()
    assert "fetch" not in script
    assert "http" not in script


def test_marks_that_turn_text_around_are_seen():
    html = Page("a\u202eb\u2066c\ud800d\x00e", summary="עברית \u200f").render()

    assert "a\ufffdb\ufffdc\ufffdd\ufffde</h1>" in html
    assert "עברית \u200f</p>" in html


def test_hostile_names_are_text_everywhere():
    page = Page(HOSTILE, summary=HOSTILE, versions={HOSTILE: HOSTILE})
    page.add_card(HOSTILE, HOSTILE, note=HOSTILE)
    section = page.add_section(HOSTILE, how_to_read=HOSTILE)
    section.add_text(HOSTILE)
    section.add_note(HOSTILE)
    frame = pd.DataFrame({HOSTILE: [HOSTILE], '" onclick="x': ["\ud800"]})
    section.add_table(frame, caption=f'"{HOSTILE}')
    figure, ax = plt.subplots()
    ax.set_title(HOSTILE)
    section.add_figure(figure, alternative=f'"{HOSTILE}', caption=HOSTILE)
    plt.close(figure)

    reader = Reader(page.render())

    assert "script" not in reader.tags
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]
    assert sum(HOSTILE in text for text in reader.texts) >= 14


def test_defaults_of_the_foot():
    html = Page("Title").render()

    assert datetime.date.today().isoformat() in html
    assert f"skdl {__version__}" in html
    assert installed_versions()["pandas"] == pd.__version__


def test_it_is_written_whole_and_replaces(page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")

    assert page.write(path) == path
    assert path.read_text(encoding="utf-8") == page.render()
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_failure_leaves_the_old_page(page, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail(*paths):
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        page.write(path)

    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_missing_folder_is_an_error(page, tmp_path):
    with pytest.raises(FileNotFoundError):
        page.write(tmp_path / "nowhere" / "page.html")


def test_bad_parameters_are_refused():
    section = Page("Title").add_section("Section")

    with pytest.raises(ParameterError, match="must be 'note' or 'warning'"):
        section.add_note("x", tone="loud")
    with pytest.raises(ParameterError, match="must describe the figure"):
        section.add_figure(None, alternative=" ")


def test_columns_of_the_same_name_stay_apart():
    frame = pd.DataFrame([["left", 2.5]], columns=["same", "same"])
    page = Page("Title")
    page.add_section("Section").add_table(frame)

    assert {"left", "2.50"} <= set(Reader(page.render()).texts)
