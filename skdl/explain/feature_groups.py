"""Features that are treated as one, and those that go together though they are not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from skdl.exceptions import CorrelatedFeaturesWarning, ParameterError
from skdl.explain.association import associated_features
from skdl.explain.tables import Table, column_of

MOST_PAIRS_NAMED = 5

Groups = Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]]


def columns_by_name(
    groups: Groups | None, names: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """Return the columns of each group; features in none are groups of their own.

    Parameters
    ----------
    groups : mapping of str to list of features, list of lists, or None
        Features by name or position.
    names : tuple of str
        Names of all columns.

    Returns
    -------
    columns : dict of str to tuple of int
        Positions of the columns by the name of the group, or of the feature.

    Raises
    ------
    ParameterError
        If a group is empty, names an unknown feature, or one of another group.

    Examples
    --------
    >>> from skdl.explain.feature_groups import columns_by_name
    >>> columns_by_name({"size": ["height", "mass"]}, ("height", "age", "mass"))
    {'size': (0, 2), 'age': (1,)}
    """
    if groups is None:
        return _named({place: (place,) for place in range(len(names))}, names)
    named = (
        dict(groups)
        if isinstance(groups, Mapping)
        else {" + ".join(map(str, group)): group for group in groups}
    )
    found: dict[str, tuple[int, ...]] = {}
    owners: dict[int, str] = {}
    for name, features in named.items():
        words = [features] if isinstance(features, str) else list(features)
        if not words:
            raise ParameterError(
                f"The group {name!r} of the 'groups' parameter has no feature. Leave "
                "it out, or name its features."
            )
        columns = tuple(column_of(feature, names) for feature in words)
        for place in columns:
            if place in owners:
                raise ParameterError(
                    f"The feature {names[place]!r} is in the groups {owners[place]!r} "
                    f"and {str(name)!r}. Put each feature into one group."
                )
            owners[place] = str(name)
        found[str(name)] = columns
    alone = {place: (place,) for place in range(len(names)) if place not in owners}
    return found | _named(alone, names)


def _named(
    columns: Mapping[int, tuple[int, ...]], names: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    # Columns of a DataFrame may share a name.
    return {
        names[place]
        if names.count(names[place]) == 1
        else f"{names[place]} (column {place})": places
        for place, places in columns.items()
    }


def warn_of_associated(
    X: Table,
    names: tuple[str, ...],
    columns_of: Mapping[str, tuple[int, ...]],
    threshold: float | None,
) -> tuple[tuple[str, str, float], ...]:
    """Find features that go together, and warn of those that are treated apart.

    Parameters
    ----------
    X : ndarray or DataFrame of shape (n_samples, n_features)
        The rows.
    names : tuple of str
        Names of all columns.
    columns_of : mapping of str to tuple of int
        The groups.
    threshold : float or None
        The least association that counts, in [0, 1]; None finds nothing.

    Returns
    -------
    pairs : tuple of (str, str, float)
        Names and association, the strongest first.

    Warns
    -----
    CorrelatedFeaturesWarning
        If there is such a pair.
    """
    if threshold is None:
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
            f"Some features go together strongly: {shown}"
            f"{f' and {more} more pairs' if more > 0 else ''}. Each one's importance "
            "is what is lost while the other one stays, which may be nothing. Pass "
            "them as one of the 'groups' to see what both carry.",
            CorrelatedFeaturesWarning,
            stacklevel=4,
        )
    return pairs
