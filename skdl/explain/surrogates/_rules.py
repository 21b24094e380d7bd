"""A regression tree on readable columns, as conditions in the user's terms.

The conditions on the way to a node are merged per feature: `age > 2` and then
`age <= 12` are `2 < age <= 12`. Thresholds are shortened as long as every row that the
tree was fitted on stays on its side, so the text describes what the tree does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skdl.explain.surrogates._readable_columns import (
    MISSING,
    ReadableColumns,
    ReadFeature,
)

ALL_ROWS = "all rows"


@dataclass(frozen=True)
class Node:
    """A node of a surrogate tree."""

    place: int  # its position in scikit-learn's ``tree_``
    depth: int
    is_leaf: bool
    condition: str  # what leads here from the node above, such as "sex = female"
    rule: str  # all conditions from the root on, merged per feature
    n_samples: int  # rows that the tree was fitted on and that come here
    response: tuple[float, ...]  # the prediction of the tree for them, per output


@dataclass(frozen=True)
class _Allowed:
    """What the values of one feature may be."""

    low: float = -np.inf  # exclusive
    high: float = np.inf  # inclusive
    known: bool = True
    missing: bool = True
    levels: tuple[str, ...] = ()

    def text(self, feature: ReadFeature, column: np.ndarray) -> str:
        if feature.levels is not None:
            return _levels_text(feature, self.levels)
        unit = f" {feature.unit}" if feature.unit else ""
        if not self.known:
            return f"{feature.name} is missing"
        interval = _interval_text(feature, self.low, self.high, column)
        if not interval:
            return f"{feature.name} is known"
        also = feature.has_missing and self.missing
        return f"{interval}{unit}{' or missing' if also else ''}"


def read_tree(tree: Any, columns: ReadableColumns, numbers: np.ndarray) -> list[Node]:
    """Read a fitted tree."""
    # numbers: (n_samples, n_terms)
    return list(_walk(tree.tree_, columns, numbers))


def _walk(tree: Any, columns: ReadableColumns, numbers: np.ndarray) -> Iterator[Node]:
    # Positions, conditions so far by feature, and the feature of the last split.
    waiting: list[tuple[int, int, dict[int, _Allowed], int | None]] = [(0, 0, {}, None)]

    def text(allowed: dict[int, _Allowed], place: int) -> str:
        feature = columns.features_[place]
        of_numbers = [
            index
            for index, term in enumerate(columns.terms_)
            if term.place == place and term.level is None
        ]
        column = numbers[:, of_numbers[0]] if of_numbers else np.array([])
        return allowed[place].text(feature, column)

    while waiting:
        place, depth, allowed, split_on = waiting.pop()
        is_leaf = bool(tree.children_left[place] < 0)
        yield Node(
            place=place,
            depth=depth,
            is_leaf=is_leaf,
            condition=ALL_ROWS if split_on is None else text(allowed, split_on),
            rule=" and ".join(text(allowed, each) for each in allowed) or ALL_ROWS,
            n_samples=int(tree.n_node_samples[place]),
            response=tuple(float(value) for value in tree.value[place, :, 0]),
        )
        if is_leaf:
            continue
        split_on = columns.terms_[tree.feature[place]].place
        left, right = _split(tree, place, columns, allowed)
        waiting.append((tree.children_right[place], depth + 1, right, split_on))
        waiting.append((tree.children_left[place], depth + 1, left, split_on))


def _split(
    tree: Any, place: int, columns: ReadableColumns, allowed: dict[int, _Allowed]
) -> tuple[dict[int, _Allowed], dict[int, _Allowed]]:
    """Return what is allowed in the two branches of a node."""
    term = columns.terms_[tree.feature[place]]
    feature = columns.features_[term.place]
    before = allowed.get(term.place, _Allowed(levels=feature.levels or ()))
    if term.level is not None:
        others = tuple(level for level in before.levels if level != term.level)
        left = replace(before, levels=others)
        right = replace(before, levels=(term.level,))
    else:
        threshold = float(tree.threshold[place])
        missing_left = bool(tree.missing_go_to_left[place])
        left = replace(
            before,
            high=min(before.high, threshold),
            missing=before.missing and missing_left,
        )
        right = replace(
            before,
            low=max(before.low, threshold),
            missing=before.missing and not missing_left,
            # All that is known goes left where the threshold is infinite.
            known=before.known and np.isfinite(threshold),
        )
    return {**allowed, term.place: left}, {**allowed, term.place: right}


def _levels_text(feature: ReadFeature, levels: tuple[str, ...]) -> str:
    every = feature.levels or ()
    if len(levels) == 1:
        if levels[0] == MISSING:
            return f"{feature.name} is missing"
        return f"{feature.name} = {levels[0]}"
    left_out = [level for level in every if level not in levels]
    if left_out == [MISSING]:
        return f"{feature.name} is known"
    if len(left_out) == 1:
        return f"{feature.name} \N{NOT EQUAL TO} {left_out[0]}"
    if len(left_out) <= len(levels):
        return f"{feature.name} not in {{{', '.join(left_out)}}}"
    return f"{feature.name} in {{{', '.join(levels)}}}"


def _interval_text(
    feature: ReadFeature, low: float, high: float, column: np.ndarray
) -> str:
    """Say `low < value <= high`; nothing where there are no ends."""
    name = feature.name
    if feature.is_whole:
        least = int(np.floor(low)) + 1 if np.isfinite(low) else None
        most = int(np.floor(high)) if np.isfinite(high) else None
        # A single value at either end is named as such.
        if least is None and most == np.nanmin(column):
            least = most
        if most is None and least == np.nanmax(column):
            most = least
        if least is not None and least == most:
            return f"{name} = {least}"
        if least is not None and most is not None:
            return f"{least} <= {name} <= {most}"
        if least is not None:
            return f"{name} >= {least}"
        return "" if most is None else f"{name} <= {most}"
    start, end = shortest(low, column), shortest(high, column)
    if np.isfinite(low) and np.isfinite(high):
        return f"{start} < {name} <= {end}"
    if np.isfinite(low):
        return f"{name} > {start}"
    return f"{name} <= {end}" if np.isfinite(high) else ""


def shortest(threshold: float, column: np.ndarray) -> str:
    """Write a threshold by as few digits as keep all values on their sides.

    >>> import numpy as np
    >>> from skdl.explain.surrogates._rules import shortest
    >>> shortest(13.9874, np.array([13.2, 14.7])), shortest(2.05, np.array([2.02, 2.1]))
    ('14', '2.05')
    """
    # column: (n_samples,)
    single = column.astype(np.float32)
    below, above = column[single <= threshold], column[single > threshold]
    for n_digits in range(2, 17):
        text = f"{threshold:.{n_digits}g}"
        keeps_below = not len(below) or below.max() <= float(text)
        if keeps_below and (not len(above) or float(text) < above.min()):
            break
    number = float(text)
    return f"{number:,.0f}" if abs(number) >= 1000 and number.is_integer() else text
