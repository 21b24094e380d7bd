"""A surrogate as people read it: the outline of a tree, rules, or coefficients."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.explain import Surrogate
from skdl.plots._effects import output_place, response_in_words
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    SKY,
    VERMILLION,
    as_named_rows,
    finish,
    label,
    new_axes,
)

LONGEST_CONDITION = 26  # characters of a line of a tree
TREE_SIZE = 8.0  # points
RULE_WIDTH = 30  # characters of a line of a rule
LINES_OF_A_RULE = 3
INCHES_PER_LINE = 0.2


@draws(Surrogate)
def surrogate(
    surrogate: Any,
    *,
    output: str | int | None = None,
    n_best: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw a surrogate.

    Parameters
    ----------
    surrogate : Surrogate
        Result of :func:`skdl.explain.surrogate`. A tree is drawn as an outline
        with the response and the share of the rows at each node (leaves are dark),
        rules as bars of their responses, a linear surrogate as bars of its coefficients
        per standard deviation.
    output : str, int or None, default=None
        The output to draw, by name or position. By default the first.
    n_best : int, default=12
        How many rules or coefficients to draw: the rules with the most rows, the
        largest coefficients.
    ax : Axes or None, default=None
        Axes to draw on. By default those of a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on.

    Raises
    ------
    ParameterTypeError
        If the first argument is of another class.
    ParameterError
        If the surrogate does not imitate this output.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> forest = RandomForestClassifier(random_state=0).fit(X, y == 2)
    >>> tree = explain.surrogate(forest, X, max_depth=1, random_state=0)
    >>> ax = plots.surrogate(tree)
    >>> len(ax.patches)
    3
    """
    followed: str = surrogate.outputs[output_place(output, surrogate.outputs)]
    response = label(response_in_words(surrogate.response, followed), longest=32)
    if surrogate.kind == "linear":
        ax = _draw_coefficients(surrogate, followed, n_best, ax)
        xlabel = f"change in the {response}\nper standard deviation"
    elif surrogate.kind == "rules":
        ax, xlabel = _draw_rules(surrogate, followed, n_best, ax), response
    else:
        ax, xlabel = _draw_tree(surrogate, followed, ax), response
    low, high = surrogate.interval
    title = f"R² {surrogate.fidelity:.2f} [{low:.2f}, {high:.2f}]\non unseen rows"
    finish(ax, title=title, xlabel=xlabel, grid="x")
    if surrogate.kind == "tree":
        for text in ax.get_yticklabels():
            text.set(fontfamily="monospace", fontsize=TREE_SIZE)
    return ax


def _draw_coefficients(record: Any, output: str, n_best: int, ax: Axes | None) -> Axes:
    table = record.table[record.table["output"] == output].head(n_best)
    ax = new_axes(ax, height=1.4 + 0.28 * max(len(table), 2))
    values = table["standardised"].to_numpy()
    colors = [BLUE if value >= 0 else VERMILLION for value in values]
    ax.barh(range(len(table)), values, height=0.6, color=colors)
    ax.axvline(0, color=MUTED, linewidth=1)
    as_named_rows(ax, table["term"].tolist())
    return ax


def _draw_rules(record: Any, output: str, n_best: int, ax: Axes | None) -> Axes:
    name = "response" if len(record.outputs) == 1 else f"response {output}"
    table = record.table.nlargest(n_best, "support").sort_values(
        name, ascending=False, kind="stable"
    )
    texts = [
        textwrap.wrap(
            rule,
            RULE_WIDTH,
            max_lines=LINES_OF_A_RULE,
            placeholder="\N{HORIZONTAL ELLIPSIS}",
        )
        for rule in table["rule"]
    ]
    n_lines = sum(len(text) for text in texts)
    ax = new_axes(ax, height=1.1 + INCHES_PER_LINE * (n_lines + 0.5 * len(texts)))
    # Rules with more lines need more room; a place is the middle of a rule.
    sizes = np.array([len(text) + 0.5 for text in texts])
    places = np.cumsum(sizes) - sizes / 2
    values = table[name].to_numpy()
    ax.barh(places, values, height=0.9, color=BLUE)
    _write_at_bars(ax, places, values, table["support"].to_numpy())
    named = [
        "\n".join(label(line, longest=RULE_WIDTH) for line in text) for text in texts
    ]
    ax.set_yticks(places, labels=named)
    ax.set_ylim(sizes.sum(), 0)
    ax.tick_params(axis="y", length=0)
    return ax


def _draw_tree(record: Any, output: str, ax: Axes | None) -> Axes:
    place = record.outputs.index(output)
    nodes = record.nodes
    ax = new_axes(ax, height=1.1 + 0.24 * len(nodes))
    values = np.array([node.response[place] for node in nodes])
    is_leaf = np.array([node.is_leaf for node in nodes])
    support = np.array([node.n_samples for node in nodes]) / nodes[0].n_samples
    colors = [BLUE if leaf else SKY for leaf in is_leaf]
    ax.barh(range(len(nodes)), values, height=0.62, color=colors)
    _write_at_bars(ax, np.arange(len(nodes)), values, support)
    lines = [
        f"{branch}{label(node.condition, longest=LONGEST_CONDITION)}"
        for branch, node in zip(_branches(nodes), nodes, strict=True)
    ]
    # Labels are aligned right; padded to one length, they start at one place.
    length = max(len(line) for line in lines)
    filled = [line.ljust(length, "\N{NO-BREAK SPACE}") for line in lines]
    ax.set_yticks(range(len(nodes)), labels=filled)
    ax.set_ylim(len(nodes) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    return ax


def _branches(nodes: Any) -> list[str]:
    """Return the branches in front of each line of an outline."""
    found = []
    for index, node in enumerate(nodes):
        text = ""
        for depth in range(1, node.depth + 1):
            later = (
                other.depth for other in nodes[index + 1 :] if other.depth <= depth
            )
            goes_on = next(later, 0) == depth
            if depth == node.depth:
                text += "├ " if goes_on else "└ "
            else:
                text += "│ " if goes_on else "  "
        found.append(text.replace(" ", "\N{NO-BREAK SPACE}"))
    return found


def _write_at_bars(
    ax: Axes, places: np.ndarray, values: np.ndarray, support: np.ndarray
) -> None:
    """Write each value and the share of the rows next to its bar."""
    ends = min(0.0, float(values.min())), max(0.0, float(values.max()))
    ticks = MaxNLocator(nbins=3, steps=[1, 2, 5, 10]).tick_values(*ends)
    ax.set_xticks([tick for tick in ticks if ends[0] <= tick <= ends[1]])
    span = (ends[1] - ends[0]) or 1.0
    for place, value, share in zip(places, values, support, strict=True):
        ax.text(
            max(value, 0.0) + 0.02 * span,
            place,
            f"{value:.3g} ({share:.0%})",
            color=INK,
            fontsize=8.5,
            va="center",
        )
    ax.set_xlim(ends[0] - (0.02 * span if ends[0] < 0 else 0), ends[1] + 0.55 * span)
    ax.axvline(0, color=MUTED, linewidth=1)
