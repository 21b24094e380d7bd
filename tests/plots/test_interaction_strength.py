"""Interactions are drawn from the strongest down, with H beside the bar."""

import dataclasses

import numpy as np
import pytest

from skdl import plots
from skdl.exceptions import DataError, ParameterError
from skdl.explain import InteractionStrength

FOUND = InteractionStrength(
    feature_names=("a", "b", "c"),
    total=np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]]),
    total_strength=np.array([[1.0, 2.0, 3.0], [6.0, 4.0, 2.0]]),
    pairs=(("a", "b"), ("a", "c"), ("b", "c")),
    pairwise=np.array([[0.9, 0.5, 0.1], [0.0, 0.0, 0.0]]),
    pairwise_strength=np.array([[0.5, 4.0, 1.0], [0.0, 0.0, 0.0]]),
    output_names=("no", "yes"),
    response="probability",
    n_samples=50,
)


def rows(ax):
    names = [text.get_text() for text in ax.get_yticklabels()]
    widths = [bar.get_width() for bar in ax.patches]
    return dict(zip(names, widths, strict=True))


def test_pairs_in_the_order_of_strength():
    ax = plots.interaction_strength(FOUND, n_best=2)

    assert list(rows(ax).items()) == [("a × c", 4.0), ("b × c", 1.0)]
    assert [text.get_text() for text in ax.texts] == ["H 0.50", "H 0.10"]
    assert ax.get_xlabel() == "joint part of probability of no"


def test_totals_of_an_output():
    ax = plots.interaction_strength(FOUND, kind="total", output="yes")

    assert list(rows(ax).items()) == [("a", 6.0), ("b", 4.0), ("c", 2.0)]
    assert ax.get_title(loc="left") == "each with all others"


def test_totals_where_there_are_no_pairs():
    nothing = np.zeros((2, 0))
    alone = dataclasses.replace(
        FOUND, pairs=(), pairwise=nothing, pairwise_strength=nothing
    )

    assert rows(plots.interaction_strength(alone))["c"] == 3.0
    with pytest.raises(DataError, match="There are no pairs to draw"):
        plots.interaction_strength(alone, kind="pairs")


def test_no_strength_at_all_can_be_drawn():
    ax = plots.interaction_strength(FOUND, output=1)

    assert set(rows(ax).values()) == {0.0}
    assert ax.get_xlim() == (0, 1)


def test_long_names_take_two_lines():
    long = tuple((f"{one} of all the passengers", other) for one, other in FOUND.pairs)

    ax = plots.interaction_strength(dataclasses.replace(FOUND, pairs=long))

    assert next(iter(rows(ax))) == "a of all the passengers\n× c"
    assert ax.get_figure().get_figheight() > 2


def test_an_unknown_output_is_refused():
    with pytest.raises(ParameterError, match=r"\['no', 'yes'\], .* Got 'maybe'"):
        plots.interaction_strength(FOUND, output="maybe")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ParameterError, match=r"'pairs', 'total' or None\. Got 'all'"):
        plots.interaction_strength(FOUND, kind="all")
