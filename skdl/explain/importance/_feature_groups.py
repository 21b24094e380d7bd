"""Groups of features that are treated as one, and a warning if some are missing."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from skdl._tables import Table, column_of
from skdl.exceptions import (
    CorrelatedFeaturesWarning,
    ParameterError,
    ParameterTypeError,
)
from skdl.explain._predicting.callers import stacklevel_of_caller
from skdl.explain.importance._association import associated_features

MOST_PAIRS_NAMED = 5
FEWEST_ROWS = 8  # with fewer, features are associated by chance

Groups = Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]]


def columns_by_name(
    groups: Groups | None, names: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """Return the columns of each group; features in none are groups of their own.

    >>> from skdl.explain.importance._feature_groups import columns_by_name
    >>> columns_by_name({"size": ["height", "mass"]}, ("height", "age", "mass"))
    {'size': (0, 2), 'age': (1,)}
    """
    found: dict[str, tuple[int, ...]] = {}
    owners: dict[int, str] = {}
    for name, columns in _groups(groups, names):
        if not columns:
            raise ParameterError(
                f"The group {name!r} of the 'groups' parameter has no feature. Leave "
                "it out, or name its features."
            )
        for place in columns:
            if place in owners:
                raise ParameterError(
                    f"The feature {names[place]!r} is in the groups {owners[place]!r} "
                    f"and {name!r}. Put each feature into one group."
                )
        if len(set(columns)) < len(columns):
            twice = next(place for place in columns if columns.count(place) > 1)
            raise ParameterError(
                f"The feature {names[twice]!r} is twice in the group {name!r}. Name it "
                "once."
            )
        if name in found:
            raise ParameterError(f"Two groups have the name {name!r}. Rename one.")
        found[name] = columns
        owners |= dict.fromkeys(columns, name)
    alone = _named([place for place in range(len(names)) if place not in owners], names)
    for name in found:
        if name in alone:
            raise ParameterError(
                f"The group {name!r} has the name of a feature that is not in it. "
                "Rename the group."
            )
    return found | alone


def _groups(
    groups: Any, names: tuple[str, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name and the columns of each group."""
    if groups is None:
        return
    if isinstance(groups, str) or not isinstance(groups, Iterable):
        raise _not_groups(groups)
    named = groups.items() if isinstance(groups, Mapping) else zip(repeat(None), groups)
    for name, features in named:
        if isinstance(features, str | int | np.integer):
            features = [features]
        if not isinstance(features, Iterable):
            raise _not_groups(groups)
        columns = tuple(column_of(feature, names) for feature in features)
        if name is None:
            name = " + ".join(names[place] for place in columns)
        yield str(name), columns


def _not_groups(groups: Any) -> ParameterTypeError:
    return ParameterTypeError(
        "The 'groups' parameter must be a mapping of names to lists of features, a "
        f"list of such lists, or None. Got {groups!r} instead."
    )


def _named(places: list[int], names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Return columns by name; columns of a DataFrame may share one."""
    n_columns = Counter(names)
    with_place = {place: f"{names[place]} (column {place})" for place in places}
    called = {
        place: names[place] if n_columns[names[place]] == 1 else with_place[place]
        for place in places
    }
    if len(set(called.values())) < len(called):  # a name reads like one with a place
        called = with_place
    return {called[place]: (place,) for place in places}


def warn_of_associated(
    X: Table,
    names: tuple[str, ...],
    columns_of: Mapping[str, tuple[int, ...]],
    threshold: float | None,
) -> tuple[tuple[str, str, float], ...]:
    """Find associated features, and warn about those in different groups."""
    # X: (n_samples, n_features)
    if threshold is None or len(X) < FEWEST_ROWS:
        return ()
    group_of = {place: name for name, places in columns_of.items() for place in places}
    pairs = tuple(
        (names[one], names[other], strength)
        for one, other, strength in associated_features(X, threshold=threshold)
        if group_of[one] != group_of[other]
    )
    if pairs:
        shown = ", ".join(
            f"{one!r} and {other!r} ({strength:.2f})"
            for one, other, strength in pairs[:MOST_PAIRS_NAMED]
        )
        more = len(pairs) - MOST_PAIRS_NAMED
        warnings.warn(
            f"Some features are strongly associated: {shown}"
            f"{f' and {more} more pairs' if more > 0 else ''}. The importance of "
            "one is what is lost while the other one stays, which may be nothing. Pass "
            "them together in 'groups' to see what both carry.",
            CorrelatedFeaturesWarning,
            stacklevel=stacklevel_of_caller(),
        )
    return pairs
