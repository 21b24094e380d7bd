"""Changed copies of the rows, predicted by a few large calls of the estimator.

:func:`in_chunks` cuts a series of changes into chunks whose copies fit into a memory
bound, and :func:`respond` yields an estimator's predictions for each copy. Stacking
copies is right only if the prediction for a row does not depend on the other rows of
the call. This is tested on the rows themselves; if it fails, each copy gets its own
call, and a warning explains why that is slow.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from skdl._responses import Response
from skdl._tables import Change, Table, bytes_per_row, stack
from skdl.exceptions import RowsDependWarning
from skdl.explain._predicting.callers import stacklevel_of_caller

MEMORY_BOUND = 256 * 2**20  # bytes

# A row is held in the stack, in what the estimator converts and transforms it to, and
# in its predictions; measured by benchmarks/explain.py.
COPIES_OF_A_ROW = 4

# Measured: 569 rows of a forest, boosting, a linear model and a support vector machine
# are explained no faster with more rows per call, and what an estimator computes from a
# row (such as a kernel's values at all training rows) may take far more memory than the
# row.
MOST_ROWS = 2**14


# The errors of pandas for repeated row labels, which a stack has.
STACK_REFUSALS = (ValueError, pd.errors.InvalidIndexError)


def copies_at_once(X: Table, memory_bound: int) -> int:
    """Return how many copies of the rows fit into a stack."""
    # X: (n_samples, n_features)
    n_rows = min(memory_bound // (COPIES_OF_A_ROW * bytes_per_row(X)), MOST_ROWS)
    return max(1, n_rows // max(1, len(X)))


def in_chunks(
    X: Table, changes: Iterable[Change], *, memory_bound: int, n_reserved: int = 0
) -> Iterator[list[Change]]:
    """Cut a series of changes into chunks that fit into the memory bound."""
    # X: (n_samples, n_features)
    remaining = iter(changes)
    n_copies = copies_at_once(X, memory_bound)
    n_now = max(1, n_copies - n_reserved)
    while chunk := list(islice(remaining, n_now)):
        yield chunk
        n_now = n_copies


def split_copies(stacked: Table, X: Table, n_copies: int) -> list[Table]:
    """Return the single copies of a stack, with the index of the rows."""
    # stacked: (n_copies * n_samples, n_features); X: (n_samples, n_features) ->
    # (n_samples, n_features)
    n_samples = len(X)
    starts = [copy * n_samples for copy in range(n_copies)]
    if not isinstance(stacked, pd.DataFrame):
        return [stacked[start : start + n_samples] for start in starts]
    copies = []
    for start in starts:
        copy = stacked.iloc[start : start + n_samples]
        copy.index = X.index  # type: ignore[union-attr]  # such as days without a gap
        copies.append(copy)
    return copies


def respond(
    estimator: Any,
    response: Response,
    X: Table,
    changes: Iterable[Change],
    *,
    memory_bound: int = MEMORY_BOUND,
) -> Iterator[np.ndarray]:
    """Yield an estimator's predictions for each changed copy of the rows."""
    # X: (n_samples, n_features) -> (n_samples, n_outputs)
    n_samples = len(X)
    changes = iter(changes)
    is_tried = copies_at_once(X, memory_bound) == 1  # then nothing is stacked
    for chunk in in_chunks(X, changes, memory_bound=memory_bound, n_reserved=2):
        if not is_tried:
            is_tried = True
            alone = response.of(estimator, X)
            # At both ends: a step may use the row before or the row after.
            try:
                values = response.of(estimator, stack(X, [{}, *chunk, {}]))
            except STACK_REFUSALS:
                if not isinstance(X, pd.DataFrame):
                    raise
                for change in chain(chunk, changes):
                    yield response.of(estimator, stack(X, [change]))
                # Only now is it certain that nothing else was wrong.
                warn_that_rows_depend(estimator)
                return
            if not (
                len(values) == (len(chunk) + 2) * n_samples
                and same_answers(alone, values[:n_samples])
                and same_answers(alone, values[-n_samples:])
            ):
                warn_that_rows_depend(estimator)
                for change in chain(chunk, changes):
                    yield response.of(estimator, stack(X, [change]))
                return
            values = values[n_samples:-n_samples]
        else:
            values = response.of(estimator, stack(X, chunk))
        yield from values.reshape(len(chunk), n_samples, -1)


def warn_that_rows_depend(estimator: Any) -> None:
    """Warn that copies cannot be stacked, and say why."""
    warnings.warn(
        f"The predictions of {type(estimator).__name__} for a row depend on the other "
        "rows of the call, so each changed copy of the rows needs a call of its own, "
        "which is slow. Look for a step that computes something from the rows it "
        "transforms instead of the rows it was fitted on.",
        RowsDependWarning,
        stacklevel=stacklevel_of_caller(),
    )


def _as_array(answer: Any) -> np.ndarray:
    return answer.toarray() if sparse.issparse(answer) else np.asarray(answer)


def same_answers(one: Any, other: Any) -> bool:
    """Return whether two predictions for the same rows agree, up to rounding."""
    # one, other: (n_samples, ...)
    if isinstance(one, list) and np.ndim(one[0]) == 2:
        return all(same_answers(*pair) for pair in zip(one, other, strict=True))
    one, other = _as_array(one), _as_array(other)
    if one.shape != other.shape:
        return False
    if one.dtype.kind != "f":
        return bool(np.mean(one == other) >= 0.99)
    finite = one[np.isfinite(one)]
    slack = 1e-3 * float(finite.std() if finite.size else 0.0) + 1e-6
    return bool(np.allclose(one, other, rtol=1e-3, atol=slack, equal_nan=True))
