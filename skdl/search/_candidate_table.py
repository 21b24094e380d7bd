"""The best candidates of a fitted search, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from skdl.exceptions import ParameterError
from skdl.search._read_candidates import read_candidates


def _key(parameters: Mapping[str, Any]) -> str:
    """Name a candidate by its parameters, to recognise it in a later iteration."""
    return repr(sorted(parameters.items(), key=lambda item: item[0]))


def candidate_table(
    search: Any, *, n_best: int | None = 10, metric: str | None = None
) -> pd.DataFrame:
    """Tabulate the best candidates of a fitted search, best first.

    Parameters
    ----------
    search : estimator
        A fitted search, or any object with scikit-learn's ``cv_results_``.
    n_best : int or None, default=10
        Number of candidates to keep. None keeps all of them, with failed ones last.
    metric : str or None, default=None
        The metric to use if the search has several. None means the one that ``refit``
        names.

    Returns
    -------
    table : DataFrame
        One row per candidate, with the columns "rank" (1 is best, equal scores share
        a rank), "mean_test_score", "std_test_score" (over the folds),
        "mean_fit_time" (seconds), and one per parameter, named without its ``step__``
        prefix where that is unambiguous.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If ``search`` has no ``cv_results_``.
    ParameterError
        If ``n_best`` is not a positive integer, or the metric is unknown.

    Notes
    -----
    Successive halving scores a candidate once per iteration, each time with more
    resources. The last score of a candidate counts, and candidates that survived longer
    rank before those dropped earlier, as in ``best_params_``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.search import candidate_table
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = GridSearchCV(tree, {"max_depth": [1, 2, 3]})
    >>> search = search.fit(*load_iris(return_X_y=True))
    >>> candidate_table(search, n_best=2)[["rank", "max_depth"]].values.tolist()
    [[1, 3], [2, 2]]
    """
    if n_best is not None and (not isinstance(n_best, int) or n_best < 1):
        raise ParameterError(
            "The 'n_best' parameter of candidate_table must be a positive integer or "
            f"None. Got {n_best!r} instead."
        )
    candidates = read_candidates(search, metric=metric)
    table = pd.DataFrame(
        {
            "mean_test_score": candidates.mean_scores,
            "std_test_score": candidates.std_scores,
            "mean_fit_time": candidates.mean_fit_times,
        }
    )
    for name, label in candidates.labels.items():
        values = [parameters.get(name) for parameters in candidates.parameters]
        table[label] = pd.Series(values, dtype=object).infer_objects()
    table = table.assign(
        _rung=candidates.rungs, _key=[_key(params) for params in candidates.parameters]
    )
    table = table.sort_values(
        ["_rung", "mean_test_score"], ascending=False, kind="stable"
    ).drop_duplicates("_key")
    score_rank = table.groupby("_rung")["mean_test_score"].rank(
        method="min", ascending=False, na_option="bottom"
    )
    n_ahead = np.array([(table["_rung"] > rung).sum() for rung in table["_rung"]])
    table.insert(0, "rank", (score_rank + n_ahead).astype(int))
    table = table.drop(columns=["_rung", "_key"]).reset_index(drop=True)
    return table.head(n_best) if n_best is not None else table
