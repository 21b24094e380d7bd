"""The built-in baselines, which work with any table.

If the estimator is a pipeline, they get the input of its last step. Otherwise they
bring their own preprocessing: linear models and distances need numbers on one scale
without gaps, while boosting takes raw numbers, gaps included.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

MOST_STEPS = 1000  # of logistic regression's solver
PENALTIES = tuple(10.0**power for power in range(-3, 4))
NUMBERS = ["number", "bool"]


def flat(X: Any) -> Any:
    """Make one row of each image; leave a table as it is."""
    return np.reshape(X, (len(X), -1)) if getattr(X, "ndim", 2) > 2 else X


def default_baselines(
    X: Any, y: Any, *, classifies: bool, before: BaseEstimator | None, seed: int
) -> dict[str, BaseEstimator]:
    """Make the baselines for a table and its targets."""
    # X: (n_samples, n_features); y: (n_samples,)
    is_column = np.ndim(y) == 1 or np.shape(y)[1:] == (1,)
    scaled, as_it_is = before, before
    if before is None:
        scaled, as_it_is = _scaling(X), _as_numbers(X)
    # Pixels share a unit, and scaling would amplify those that are almost constant.
    near = as_it_is if getattr(X, "ndim", 2) > 2 else scaled
    boosting: Any
    if not classifies:
        boosting = HistGradientBoostingRegressor(random_state=seed)
        if not is_column:
            boosting = MultiOutputRegressor(boosting)
        return {
            "dummy": DummyRegressor(),
            "ridge regression": _behind(scaled, RidgeCV(PENALTIES)),
            "gradient boosting": _behind(as_it_is, boosting),
        }
    from skdl.estimators import NearestMeanClassifier  # which loads TensorFlow

    linear: Any = LogisticRegression(max_iter=MOST_STEPS, random_state=seed)
    boosting = HistGradientBoostingClassifier(random_state=seed)
    nearest = {
        f"nearest mean ({metric.upper()})": _behind(near, NearestMeanClassifier(metric))
        for metric in ("rmse", "mae")
    }
    if not is_column:
        linear, boosting = (
            MultiOutputClassifier(linear),
            MultiOutputClassifier(boosting),
        )
        nearest = {}
    return {
        "dummy": DummyClassifier(),
        **nearest,
        "logistic regression": _behind(scaled, linear),
        "gradient boosting": _behind(as_it_is, boosting),
    }


def _behind(steps: BaseEstimator | None, model: BaseEstimator) -> BaseEstimator:
    """A pipeline of these steps, flattening, and the model."""
    flatten = FunctionTransformer(flat)
    return make_pipeline(*([] if steps is None else [clone(steps)]), flatten, model)


def _has_words(X: Any) -> bool:
    if not isinstance(X, pd.DataFrame):
        return False
    return X.shape[1] > X.select_dtypes(NUMBERS).shape[1]


def _scaling(X: Any) -> BaseEstimator:
    """Numbers on one scale without gaps, and one-hot encoded words."""
    if sparse.issparse(X):
        return MaxAbsScaler()
    if getattr(X, "ndim", 2) > 2:
        return make_pipeline(FunctionTransformer(flat), MaxAbsScaler())
    numbers = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    words = OneHotEncoder(handle_unknown="ignore")
    return _by_type(numbers, words) if _has_words(X) else numbers


def _as_numbers(X: Any) -> BaseEstimator | None:
    """Words as ordinal codes, and unchanged numbers."""
    words = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return _by_type("passthrough", words) if _has_words(X) else None


def _by_type(numbers: Any, words: Any) -> BaseEstimator:
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include=NUMBERS)),
        (words, make_column_selector(dtype_exclude=NUMBERS)),
    )
