"""What all drawings have in common: where they draw, and names as they are."""

import inspect
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from skdl import plots
from skdl.explain import (
    AccumulatedLocalEffects,
    InteractionStrength,
    PartialDependence,
)
from skdl.search import ParameterImportance
from tests.every_record import comparison_of_models

HOSTILE = ["<script>alert(1)</script>", "cost $ or $x_", r"\$\frac{", "名前", "a\x00b"]
HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [3.0, 2.0, 1.0],
        "val_loss": [3.0, 2.5, 2.7],
        "accuracy": [0.5, 0.6, 0.7],
        "val_accuracy": [0.4, 0.5, 0.6],
    }
)
CANDIDATES = pd.DataFrame(
    {
        "rank": [1, 2, 3],
        "mean_test_score": [0.9, 0.7, np.nan],
        "std_test_score": [0.1, 0.2, np.nan],
    }
)


def importance_of(names):
    n = len(names)
    return ParameterImportance(
        tuple(names), tuple(names), (1 / n,) * n, ("linear",) * n, {},
        "fanova", "r2", 9, 0,
    )  # fmt: skip


def effects_of(names):
    n = len(names)
    return AccumulatedLocalEffects(
        [np.array(names, dtype=object)], np.linspace(-1, 1, n)[None], np.ones((1, n)),
        np.ones(n, int), (names[0],), (names[1],), "probability", "categorical",
        "similarity", n, 0, (np.array([]),), (names[1],),
    )  # fmt: skip


def strength_of(names):
    n = len(names)
    row = np.linspace(0, 1, n)[None]
    pairs = tuple(pairwise(names))
    return InteractionStrength(
        tuple(names), row, row, pairs, row[:, 1:], row[:, 1:], (names[1],),
        "probability", 9,
    )  # fmt: skip


def record_of(names):
    n = len(names)
    return PartialDependence(
        [np.array(names, dtype=object)], np.linspace(0, 1, n)[None], None, None,
        (names[0],), (names[1],), "probability", "brute", 9, (np.array([]),),
        (names[1],),
    )  # fmt: skip


def dependence(grid, average):
    return Bunch(grid_values=[np.array(grid)], average=np.array(average))


def drawings(names):
    """Every drawing of named things, by name."""
    n = len(names)
    importances = Bunch(importances=np.arange(n)[:, None] + np.zeros((n, 3)))
    numbers = dependence([1.0, 2.0], [[0.1, 0.9]])
    words = dependence(np.array(names, dtype=object), [np.linspace(0, 1, n)])
    return {
        "parameter_importance": lambda ax: plots.parameter_importance(
            importance_of(names), ax=ax
        ),
        "model_comparison": lambda ax: plots.model_comparison(
            comparison_of_models(names), ax=ax
        ),
        "permutation_importance": lambda ax: plots.permutation_importance(
            importances, feature_names=names, ax=ax
        ),
        "accumulated_local_effects": lambda ax: plots.accumulated_local_effects(
            effects_of(names), ax=ax
        ),
        "interaction_strength": lambda ax: plots.interaction_strength(
            strength_of(names), ax=ax
        ),
        "partial_dependence of a record": lambda ax: plots.partial_dependence(
            record_of(names), ax=ax
        ),
        "learning_curve": lambda ax: plots.learning_curve(HISTORY, ax=ax),
        "search_results": lambda ax: plots.search_results(CANDIDATES, ax=ax),
        "partial_dependence": lambda ax: plots.partial_dependence(
            {names[0]: numbers} if ax else {names[0]: numbers, names[1]: words},
            ax=ax and np.array([ax]),
        )[0],
    }


def test_the_same_number_is_drawn_everywhere():
    defaults = {
        (name, parameter.name): parameter.default
        for name in plots.__all__
        for parameter in inspect.signature(getattr(plots, name)).parameters.values()
        if parameter.name in ("n_best", "n_worst")
    }

    assert len(defaults) >= 6
    assert set(defaults.values()) == {12}


@pytest.mark.parametrize("name", drawings(["a", "b"]))
class TestEveryDrawing:
    def test_takes_the_axes_given_and_makes_no_figure(self, name):
        _, ax = plt.subplots()
        before = plt.get_fignums()

        assert drawings(["a", "b"])[name](ax) is ax
        assert plt.get_fignums() == before

    def test_makes_one_figure_by_default_and_labels_it(self, name):
        ax = drawings(["a", "b"])[name](None)

        assert len(plt.get_fignums()) == 1
        assert ax.get_xlabel() or ax.get_ylabel()

    def test_hostile_names_can_be_drawn(self, name):
        ax = drawings(HOSTILE)[name](None)

        svg = plots.inline_svg(ax, alternative=HOSTILE[0])
        assert "<script" not in svg
        assert "\x00" not in svg


def test_names_are_shown_as_they_are():
    ax = plots.parameter_importance(importance_of(HOSTILE[:4]))

    svg = plots.inline_svg(ax, alternative="Bars.")

    assert ">cost $ or $x_<" in svg
    assert r">\$\frac{<" in svg
    assert ">名前<" in svg
    assert "&lt;script&gt;" in svg
