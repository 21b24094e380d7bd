"""Which regularisation helps a network: try each kind alone, on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count, check_share
from skdl._compat.sklearn import num_samples
from skdl.data import as_random_state
from skdl.diagnosis._networks import network_of
from skdl.diagnosis.experiments._fold_intervals import corrected_interval
from skdl.diagnosis.experiments._folds import draw_seeds, standard_errors
from skdl.diagnosis.experiments._losses import (
    Metric,
    metric_of,
    refuse_if_all_diverged,
    status_of,
)
from skdl.diagnosis.experiments._regularisation_comparison import (
    RegularisationComparison,
)
from skdl.diagnosis.experiments._regularisers import (
    EARLY_STOPPING,
    OFF,
    Regulariser,
    regularisers,
)
from skdl.diagnosis.experiments._three_way_folds import (
    LOSSES,
    MEASURED,
    ThreeWayFold,
    as_objects,
    folds_of_three,
    train_plan,
)

FUNCTION = "compare_regularisation"
CONFIDENCE_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class _TrainedVariants:
    """Measurements, with the columns of `MEASURED` along the last axis."""

    compared: list[Regulariser]  # the variants, kind by kind
    # (n_variants, n_folds, n_repeats, n_measured) With the weights that a fit keeps
    ends: np.ndarray

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds without duplicates, "none" first."""
        return tuple(dict.fromkeys(each.kind for each in self.compared))

    @property
    def val_losses(self) -> np.ndarray:
        """Means over the repeats."""
        # -> (n_variants, n_folds)
        return self.ends[..., MEASURED.index("val_loss")].mean(axis=-1)

    def lowest(self, losses: np.ndarray) -> np.ndarray:
        """The variant of each kind with the lowest loss."""
        # losses: (n_variants, ...) -> (n_kinds, ...)
        comparable = np.where(np.isnan(losses), np.inf, losses)
        owners = np.array([each.kind for each in self.compared])
        chosen = []
        for kind in self.kinds:
            own = np.flatnonzero(owners == kind)
            chosen.append(own[comparable[own].argmin(axis=0)])
        return np.array(chosen)


def compare_regularisation(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    strengths: Mapping[str, Sequence[Any]] | None = None,
    cv: Any = 5,
    validation_fraction: float = 0.2,
    n_repeats: int = 1,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> RegularisationComparison:
    """Train a network with each kind of regularisation alone, and with none.

    The training rows of each fold are split once more: networks train on one part, and
    the validation loss on the other part chooses the strength of each kind. The test
    rows of the fold then test that choice.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or a pipeline that ends in one; the steps before it are
        fitted to the rows that a fold trains on. Its own settings of the kinds below,
        including early stopping, are always turned off; the record lists them.
    X : array-like of shape (n_samples, n_features)
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    strengths : mapping of str to sequence, default=None
        Kinds to compare with none, and the strengths to try: values of the parameters
        "l1", "l2", "dropout", "batch_norm" ("before" or "after") and "input_noise" (in
        units of the features that the network gets); for "early_stopping" the patience.
        None tries 1e-4, 1e-3 and 1e-2 for "l1", and also 0.1 for "l2"; 0.1, 0.25 and
        0.5 for "dropout"; both positions of "batch_norm"; 0.03, 0.1 and 0.3 for
        "input_noise"; 3, 10 and 30 for "early_stopping".
    cv : int, splitter or iterable of (train, test), default=5
        Folds to test on: their number (shuffled, and stratified by class), or as in
        scikit-learn. A single split is allowed.
    validation_fraction : float, default=0.2
        Share of a fold's training rows, in (0, 1), that strengths are chosen on.
    n_repeats : int, default=1
        Number of networks per variant and fold, each with a different seed.
    random_state : int, RandomState or None, default=None
        Seed of the folds and of the networks' seeds, which are the same for all
        variants. The estimator's own ``random_state`` is ignored.
    progress : bool or None, default=None
        Whether to show a progress bar. None shows one in a terminal if it takes more
        than two seconds.

    Returns
    -------
    comparison : RegularisationComparison
        For each kind the chosen strength, and the losses on training, validation and
        test rows.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, a parameter is out of
        range, or no kind can be trained in all folds.
    DataError
        If y is None, or the rows cannot be split.

    Notes
    -----
    Losses are computed from predictions: log loss for labels, mean squared error in
    units of y for quantities, or mean absolute error if the network's ``loss`` is
    another. Losses in histories include penalties and, for training rows, dropout and
    noise.

    The validation loss of a chosen strength is optimistic, more so the more strengths
    there are; that of early stopping is also optimistic because it chose the epoch. So
    kinds are compared by the test loss, on rows that played no part in any choice. The
    test loss of the best kind is still slightly optimistic, because it is the best of
    several. Whether that kind is better than none depends on the 95 % interval of the
    paired differences over the folds, corrected for shared training rows as in
    `compare_baselines`: it is "not distinguishable" if the interval includes 0 or there
    is only one fold.

    All variants of all folds train together. The losses at the best epoch show what
    each kind does together with early stopping: the chosen strengths train once more in
    the same way, and keep the weights of the epoch with the lowest validation loss.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from skdl import MLPClassifier
    >>> from skdl.diagnosis import compare_regularisation
    >>> X, y = make_moons(n_samples=90, noise=0.3, random_state=0)
    >>> comparison = compare_regularisation(
    ...     MLPClassifier((8,), epochs=5, learning_rate=0.05),
    ...     X,
    ...     y,
    ...     strengths={"l2": [0.01, 10.0]},
    ...     cv=2,
    ...     random_state=0,
    ... )
    >>> comparison.kinds, comparison.strengths
    (('none', 'l2'), (None, 0.01))
    """
    network = network_of(estimator, function=FUNCTION)
    metric = metric_of(network, function=FUNCTION)
    compared = regularisers(strengths, function=FUNCTION)
    share = check_share(
        validation_fraction, name="validation_fraction", function=FUNCTION
    )
    n_repeats = check_count(n_repeats, name="n_repeats", function=FUNCTION)
    random = as_random_state(random_state)
    folds = folds_of_three(
        estimator,
        X,
        y,
        cv=cv,
        validation_fraction=share,
        function=FUNCTION,
        random_state=random,
    )
    seeds = draw_seeds((len(folds), n_repeats), random)
    arguments: dict[str, Any] = {"metric": metric, "progress": progress}

    plan = [(each, fold) for each in compared for fold in range(len(folds))]
    ends = train_plan(plan, folds, seeds, keeps_best=False, **arguments)
    trained = _TrainedVariants(compared, _measured(ends, len(folds), n_repeats))
    losses = trained.val_losses
    refuse_if_all_diverged(losses.mean(axis=1), function=FUNCTION, network=network)

    chosen = trained.lowest(losses)  # (n_kinds, n_folds)
    plan = [
        (compared[variant], fold)
        for variants in chosen
        for fold, variant in enumerate(variants)
        if compared[variant].kind != EARLY_STOPPING  # it keeps the best weights anyway
    ]
    again = train_plan(plan, folds, seeds, keeps_best=True, **arguments)
    bests = trained.ends[chosen, np.arange(len(folds))]
    is_again = [kind != EARLY_STOPPING for kind in trained.kinds]
    bests[is_again] = _measured(again, len(folds), n_repeats)
    fits = pd.concat([ends, again], ignore_index=True)
    return _record(folds, trained, chosen, bests, fits, metric)


def _measured(fits: pd.DataFrame, n_folds: int, n_repeats: int) -> np.ndarray:
    values = fits[list(MEASURED)].to_numpy(dtype=float)
    return values.reshape(-1, n_folds, n_repeats, len(MEASURED))


def _intervals(differences: np.ndarray, folds: Sequence[ThreeWayFold]) -> np.ndarray:
    """The interval of each kind's mean difference."""
    # -> (n_kinds, 2)
    by_fold = differences.mean(axis=-1)  # (n_kinds, n_folds)
    if len(folds) == 1:
        return np.full((len(by_fold), 2), np.nan)
    ratios = [
        num_samples(fold.X_test) / num_samples(fold.data.X_train) for fold in folds
    ]
    ratio = float(np.mean(ratios))
    return np.array(
        [
            corrected_interval(own, test_to_train=ratio, level=CONFIDENCE_LEVEL)
            for own in by_fold
        ]
    )


def _record(
    folds: Sequence[ThreeWayFold],
    trained: _TrainedVariants,
    chosen: np.ndarray,
    bests: np.ndarray,
    fits: pd.DataFrame,
    metric: Metric,
) -> RegularisationComparison:
    variants = pd.DataFrame(
        {
            "kind": [each.kind for each in trained.compared],
            "strength": as_objects([each.strength for each in trained.compared]),
            **_means(trained.ends, LOSSES),
            "status": [status_of(_has_diverged(part)) for part in trained.ends],
        }
    )
    overall = trained.lowest(trained.val_losses.mean(axis=-1))  # (n_kinds,)
    ends = trained.ends[chosen, np.arange(chosen.shape[1])]
    test = ends[..., MEASURED.index("test_loss")]  # (n_kinds, n_folds, n_repeats)
    best = int(np.nanargmin(test.mean(axis=(1, 2))))
    low, high = _intervals(test[0] - test, folds).T
    strengths = [trained.compared[variant].strength for variant in overall]
    parameters = trained.compared[overall[best]].parameters
    data = folds[0].data
    own: Any = data.network
    summary = pd.DataFrame(
        {
            "kind": trained.kinds,
            "strength": as_objects(strengths),
            **_means(ends, LOSSES),
            **_errors(ends, LOSSES),
            "gap": (test - ends[..., MEASURED.index("train_loss")]).mean(axis=(1, 2)),
            "improvement": (test[0] - test).mean(axis=(1, 2)),
            "improvement_error": standard_errors(test[0] - test),
            "improvement_low": low,
            "improvement_high": high,
            **_means(bests, ("best_epoch",)),
            **{f"{name}_at_best": mean for name, mean in _means(bests, LOSSES).items()},
            **_means(ends, ("weight_norm",)),
            "status": [status_of(_has_diverged(part)) for part in ends],
            "is_best": np.arange(len(trained.kinds)) == best,
        }
    )
    return RegularisationComparison(
        kinds=trained.kinds,
        strengths=tuple(strengths),
        summary=summary,
        variants=variants,
        fits=fits,
        test_losses=test.mean(axis=-1),
        metric=metric.name,
        best_kind=trained.kinds[best],
        best=data.outer(parameters),
        turned_off=tuple(
            kind for kind in OFF if getattr(own, kind) and not parameters[kind]
        ),
    )


def _means(measured: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Means over folds and repeats, by name."""
    means = measured.mean(axis=(1, 2))
    return {name: means[:, MEASURED.index(name)] for name in names}


def _errors(measured: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Standard errors of these means, by name."""
    return {
        f"{name}_error": standard_errors(measured[..., MEASURED.index(name)])
        for name in names
    }


def _has_diverged(measured: np.ndarray) -> np.ndarray:
    return np.isnan(measured[..., MEASURED.index("train_loss")]).ravel()
