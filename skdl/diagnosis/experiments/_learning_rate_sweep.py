"""A sweep of learning rates: a fresh network for each, and which rates to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from skdl._checks import check_count, check_share
from skdl.data import as_random_state
from skdl.diagnosis._curves import read_curves
from skdl.diagnosis._usual_rates import rates_around
from skdl.diagnosis.experiments._folds import draw_seeds
from skdl.diagnosis.experiments._learning_rate_sweep_record import LearningRateSweep
from skdl.diagnosis.experiments._losses import has_diverged
from skdl.diagnosis.experiments._prepared_data import prepare, train_variants
from skdl.diagnosis.experiments._sweep_rules import rank_rates
from skdl.exceptions import ParameterError

FUNCTION = "learning_rate_sweep"
# How far the default rates go below and above the usual one, two places per power of
# ten. Those of "adadelta" lie a power of ten lower, or its default in Keras, 0.001,
# would be the lowest.
PLACES = (6, 6)
OTHER_PLACES = {"adadelta": (8, 4)}


def default_rates(optimizer: str) -> np.ndarray:
    """Return the rates to sweep where none are given.

    >>> from skdl.diagnosis.experiments._learning_rate_sweep import default_rates
    >>> default_rates("adam")[[0, 1, 2, 6, 12]].tolist()
    [1e-06, 3e-06, 1e-05, 0.001, 1.0]
    """
    # -> (13,)
    places = OTHER_PLACES.get(optimizer, PLACES)
    return np.array(rates_around(optimizer, *places))


def _check_rates(rates: Any) -> np.ndarray:
    sentence = (
        f"The 'rates' parameter of {FUNCTION} must be two or more different numbers "
        "above 0, or None."
    )
    try:
        checked = np.asarray(rates, dtype=float)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{sentence} Got {rates!r} instead.") from error
    is_usable = (
        checked.ndim == 1
        and len(np.unique(checked)) == len(checked) >= 2
        and np.isfinite(checked).all()
        and (checked > 0).all()
    )
    if not is_usable or np.asarray(rates).dtype == bool:
        raise ParameterError(f"{sentence} Got {rates!r} instead.")
    return np.sort(checked)


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class _Run:
    """How one network went."""

    loss: float
    val_loss: float
    loss_curve: np.ndarray
    val_loss_curve: np.ndarray
    diverged_epoch: int


def _read_run(network: Any) -> _Run:
    curves = read_curves(network)
    val_curve = curves.val_loss
    if val_curve is None:  # no epoch had a finite one
        val_curve = np.full(curves.n_epochs, np.nan)
    if has_diverged(network):
        nan = float("nan")
        return _Run(nan, nan, curves.loss, val_curve, curves.n_epochs)
    kept = network.best_epoch_ if network.early_stopping else curves.n_epochs
    loss, val_loss = float(curves.loss[kept - 1]), float(val_curve[kept - 1])
    return _Run(loss, val_loss, curves.loss, val_curve, 0)


def _stacked(curves: Sequence[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Curves as one array of shape (n_rates, n_repeats, n_epochs), ends filled up."""
    stack = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(stack, curves, strict=True):
        row[: len(curve)] = curve
    return stack.reshape(*shape, -1)


def learning_rate_sweep(
    estimator: Any,
    X: Any,
    y: Any,
    rates: Sequence[float] | np.ndarray | None = None,
    *,
    X_val: Any = None,
    y_val: Any = None,
    validation_fraction: float = 0.2,
    epochs: int | None = None,
    n_repeats: int = 3,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> LearningRateSweep:
    """Train a fresh network with each learning rate, and say which to take.

    All networks train together. Within a repeat they begin with the same weights and
    see the rows in the same order.

    Parameters
    ----------
    estimator : estimator
        MLPClassifier, MLPRegressor, ConvClassifier or ConvRegressor, or a pipeline that
        ends in one. It is not changed.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    rates : sequence of float or None, default=None
        Learning rates to try, in any order; two or more. None takes 1 and 3 of each
        power of ten, thirteen in all, by the optimizer: 1e-5 to 10 for "sgd" and
        "adagrad", 1e-4 to 100 for "adadelta", 1e-7 to 0.1 for "lion", 1e-6 to 1 for
        the others.
    X_val : as X, of n_samples_val rows, default=None
        Rows to measure the validation loss on. If None, some of X and y are held out.
    y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), \
            default=None
        Targets of `X_val`.
    validation_fraction : float, default=0.2
        Share of the rows held out, by class for classifiers of one output.
    epochs : int or None, default=None
        Passes over the rows. None takes those of the estimator.
    n_repeats : int, default=3
        Networks per rate, with other initial weights and orders.
    random_state : int, RandomState or None, default=None
        Which rows are held out, and the seeds of the repeats, which take the place of
        the estimator's own ``random_state``.
    progress : bool or None, default=None
        Whether a bar shows how far it is; None shows one on a terminal when it takes
        more than two seconds.

    Returns
    -------
    sweep : LearningRateSweep
        Losses by rate, the range recommended, and ``best`` for ``set_params``. If all
        rates diverged or are erratic, it says so, and ``best`` and ``recommended`` are
        None.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, or a parameter cannot
        be used.
    DataError
        If rows cannot be held out, or only one of X_val and y_val is given.

    See Also
    --------
    learning_rate_range_test : One network whose rate rises; cheaper and rougher.
    skdl.plots.learning_rate_sweep : Draws it.

    Notes
    -----
    A rate counts as diverged if one of its runs diverged. It counts as erratic if its
    training loss, after the first tenth of the epochs, rises above the lowest before
    by more than half of the lowest validation loss of all rates (in the median of the
    repeats), or if in a run it is ever more than four times that of the first epoch at
    the lowest rate. (A network whose units all died in such a start predicts a
    constant, and that can have the lowest validation loss.)

    Validation losses of the other rates, means over the repeats, are smoothed by
    running medians of three neighbouring rates no more than a decade apart. The best
    rate has the lowest smoothed loss (of equal ones, the lowest loss). Recommended are
    the rates next to it whose smoothed loss is higher by no more than the standard
    error of the difference to the best one, over the repeats, which begin alike. That
    error counts as no less than 2 % and no more than 5 % of what the best rate gained
    since the first epoch of the lowest rate (or of its loss, whichever is less). How
    bad the other rates are does not matter.

    With the estimator's ``early_stopping`` all networks stop by the validation rows,
    and their losses are those of their best epochs. A ``learning_rate_schedule``
    starts from each rate as from any other.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skdl import MLPClassifier
    >>> from skdl.diagnosis import learning_rate_sweep
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = make_pipeline(StandardScaler(), MLPClassifier((8,), optimizer="sgd"))
    >>> sweep = learning_rate_sweep(
    ...     clf, X, y, [1e-6, 0.1, 1e6], epochs=10, n_repeats=1, random_state=0
    ... )
    >>> sweep.best
    {'mlpclassifier__learning_rate': 0.1}
    >>> sweep.status_texts()
    ['trained', 'trained', 'diverged in epoch 1']
    >>> clf = clf.set_params(**sweep.best)
    """
    checked = None if rates is None else _check_rates(rates)
    n_repeats = check_count(n_repeats, name="n_repeats", function=FUNCTION)
    check_share(validation_fraction, name="validation_fraction", function=FUNCTION)
    common = {}
    if epochs is not None:
        common["epochs"] = check_count(epochs, name="epochs", function=FUNCTION)
    random = as_random_state(random_state)
    subject = prepare(
        estimator,
        X,
        y,
        function=FUNCTION,
        X_val=X_val,
        y_val=y_val,
        validation_fraction=validation_fraction,
        random_state=random,
    )
    if checked is None:
        checked = default_rates(subject.network.optimizer)
    seeds = draw_seeds((n_repeats,), random)
    variants = [
        {"learning_rate": rate, "random_state": seed, **common}
        for rate in checked.tolist()
        for seed in seeds
    ]
    networks = train_variants(
        subject, variants, description="learning rates", progress=progress
    )
    runs = [_read_run(network) for network in networks]
    return _record(subject, checked, seeds, runs)


def _record(
    subject: Any, rates: np.ndarray, seeds: Sequence[int], runs: Sequence[_Run]
) -> LearningRateSweep:
    shape = (len(rates), len(seeds))
    val_losses = np.reshape([run.val_loss for run in runs], shape)
    loss_curves = _stacked([run.loss_curve for run in runs], shape)
    diverged = np.reshape([run.diverged_epoch for run in runs], shape)
    ranking = rank_rates(rates, val_losses, loss_curves)
    statuses = np.where(
        diverged.any(axis=1),
        "diverged",
        np.where(ranking.erratic, "erratic", "trained"),
    )
    best_rate = recommended = None
    edge: Literal["lowest", "highest"] | None = None
    if ranking.best is not None:
        best_rate = float(rates[ranking.best])
        recommended = (float(rates[ranking.low]), float(rates[ranking.high]))
        if ranking.best in (0, len(rates) - 1):
            edge = "highest" if ranking.best else "lowest"
    return LearningRateSweep(
        rates=rates,
        losses=np.reshape([run.loss for run in runs], shape),
        val_losses=val_losses,
        loss_curves=loss_curves,
        val_loss_curves=_stacked([run.val_loss_curve for run in runs], shape),
        diverged_epochs=diverged,
        statuses=tuple(statuses.tolist()),
        smoothed_val_losses=ranking.smoothed,
        recommended=recommended,
        best_rate=best_rate,
        best=None if best_rate is None else subject.outer({"learning_rate": best_rate}),
        edge=edge,
        seeds=tuple(seeds),
    )
