"""Evidence from the rows: copies, distribution shift, standard errors, residual signal.

Each number comes with the value that chance alone would give, so rules only compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from skdl.data import row_keys
from skdl.diagnosis.verdicts._evaluated_rows import EvaluatedRows
from skdl.diagnosis.verdicts._leakage import MOST_ROWS, share_repeated, shares_of_copies
from skdl.diagnosis.verdicts._scales import column_moments

MOST_COLUMNS = 100  # that forests use of wide tables
MOST_TRIED = 50  # columns per split when predicting errors
N_TREES = 100
N_FOLDS = 3


@dataclass(frozen=True)
class DataEvidence:
    """Evidence from the rows of a training run."""

    n_train: int
    n_val: int
    # validation loss of the best constant prediction for the training rows; nan if
    # diagnose cannot compute the loss that the estimator minimises
    baseline: float
    # losses of the fitted estimator, without penalties, dropout and noise. If its own
    # loss is unknown, cross-entropy or squared error
    train_loss: float
    val_loss: float
    # of `val_loss`, over other samples of as many validation rows
    standard_error: float
    # share of the validation rows with an exact or near copy in the training part
    copies: float
    # the same share of the training rows among the other training rows
    copies_expected: float
    # area under the ROC curve of a forest that tells validation and training rows
    # apart; 0.5, or slightly less, if it cannot
    shift: float
    shift_error: float  # standard error of `shift` if they cannot be told apart
    # how much of the errors on validation rows a forest predicts that was fitted to the
    # errors on training rows, as a share of a constant prediction's squared error. nan
    # if a prediction is not finite
    residual_signal: float
    # share of the validation rows with an exact copy among the training rows that
    # chance does not explain
    repeated: float = 0.0
    # standard error of the paired difference between `val_loss` and `baseline`
    gain_error: float = np.nan


def gather_evidence(train: EvaluatedRows, validation: EvaluatedRows) -> DataEvidence:
    """Compare validation with training rows, and both with their predictions."""
    copies, expected = shares_of_copies(train.features, validation.features)
    n_train, n_val = len(train), len(validation)
    is_known = validation.loss.is_known
    train_part, val_part = _some(train), _some(validation)
    return DataEvidence(
        n_train=n_train,
        n_val=n_val,
        baseline=float(validation.constant_losses.mean()) if is_known else np.nan,
        train_loss=float(train.losses.mean()),
        val_loss=float(validation.losses.mean()),
        standard_error=_error_of_mean(validation.losses, validation.weights),
        copies=copies,
        copies_expected=expected,
        shift=adversarial_validation(train_part, val_part),
        shift_error=_chance_of_area(_n_distinct(train_part), _n_distinct(val_part)),
        residual_signal=residual_signal(train_part, val_part),
        repeated=share_repeated(
            train.features, validation.features, train.targets, validation.targets
        ),
        gain_error=(
            _error_of_mean(
                validation.constant_losses - validation.losses, validation.weights
            )
            if is_known
            else np.nan
        ),
    )


def _error_of_mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Standard error of the mean of values multiplied by weights of mean 1."""
    n = len(values)
    with np.errstate(invalid="ignore", over="ignore"):  # after divergence
        apart = values - weights * values.mean()
        return float(np.sqrt((apart**2).sum() / max(1, n - 1) / n))


def _chance_of_area(n_train: int, n_val: int) -> float:
    """Standard error of the area for random ranks (Hanley and McNeil 1982)."""
    return float(np.sqrt((n_train + n_val + 1) / (12 * n_train * n_val)))


def _some(rows: EvaluatedRows) -> EvaluatedRows:
    if len(rows) <= MOST_ROWS:
        return rows
    taken = np.random.default_rng(0).permutation(len(rows))[:MOST_ROWS]
    whole = ("given", "loss", "scale", "loss_in_history")
    parts = {
        name: value if name in whole else value[taken]
        for name, value in vars(rows).items()
    }
    return EvaluatedRows(**parts)


def adversarial_validation(train: EvaluatedRows, validation: EvaluatedRows) -> float:
    """Return how well a forest tells validation and training rows apart."""
    stack = sparse.vstack if sparse.issparse(train.features) else np.vstack
    is_validation = np.repeat([0, 1], [len(train), len(validation)])
    if min(_n_distinct(train), _n_distinct(validation)) < N_FOLDS:
        return 0.5
    features = stack([part.features for part in (train, validation)])
    rows = np.hstack(
        [
            _narrow(features, column_moments(features)[1]),
            np.vstack([train.targets, validation.targets]),
        ]
    )
    forest = ExtraTreesClassifier(
        N_TREES, min_samples_leaf=3, class_weight="balanced", random_state=0
    )
    # Out-of-bag predictions would leak: leaving out one of a few validation rows lowers
    # their share, which tells the forest which part the row is from.
    folds = PredefinedSplit(_folds(row_keys(features), is_validation))
    probabilities = cross_val_predict(
        forest, rows, is_validation, cv=folds, method="predict_proba"
    )[:, 1]
    return float(roc_auc_score(is_validation, probabilities))


def _folds(keys: np.ndarray, is_validation: np.ndarray) -> np.ndarray:
    """Balance the parts over the folds, and put copies of a row into the same fold.

    A copy of the row in the training fold would reveal which part the row is from.
    """
    _, place = np.unique(keys, return_inverse=True)
    in_validation = np.bincount(place, weights=is_validation) > 0
    order = np.random.default_rng(0).permutation(len(in_validation))
    order = order[np.argsort(in_validation[order], kind="stable")]
    folds = np.empty(len(order), dtype=int)
    folds[order] = np.arange(len(order)) % N_FOLDS
    return folds[place]


def _n_distinct(rows: EvaluatedRows) -> int:
    return len(np.unique(row_keys(rows.features)))


def _narrow(features: Any, merit: np.ndarray) -> np.ndarray:
    """The columns with the highest merit, as a dense array."""
    if features.shape[1] > MOST_COLUMNS:
        kept = np.sort(np.argsort(-merit, kind="stable")[:MOST_COLUMNS])
        features = features[:, kept]
    return features.toarray() if sparse.issparse(features) else features


def residual_signal(train: EvaluatedRows, validation: EvaluatedRows) -> float:
    """Return how much of the errors on validation rows the features can predict.

    This is one step of gradient boosting (Friedman 2001) with a forest: the network has
    not learnt what still predicts its errors.
    """
    if not (train.is_finite() and validation.is_finite()):
        return np.nan
    weights, weights_val = train.weights, validation.weights[:, None]
    errors = train.targets - train.predictions
    merit = _merit(train.features, errors * weights[:, None])
    features, features_val = (
        _narrow(part.features, merit) for part in (train, validation)
    )
    n_tried = max(1, min(MOST_TRIED, features.shape[1] // 2))
    forest = ExtraTreesRegressor(
        N_TREES, min_samples_leaf=5, max_features=n_tried, random_state=0
    ).fit(
        features,
        errors.squeeze(axis=1) if errors.shape[1] == 1 else errors,
        sample_weight=weights,
    )
    errors_val = validation.targets - validation.predictions
    predicted = forest.predict(features_val).reshape(errors_val.shape)
    middle = np.average(train.targets, axis=0, weights=weights)
    constant = validation.targets - middle
    remaining = (errors_val - predicted) ** 2
    saved = float((weights_val * (errors_val**2 - remaining)).sum())
    whole = float((weights_val * constant**2).sum())
    return saved / whole if whole > 0 else 0.0  # a constant target leaves nothing


def _merit(features: Any, errors: np.ndarray) -> np.ndarray:
    """How much each column alone explains of the errors, by squared correlations."""
    if features.shape[1] <= MOST_COLUMNS:
        return np.ones(features.shape[1])
    errors = errors - errors.mean(axis=0)
    shared = np.asarray(features.T @ errors)
    return (shared**2).sum(axis=1) / np.maximum(column_moments(features)[1], 1e-300)
