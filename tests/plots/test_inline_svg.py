"""SVG for web pages: closed in itself, coloured by the page."""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from skdl.plots import inline_svg
from tests.plots.figure_style import BLUE, finish


@pytest.fixture
def ax():
    _, ax = plt.subplots()
    ax.plot([1, 2], [1, 2], "o", color=BLUE)
    return finish(ax, xlabel="n")


def test_nothing_outside_is_named(ax):
    svg = inline_svg(ax, alternative="A line.")

    assert "http" not in svg
    links = re.findall(r'href="([^"]*)"|url\(([^)]*)\)', svg)
    assert links
    assert all("".join(link).startswith("#") for link in links)


def test_every_link_has_its_target_and_ids_differ_between_figures(ax):
    root = ElementTree.fromstring(inline_svg(ax, alternative="A line."))
    ax.set_xlabel("m")
    other = ElementTree.fromstring(inline_svg(ax, alternative="A line."))

    ids, other_ids = ({e.get("id") for e in r.iter()} - {None} for r in (root, other))
    text = ElementTree.tostring(root, encoding="unicode")
    links = set(re.findall(r'href="#([^"]*)"', text))
    links |= set(re.findall(r"url\(#([^)]*)\)", text))
    assert links == ids
    assert not ids & other_ids


def test_it_has_a_text_alternative_and_scales(ax):
    root = ElementTree.fromstring(inline_svg(ax, alternative='A "line" <b>.'))

    assert root.tag == "svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'A "line" <b>.'
    assert root.get("viewBox")
    assert root.get("height") is None


def test_the_page_colours_it(ax):
    svg = inline_svg(ax, alternative="A line.")

    assert f"var(--blue, {BLUE})" in svg
    assert svg.count(BLUE) == svg.count(f"var(--blue, {BLUE})")


def test_names_that_look_like_links_or_colours_stay_as_they_are(ax):
    for name in ("url(#x)", BLUE, 'id="y"'):
        ax.set_xlabel(name)
        root = ElementTree.fromstring(inline_svg(ax, alternative="A line."))
        assert name in [element.text for element in root.iter()]


def test_equal_figures_give_equal_text_and_settings_stay(ax):
    before = mpl.rcParams.copy()

    assert inline_svg(ax, alternative="A.") == inline_svg(ax.figure, alternative="A.")
    assert mpl.rcParams == before
