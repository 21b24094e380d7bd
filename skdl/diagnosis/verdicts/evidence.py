"""What the data tell beside the curves: copies, shifts, errors of means, what is left.

Each is a number with the number that chance alone would give, so that rules need no
more than a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors

from skdl.diagnosis.verdicts.judged_rows import JudgedRows

MOST_ROWS = 3000  # of each part, that forests and distances are computed for
N_TREES = 100
N_FOLDS = 3
NEAR = 0.1  # of the median distance to the nearest training row
SAME = 1e-12  # of the mean of a column: the spread of equal values
ROUNDING = 1e-6  # of the length of a row: what equal rows may seem to lie apart


@dataclass(frozen=True)
class DataEvidence:
    """What the rows of a training tell.

    Parameters
    ----------
    n_train, n_val : int
        Training and validation rows.
    baseline : float
        Validation loss of what is constant and best for the training rows; nan where
        the estimator minimises a loss that is not known here.
    train_loss, val_loss : float
        Losses of the fitted estimator, without penalties, dropout and noise. Where its
        own is not known here, cross-entropy or squared error.
    standard_error : float
        Of `val_loss`: what it would vary by with other validation rows as many.
    copies : float
        Share of the validation rows that are in the training part too, exactly or
        nearly so.
    copies_expected : float
        The same share of the training rows among the other training rows.
    shift : float
        Area under the ROC curve of a forest that tells validation from training rows;
        0.5, or somewhat below, where they cannot be told apart.
    shift_error : float
        Standard error of `shift` where they cannot be told apart.
    left_to_learn : float
        What a forest, fitted to the errors on training rows, predicts of those on
        validation rows, as a share of the squared errors of a constant prediction. nan
        where a prediction is not finite.
    """

    n_train: int
    n_val: int
    baseline: float
    train_loss: float
    val_loss: float
    standard_error: float
    copies: float
    copies_expected: float
    shift: float
    shift_error: float
    left_to_learn: float


def gather_evidence(train: JudgedRows, validation: JudgedRows) -> DataEvidence:
    """Compare validation with training rows, and both with what is said of them.

    Parameters
    ----------
    train, validation : JudgedRows
        The two parts.

    Returns
    -------
    evidence : DataEvidence
        Always the same for the same rows.
    """
    copies, expected = shares_of_copies(train.features, validation.features)
    n_train, n_val = len(train), len(validation)
    losses = validation.losses
    with np.errstate(invalid="ignore", over="ignore"):  # of what diverged
        spread = float(losses.std(ddof=min(1, n_val - 1)))
    train_part, val_part = _some(train), _some(validation)
    return DataEvidence(
        n_train=n_train,
        n_val=n_val,
        baseline=(
            float(validation.constant_losses.mean())
            if validation.loss.is_known
            else np.nan
        ),
        train_loss=float(train.losses.mean()),
        val_loss=float(losses.mean()),
        standard_error=float(spread / np.sqrt(n_val)),
        copies=copies,
        copies_expected=expected,
        shift=told_apart(train_part, val_part),
        shift_error=_chance_of_area(len(train_part), len(val_part)),
        left_to_learn=left_to_learn(train_part, val_part),
    )


def _chance_of_area(n_train: int, n_val: int) -> float:
    """Standard error of the area where ranks are drawn (Hanley and McNeil 1982)."""
    return float(np.sqrt((n_train + n_val + 1) / (12 * n_train * n_val)))


def _some(rows: JudgedRows) -> JudgedRows:
    if len(rows) <= MOST_ROWS:
        return rows
    taken = np.random.default_rng(0).permutation(len(rows))[:MOST_ROWS]
    whole = ("given", "loss", "scale")
    parts = {
        name: value if name in whole else value[taken]
        for name, value in vars(rows).items()
    }
    return JudgedRows(**parts)


def shares_of_copies(train: Any, validation: Any) -> tuple[float, float]:
    """Count the validation rows that are in the training part too.

    Parameters
    ----------
    train, validation : ndarray or CSR matrix of shape (n_samples, n_columns)
        Features.

    Returns
    -------
    share : float
        Of validation rows with a copy among the training rows; a row counts as one
        if it is nearer than a tenth of the median distance of neighbours.
    expected : float
        The same share of training rows with a copy among the other training rows.
    """
    random = np.random.default_rng(0)
    here = random.permutation(train.shape[0])[:MOST_ROWS]
    there = random.permutation(validation.shape[0])[:MOST_ROWS]
    if not sparse.issparse(train):
        middle, spread = train.mean(axis=0), train.std(axis=0)
        spread = np.where(spread > SAME * np.abs(middle), spread, 1.0)
        # Distances are differences of squares: those of an offset would drown them.
        train, validation = ((part - middle) / spread for part in (train, validation))
    n_neighbours = min(2, train.shape[0])
    neighbours = NearestNeighbors(n_neighbors=n_neighbours, algorithm="auto").fit(train)
    # The nearest training row of a training row is the row itself.
    own = neighbours.kneighbors(train[here])[0][:, 1:]
    to_train = neighbours.kneighbors(validation[there], n_neighbors=1)[0][:, 0]
    limit = NEAR * float(np.median(own)) if own.size else 0.0
    limit = max(limit, ROUNDING * max(1.0, float(np.median(_norms(train[here])))))
    return float((to_train < limit).mean()), float((own < limit).sum() / len(own))


def _norms(rows: Any) -> np.ndarray:
    squares = rows.multiply(rows) if sparse.issparse(rows) else rows**2
    return np.sqrt(np.asarray(squares.sum(axis=1))).ravel()


def told_apart(train: JudgedRows, validation: JudgedRows) -> float:
    """Return how well a forest tells validation from training rows.

    Parameters
    ----------
    train, validation : JudgedRows
        The two parts; targets count as features.

    Returns
    -------
    area : float
        Under the ROC curve, on rows of folds that the forest has not seen.
    """
    parts = [_with_targets(part) for part in (train, validation)]
    stack = sparse.vstack if sparse.issparse(parts[0]) else np.vstack
    is_validation = np.repeat([0, 1], [len(train), len(validation)])
    if np.bincount(is_validation).min() < N_FOLDS:
        return 0.5
    forest = ExtraTreesClassifier(
        N_TREES, min_samples_leaf=3, class_weight="balanced", random_state=0
    )
    # Not the rows out of a tree's bag: of few validation rows one less is a smaller
    # share, which tells the forest what the row is.
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    said = cross_val_predict(
        forest, stack(parts), is_validation, cv=folds, method="predict_proba"
    )[:, 1]
    return float(roc_auc_score(is_validation, said))


def _with_targets(rows: JudgedRows) -> Any:
    if sparse.issparse(rows.features):
        return sparse.hstack([rows.features, rows.targets], format="csr")
    return np.hstack([rows.features, rows.targets])


def left_to_learn(train: JudgedRows, validation: JudgedRows) -> float:
    """Return how much of the errors on validation rows the features predict.

    Parameters
    ----------
    train, validation : JudgedRows
        The two parts.

    Returns
    -------
    share : float
        By how much the squared errors fall when what can be predicted of them is taken
        away, as a share of those of a constant prediction; below 0 where they grow.

    Notes
    -----
    One step of gradient boosting (Friedman 2001) by a forest: errors that can be
    predicted have not been learnt.
    """
    if not (train.is_finite() and validation.is_finite()):
        return np.nan
    errors = train.targets - train.predictions
    forest = ExtraTreesRegressor(
        N_TREES, min_samples_leaf=5, max_features=0.5, random_state=0
    ).fit(train.features, errors.squeeze(axis=1) if errors.shape[1] == 1 else errors)
    seen = validation.targets - validation.predictions
    predicted = forest.predict(validation.features).reshape(seen.shape)
    constant = validation.targets - train.targets.mean(axis=0)
    saved = float((seen**2).sum() - ((seen - predicted) ** 2).sum())
    whole = float((constant**2).sum())
    return saved / whole if whole > 0 else 0.0  # a constant target leaves nothing
