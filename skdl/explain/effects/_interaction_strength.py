"""Friedman's H: how much of the predictions features contribute only together.

Without interactions, the partial dependence of two features is the sum of those of
each, and a prediction is the sum of the partial dependence of one feature and that of
all others. H measures how far that is from true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skdl._checks import check_count
from skdl._progress import Progress
from skdl._record import Record
from skdl._responses import response_of
from skdl._tables import (
    Change,
    Table,
    as_table,
    column,
    column_of,
    feature_names_of,
    take_rows,
    values_at,
)
from skdl.exceptions import DataError, ParameterError
from skdl.explain._predicting.perturbation import MEMORY_BOUND, respond

# Spreads below this share of the largest prediction count as none: networks predict in
# float32.
NO_EFFECT = 1e-6

ALL_OTHERS = "all others"


@dataclass(frozen=True, repr=False)
class InteractionStrength(Record):
    """How much of the predictions features contribute only together.

    Parameters
    ----------
    feature_names : tuple of str
        Names of the features.
    total : ndarray of shape (n_outputs, n_features)
        H of each feature with all others: the part of the predictions that is not the
        sum of the effects of the feature and of the others, as a share of the spread of
        the predictions. At least 0.
    total_strength : ndarray of shape (n_outputs, n_features)
        The same part itself, as a root mean square over the rows, in units of the
        response.
    pairs : tuple of (str, str)
        Names of the pairs of features.
    pairwise : ndarray of shape (n_outputs, n_pairs)
        H of each pair: the part of the partial dependence of both that is not the sum
        of those of either, as a share of the spread of the former.
    pairwise_strength : ndarray of shape (n_outputs, n_pairs)
        The same part itself, in units of the response. H is also large for two features
        that do next to nothing, but do it together; this is not.
    output_names : tuple of str
        Names of the outputs: classes, or predictions.
    response : str
        What the numbers are, such as "probability".
    n_samples : int
        Rows that were used.
    """

    feature_names: tuple[str, ...]
    total: np.ndarray
    total_strength: np.ndarray
    pairs: tuple[tuple[str, str], ...]
    pairwise: np.ndarray
    pairwise_strength: np.ndarray
    output_names: tuple[str, ...]
    response: str
    n_samples: int

    def to_frame(self) -> pd.DataFrame:
        """Return the interactions as a table.

        Returns
        -------
        frame : DataFrame
            Columns "output", "feature", "other" ("all others" for the total), "h" and
            "strength". For each output first the totals, then the pairs, each with the
            greatest strength first.
        """
        frames = []
        for place, name in enumerate(self.output_names):
            for named, h, strength in (
                (
                    [(feature, ALL_OTHERS) for feature in self.feature_names],
                    self.total,
                    self.total_strength,
                ),
                (self.pairs, self.pairwise, self.pairwise_strength),
            ):
                frame = pd.DataFrame(list(named), columns=["feature", "other"])
                frame.insert(0, "output", name)
                frame["h"], frame["strength"] = h[place], strength[place]
                frames.append(
                    frame.sort_values("strength", ascending=False, kind="stable")
                )
        kept = [frame for frame in frames if len(frame)]
        return pd.concat(kept, ignore_index=True)


@dataclass(frozen=True)
class _Points:
    """The distinct values of one or two features among the rows."""

    columns: tuple[int, ...]
    holders: np.ndarray  # a row that has each value
    codes: np.ndarray  # which of them each row has
    counts: np.ndarray  # rows that have each

    def changes(self, X: Table) -> Iterator[Change]:
        """Copies of the rows in which all have one of the values."""
        for holder in self.holders:
            rows = np.full(len(X), holder)
            yield {place: values_at(X, place, rows) for place in self.columns}


def _points(X: Table, columns: tuple[int, ...]) -> _Points:
    codes = np.zeros(len(X), dtype=np.int64)
    for place in columns:
        # Missing values are a value of their own.
        own, found = pd.factorize(pd.Series(column(X, place)), use_na_sentinel=False)
        codes = codes * len(found) + own
    _, holders, codes, counts = np.unique(
        codes, return_index=True, return_inverse=True, return_counts=True
    )
    return _Points(columns, holders, codes, counts)


def _pairs(
    pairs: Sequence[Sequence[Any]] | None, columns: list[int], names: tuple[str, ...]
) -> list[tuple[int, int]]:
    """Return the positions of the features of each pair."""
    if pairs is None:
        return list(combinations(columns, 2))
    found = []
    for pair in pairs:
        both = () if isinstance(pair, str) else tuple(column_of(f, names) for f in pair)
        if len(both) != 2 or both[0] == both[1]:
            raise ParameterError(
                "Each of the 'pairs' of interaction_strength must be two different "
                f"features. Got {pair!r}."
            )
        found.append(both)
    return found


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=0)


def _strengths(
    together: np.ndarray, *alone: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return H and the root mean square of the part that is not a sum, per output.

    All have the shape (n_samples, n_outputs).
    """
    whole = _centred(together)
    rest = whole - sum(_centred(part) for part in alone)
    spread = np.sqrt((whole**2).mean(axis=0))
    strength = np.sqrt((rest**2).mean(axis=0))
    strength = np.where(strength > NO_EFFECT * scale, strength, 0.0)
    varies = spread > NO_EFFECT * scale
    h = np.divide(strength, spread, out=np.zeros_like(spread), where=varies)
    return h, strength


def _dependence(
    points: _Points, answers: Iterator[np.ndarray], bar: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """Read the predictions for one series of copies.

    Returns the partial dependence at the rows of the changed features, and of all
    others: (n_samples, n_outputs) each. Both are means of the same predictions.
    """
    means: list[np.ndarray] = []
    others: Any = 0.0
    for count in points.counts:
        values = next(answers)
        means.append(values.mean(axis=0))
        others = others + count * values
        bar.advance()
    return np.array(means)[points.codes], others / points.counts.sum()


def _by_output(
    found: list[tuple[np.ndarray, np.ndarray]], n_outputs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Arrange H and strengths as (n_outputs, n_things)."""
    # (n_things, 2, n_outputs) -> (2, n_outputs, n_things)
    h, strength = np.array(found).reshape(-1, 2, n_outputs).transpose(1, 2, 0)
    return h, strength


def _sample(X: Table, max_samples: int, random_state: Any) -> Table:
    """Draw rows without replacement, keeping their order."""
    if len(X) < 2:
        raise DataError(
            f"interaction_strength compares rows. Got {len(X)} row. Pass at least two."
        )
    generator = check_random_state(random_state)
    if len(X) <= max_samples:
        return X
    return take_rows(X, np.sort(generator.permutation(len(X))[:max_samples]))


def interaction_strength(
    estimator: Any,
    X: Any,
    features: Sequence[Any] | None = None,
    *,
    pairs: Sequence[Sequence[Any]] | None = None,
    max_samples: int = 100,
    random_state: int | np.random.RandomState | None = None,
    feature_names: Sequence[str] | None = None,
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> InteractionStrength:
    r"""Measure how much of the predictions features contribute only together.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor, or a Pipeline or search that ends in one.
    X : array-like of shape (n_samples, n_features)
        Rows.
    features : sequence of str or int, default=None
        Features, by name or position, to measure; by default all.
    pairs : sequence of pairs of features, default=None
        Pairs to measure; by default all pairs of `features`. An empty list measures
        only the total of each feature, which is much cheaper.
    max_samples : int, default=100
        Maximum number of rows to use; more are sampled. Each feature and each pair
        costs as many predictions as the square of this.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw.
    feature_names : sequence of str of shape (n_features,), default=None
        Names of the columns; None takes those of a DataFrame.
    memory_bound : int, default=268435456
        Bytes that changed copies of the rows may take, including what the estimator
        computes from them.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    strength : InteractionStrength
        H and the strength in units of the response, in total and by pair.

    Raises
    ------
    ParameterError
        If a feature is unknown or named twice, or a pair is not one of two different
        features.
    DataError
        If there is only one row.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Notes
    -----
    With partial dependences :math:`F` at the rows :math:`x_i`, each less its mean over
    them,

    .. math:: H_{jk}^2 = \frac{\sum_i [F_{jk}(x_{ij}, x_{ik}) - F_j(x_{ij})
        - F_k(x_{ik})]^2}{\sum_i F_{jk}(x_{ij}, x_{ik})^2}, \quad
        H_j^2 = \frac{\sum_i [f(x_i) - F_j(x_{ij}) - F_{-j}(x_{i,-j})]^2}
        {\sum_i f(x_i)^2}

    H is the root, and the strength the root mean square of the brackets. H of features
    without effect, which would be 0/0, is 0: a spread below a millionth of the largest
    prediction counts as none. H may exceed 1 for correlated features. Like partial
    dependence, it uses combinations of features that may not occur.

    References
    ----------
    .. [1] Friedman and Popescu (2008). Predictive Learning via Rule Ensembles. Annals
       of Applied Statistics 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from skdl.explain import interaction_strength
    >>> X = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    >>> tree = DecisionTreeRegressor().fit(X, X[:, 0] * X[:, 1])
    >>> interaction_strength(tree, X).pairwise
    array([[1.]])
    """
    max_samples = check_count(
        max_samples, name="max_samples", function="interaction_strength", least=2
    )
    table = as_table(X)
    names = feature_names_of(table, feature_names)
    wanted = range(len(names)) if features is None else features
    columns = [column_of(feature, names) for feature in wanted]
    if len(set(columns)) < len(columns):
        raise ParameterError(
            "The 'features' parameter of interaction_strength must name each feature "
            f"once. Got {list(wanted)}."
        )
    chosen = _pairs(pairs, columns, names)
    response = response_of(estimator, table)
    table = _sample(table, max_samples, random_state)
    alone = list(
        dict.fromkeys([*columns, *(place for pair in chosen for place in pair)])
    )
    points = [_points(table, (place,)) for place in alone]
    points += [_points(table, pair) for pair in chosen]
    n_copies = sum(len(point.holders) for point in points)
    with Progress("interaction strength", n_copies, shown=progress) as bar:
        answers = respond(
            estimator,
            response,
            table,
            chain([{}], *(point.changes(table) for point in points)),
            memory_bound=memory_bound,
        )
        own = next(answers)
        found = [_dependence(point, answers, bar) for point in points]
    dependence = dict(zip(alone, found, strict=False))
    scale = np.abs(own).max(axis=0)
    totals = [_strengths(own, *dependence[place], scale=scale) for place in columns]
    pairwise = [
        _strengths(both, *(dependence[place][0] for place in pair), scale=scale)
        for pair, (both, _) in zip(chosen, found[len(alone) :], strict=True)
    ]
    total, total_strength = _by_output(totals, len(response.outputs))
    pair_h, pair_strength = _by_output(pairwise, len(response.outputs))
    return InteractionStrength(
        feature_names=tuple(names[place] for place in columns),
        total=total,
        total_strength=total_strength,
        pairs=tuple((names[one], names[other]) for one, other in chosen),
        pairwise=pair_h,
        pairwise_strength=pair_strength,
        output_names=response.outputs,
        response=response.label,
        n_samples=len(table),
    )
