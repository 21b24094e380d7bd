"""The page in a real browser: nothing runs or is requested, all can be reached."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from skdl.plots import learning_curve, temporary_figures
from skdl.reports import Page, explain_report, record_report
from tests.every_record import every_record
from tests.plots.figure_style import label

pytestmark = pytest.mark.slow  # starting a browser takes seconds

RUN = "window.hacked = 1"
HOSTILE = [
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"'><svg onload='{RUN}'>",
    f"</style><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</title></textarea></noscript><body onload='{RUN}'>",
    f"<!--><script>{RUN}</script>-->",
    f"]]><script>{RUN}</script>",
    f"<a href='javascript:{RUN}'>javascript:{RUN}</a>",
    "<iframe srcdoc='<script>parent.hacked = 1</script>'>",
    "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "<style>@import 'http://127.0.0.1:9/y.css'; body {display: none}</style>",
    "url(http://127.0.0.1:9/z.png)",
    "<base href='http://127.0.0.1:9/'>",
    "<meta http-equiv=refresh content='0; url=http://127.0.0.1:9/'>",
    "<form action='http://127.0.0.1:9/'><input autofocus onfocus='hacked = 1'>",
    "<div id=body></div><div id=section-1></div>",
    f"${{{RUN}}}",
    f"{{{{7*7}}}} {{% {RUN} %}}",
    "line\u2028separator\u2029\r\n\x00\x07",
    "half a pair \ud800",
    "\u202eturned around\u202c",
    "| pipes \\| and `ticks` |",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "x" * 300,
    "名前 עברית ✓",
]

# The table of the features is the first one.
HOSTILE_SECTIONS = [
    "data", "scores", "errors", "slices", "importance", "effects", "surrogate",
    "trust", "search",
]  # fmt: skip


def hostile_page(names=HOSTILE):
    """A page with every hostile name in every place that takes a text."""
    everything = " ".join(names)
    page = Page(everything, summary=everything, versions=dict.fromkeys(names, "1"))
    for name in names:
        page.add_card(name, name, note=name)
        page.add_section(name, how_to_read=name).add_text(name)
    section = page.add_section("All")
    section.add_note(everything, tone="warning")
    numbers = np.linspace(-1, 1, len(names))
    frame = pd.DataFrame({"name": names, "other": names[::-1], "number": numbers})
    section.add_table(frame, caption=everything)
    section.add_table(pd.DataFrame([numbers] * 4, columns=names), caption="Wide")
    for name in names:
        with temporary_figures():
            _, ax = plt.subplots()
            ax.set_title(label(name, longest=300))
            section.add_figure(ax, alternative=name, caption=name)
    return page


def hostile_report(path):
    """A report about columns, categories and classes of hostile names."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.normal(size=(80, len(HOSTILE))), columns=HOSTILE)
    X[HOSTILE[0]] = rng.choice(HOSTILE[:8], size=80)
    X[HOSTILE[1]] = HOSTILE[1]
    X.attrs["units"] = dict(zip(HOSTILE, HOSTILE[::-1], strict=True))
    y = pd.Series(np.where(X.iloc[:, 2] > 0, *HOSTILE[3:5]), name=HOSTILE[5])
    words = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(words, DecisionTreeClassifier(random_state=0)).fit(X, y)
    search = GridSearchCV(
        model, {"decisiontreeclassifier__random_state": [0, 1]}, cv=2
    ).fit(X, y)
    return explain_report(
        search,
        X,
        y,
        features=list(range(len(HOSTILE))),
        sections=HOSTILE_SECTIONS,
        n_repeats=2,
        path=path,
    )


def plain_page(n_rows=12):
    """A page whose table has numbers that words would sort otherwise."""
    page = Page("A page", summary="Of a table and a figure.")
    page.add_card("Accuracy", "0.93", note="95 % interval 0.91 to 0.95")
    page.add_section("First").add_text("Text. " * 300)
    section = page.add_section("Table", how_to_read="One row per thing.")
    values = [3.0, -1e-9, 1234.5, np.nan, 10.0, -20.0, 2e9, np.inf, 0.5, 7.0, 8.0, 9.0]
    frame = pd.DataFrame(
        {
            "size": values[:n_rows],
            "name": [f"item {place}" for place in range(12)][:n_rows],
            "typical": ["b", 10, None, 9, "a", 2.5, "B", "c", 0, -1, "d", "e"][:n_rows],
        }
    )
    section.add_table(frame, caption="Sizes", mark=[2])
    with temporary_figures():
        history = pd.DataFrame({"epoch": [1, 2], "loss": [2, 1], "val_loss": [2, 3]})
        section.add_figure(learning_curve(history), alternative="The loss falls.")
    page.add_section("Last").add_text("The end. " * 400)
    return page


def column(tab, place):
    """The texts of a column as they are shown, from top to bottom."""
    return tab.ask(
        "[...document.querySelector('table').tBodies[0].rows]"
        f".map((row) => row.cells[{place}].textContent)"
    )


@pytest.fixture
def plain_tab(open_tab, tmp_path):
    path = plain_page().write(tmp_path / "page.html")
    tab = open_tab(path)
    yield tab
    assert tab.complaints == []
    assert tab.requests == [path.as_uri()]


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_names_neither_run_nor_ask_for_anything(open_tab, tmp_path, width):
    path = hostile_page().write(tmp_path / "page.html")

    tab = open_tab(path, width=width)
    tab.screenshot(tmp_path / f"hostile_{width}.png")
    tab.pdf()

    assert tab.ask("typeof window.hacked") == "undefined"
    assert tab.requests == [path.as_uri()]
    assert tab.complaints == []
    assert tab.ask("document.title").startswith(HOSTILE[0])
    assert tab.ask("document.scripts.length") == 1
    assert tab.ask("document.querySelectorAll('img, iframe, link, base, form')") == {}
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert tab.ask(overflow) <= 0


@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_about_hostile_names(open_tab, tmp_path, width):
    path = tmp_path / "report.html"
    page = hostile_report(path)

    tab = open_tab(path, width=width)
    tab.screenshot(tmp_path / f"report_{width}.png")

    assert [s.name for s in page.sections] == HOSTILE_SECTIONS
    assert tab.ask("typeof window.hacked") == "undefined"
    assert tab.requests == [path.as_uri()]
    assert tab.complaints == []
    assert tab.ask("document.documentElement.scrollWidth") <= width
    shown = [name for name in HOSTILE if name.isprintable()]
    assert set(shown) <= set(column(tab, 0))
    figures = [b for s in page.sections for b in s.blocks if b.kind == "figure"]
    assert tab.ask("document.querySelectorAll('svg').length") == len(figures) >= 10


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_of_every_record(open_tab, tmp_path, width, dark):
    path = tmp_path / "records.html"
    page = record_report(every_record(), path=path)

    tab = open_tab(path, width=width, dark=dark)
    tab.screenshot(tmp_path / f"records_{width}_{'dark' if dark else 'light'}.png")

    assert tab.complaints == []
    assert tab.requests == [path.as_uri()]
    assert tab.ask("document.documentElement.scrollWidth") <= width
    figures = [b for s in page.sections for b in s.blocks if b.kind == "figure"]
    assert tab.ask("document.querySelectorAll('svg').length") == len(figures)


def test_hostile_names_are_shown_as_they_are(open_tab, tmp_path):
    names = [name for name in HOSTILE if name.isprintable()]

    tab = open_tab(hostile_page(names).write(tmp_path / "page.html"))

    shown = "[...document.querySelectorAll('%s')].map((e) => e.textContent)"
    assert tab.ask(shown % "h2")[:-1] == names
    assert tab.ask(shown % "dd.value") == names
    assert tab.ask(shown % "section > p.plain") == names
    assert column(tab, 0) == names


def test_a_script_that_were_not_escaped_would_not_run(open_tab, tmp_path):
    path = tmp_path / "page.html"
    html = plain_page().render()
    broken = html.replace("<main>", f"<main><script>{RUN}</script><img src=x:y>")
    assert broken != html
    path.write_text(broken, encoding="utf-8")

    tab = open_tab(path)

    assert tab.ask("typeof window.hacked") == "undefined"
    texts = [complaint["entry"]["text"] for complaint in tab.complaints]
    assert len(texts) == 2
    assert all("Content Security Policy" in text for text in texts)
    assert column(tab, 0)  # and ours has run
    assert tab.ask("document.querySelectorAll('th button').length") == 3


def test_the_contents_lead_to_the_sections(plain_tab):
    for place in (2, 1, 0):
        plain_tab.click(f"document.querySelectorAll('nav a')[{place}]")
        top = plain_tab.ask(
            f"document.getElementById('section-{place + 1}').getBoundingClientRect().y"
        )
        at_end = plain_tab.ask(
            "innerHeight + scrollY >= document.documentElement.scrollHeight - 1"
        )
        assert abs(top) < 2 or at_end
        assert plain_tab.ask("location.hash") == f"#section-{place + 1}"


UP = [
    "-20.0", "-1e-09", "0.500", "3.00", "7.00", "8.00", "9.00", "10.0", "1,234",
    "2.00e+09", "inf", "–",
]  # fmt: skip


def test_numbers_are_sorted_by_their_value(plain_tab):
    as_they_were = column(plain_tab, 0)
    heading = "document.querySelectorAll('th')[0]"
    for order, expected in [
        ("ascending", UP),
        ("descending", [*UP[-2::-1], UP[-1]]),
        (None, as_they_were),
    ]:
        plain_tab.click(f"{heading}.firstChild")
        assert column(plain_tab, 0) == expected
        assert plain_tab.ask(f"{heading}.getAttribute('aria-sort')") == order
    marked = "document.querySelector('tr.marked').cells[1].textContent"
    assert plain_tab.ask(marked) == "item 2"


def test_words_are_sorted_by_the_keyboard(plain_tab):
    plain_tab.ask("document.querySelectorAll('th button')[0].focus()")
    plain_tab.press("Tab")
    plain_tab.press("Enter")
    assert column(plain_tab, 1) == [f"item {place}" for place in range(12)]
    plain_tab.press(" ")
    assert column(plain_tab, 1) == [f"item {place}" for place in range(11, -1, -1)]
    assert plain_tab.ask("document.activeElement.textContent") == "name"

    plain_tab.press("Tab")
    plain_tab.press("Enter")
    mixed = ["-1", "0", "2.50", "9", "10", "a", "b", "B", "c", "d", "e", "–"]
    assert column(plain_tab, 2) == mixed
    sorts = "[...document.querySelectorAll('th')].map((h) => h.ariaSort)"
    assert plain_tab.ask(sorts) == [None, None, "ascending"]


def test_a_short_table_is_not_sorted(open_tab, tmp_path):
    path = plain_page(n_rows=3).write(tmp_path / "page.html")

    tab = open_tab(path)

    assert tab.ask("document.querySelectorAll('button, script').length") == 0


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_it_looks_right_at_both_widths_in_light_and_dark(
    open_tab, tmp_path, width, dark
):
    tab = open_tab(plain_page().write(tmp_path / "page.html"), width=width, dark=dark)

    tab.screenshot(tmp_path / f"page_{width}_{'dark' if dark else 'light'}.png")

    assert tab.ask("document.documentElement.scrollWidth") <= width
    paper = tab.ask("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 25, 28)" if dark else "rgb(253, 253, 252)")
    is_hidden = "getComputedStyle(document.querySelector('nav')).display"
    assert tab.ask(is_hidden) != "none"


def test_it_is_printed(plain_tab):
    pdf = plain_tab.pdf()

    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 2
