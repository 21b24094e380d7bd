"""The models behind surrogates, and their tables."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeCV, enet_path
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skdl._compat.sklearn import MaskSelector
from skdl.explain.surrogates._readable_columns import ReadableColumns
from skdl.explain.surrogates._rules import Node

Kind = Literal["tree", "linear", "rules"]

PENALTIES = np.logspace(-3, 3, 13)  # of ridge regression on standardised columns


class ShortList(MaskSelector):
    """Keep the columns that enter first along the path of the lasso."""

    def __init__(self, max_terms: int | None = None) -> None:
        self.max_terms = max_terms

    def fit(self, X: np.ndarray, y: np.ndarray) -> ShortList:
        """Choose the columns."""
        # X: (n_samples, n_terms); y: (n_samples, n_outputs)
        self.n_features_in_ = X.shape[1]
        self.support_ = np.ones(X.shape[1], dtype=bool)
        if self.max_terms is None or X.shape[1] <= self.max_terms:
            return self
        centered = y - y.mean(axis=0)
        with warnings.catch_warnings():
            # Only the order of the columns matters, not their exact coefficients.
            warnings.simplefilter("ignore", ConvergenceWarning)
            _, paths, _ = enet_path(X, centered, l1_ratio=1.0, alphas=50, tol=1e-2)
        strengths = np.abs(paths).max(axis=0)  # (n_terms, n_alphas)
        has_entered = strengths[:, -1] > 0
        first = np.where(
            has_entered, (strengths > 0).argmax(axis=1), strengths.shape[1]
        )
        ranked = np.lexsort((-strengths[:, -1], first))
        n_kept = min(self.max_terms, max(1, int(has_entered.sum())))
        self.support_ = np.isin(np.arange(X.shape[1]), ranked[:n_kept])
        return self


def table_of_rules(
    nodes: Sequence[Node],
    reached: np.ndarray,
    predictions: np.ndarray,
    outputs: Sequence[str],
) -> pd.DataFrame:
    """Return the leaves of a tree as a table."""
    # reached: (n_held_out,); predictions: (n_held_out, n_outputs)
    rows = []
    for node in nodes:
        if not node.is_leaf:
            continue
        here = predictions[reached == node.place]
        row = {
            "rule": node.rule,
            "support": node.n_samples / nodes[0].n_samples,
            "n_samples": node.n_samples,
        }
        for place, output in enumerate(outputs):
            name = "" if len(outputs) == 1 else f" {output}"
            row[f"response{name}"] = node.response[place]
            row[f"held_out{name}"] = here[:, place].mean() if len(here) else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def table_of_terms(
    model: Pipeline, outputs: Sequence[str]
) -> tuple[pd.DataFrame, tuple[float, ...]]:
    """Return the coefficients of a linear surrogate in the user's units as a table."""
    columns, ridge = model["columns"], model["surrogate"]
    kept = model["terms"].get_support(indices=True)
    deviations = model["scaler"].scale_[kept]
    standardised = np.reshape(ridge.coef_, (len(outputs), len(kept)))
    coefficients = standardised / deviations
    intercepts = np.ravel(ridge.intercept_) - coefficients @ model["scaler"].mean_[kept]
    rows = []
    for place, output in enumerate(outputs):
        for index, column in enumerate(kept):
            term = columns.terms_[column]
            feature = columns.features_[term.place]
            per = feature.unit or "unit"
            if feature.levels is not None:
                per = f"instead of {feature.levels[0]}"
            elif term.level is not None:
                per = f"instead of {feature.median:.4g}"
            rows.append(
                {
                    "output": output,
                    "term": term.text,
                    "coefficient": coefficients[place, index],
                    "per": per,
                    "standardised": standardised[place, index],
                }
            )
    frame = pd.DataFrame(rows)
    order = np.lexsort((-frame["standardised"].abs(), frame.index // len(kept)))
    return frame.iloc[order].reset_index(drop=True), tuple(intercepts.tolist())


def unfitted_surrogate(
    kind: Kind,
    *,
    feature_names: Sequence[str],
    max_depth: int,
    max_terms: int,
    min_support: float,
    least_gain: float,
    seed: int,
) -> Pipeline:
    """Make the unfitted model."""
    if kind == "linear":
        steps: list[tuple[str, Any]] = [
            ("columns", ReadableColumns("linear", feature_names)),
            ("scaler", StandardScaler()),
            ("terms", ShortList(max_terms)),
            ("surrogate", RidgeCV(PENALTIES)),
        ]
        return Pipeline(steps)
    tree = DecisionTreeRegressor(
        max_depth=max_depth,
        max_leaf_nodes=max_terms if kind == "rules" else None,
        min_samples_leaf=min_support,
        min_impurity_decrease=least_gain,
        random_state=seed,
    )
    return Pipeline(
        [("columns", ReadableColumns("tree", feature_names)), ("surrogate", tree)]
    )
