"""A sweep of learning rates: train a fresh network at each, and recommend a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from skdl._checks import check_count, check_share
from skdl._record import Record
from skdl.data import as_random_state
from skdl.diagnosis._curves import read_curves
from skdl.diagnosis.experiments._folds import draw_seeds
from skdl.diagnosis.experiments._losses import has_diverged
from skdl.diagnosis.experiments._prepared_data import prepare, train_variants
from skdl.diagnosis.experiments._sweep_rules import default_rates, rank_rates
from skdl.exceptions import ParameterError

FUNCTION = "learning_rate_sweep"
RateStatus = Literal["trained", "erratic", "diverged"]


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class LearningRateSweep(Record):
    """Losses of fresh networks by learning rate.

    Parameters
    ----------
    rates : ndarray of shape (n_rates,)
        Learning rates, in increasing order.
    losses, val_losses : ndarray of shape (n_rates, n_repeats)
        Training and validation loss in the last epoch, or with early stopping in the
        best one; nan where a run diverged.
    loss_curves, val_loss_curves : ndarray of shape (n_rates, n_repeats, n_epochs)
        The same over the epochs; nan after the end of a run.
    diverged_epochs : ndarray of shape (n_rates, n_repeats)
        Number, from 1, of the epoch in which a run diverged; 0 if it did not.
    statuses : tuple of str
        Status of each rate: "diverged" if a run diverged, "erratic" if the training
        loss rose again or blew up, else "trained".
    smoothed_val_losses : ndarray of shape (n_rates,)
        Mean validation losses, smoothed over neighbouring rates; nan for rates that
        diverged or are erratic.
    recommended : tuple of (float, float) or None
        Lowest and highest recommended rate; None if all diverged or are erratic.
    best_rate : float or None
        The best rate.
    best : dict of str to float or None
        The best rate, ready for ``set_params`` of the given estimator.
    edge : {"lowest", "highest"} or None
        Whether the best rate is the lowest or highest tried, so that better ones may
        lie beyond.
    seeds : tuple of int
        The ``random_state`` of the networks in each repeat.
    """

    rates: np.ndarray
    losses: np.ndarray
    val_losses: np.ndarray
    loss_curves: np.ndarray
    val_loss_curves: np.ndarray
    diverged_epochs: np.ndarray
    statuses: tuple[RateStatus, ...]
    smoothed_val_losses: np.ndarray
    recommended: tuple[float, float] | None
    best_rate: float | None
    best: dict[str, float] | None
    edge: Literal["lowest", "highest"] | None
    seeds: tuple[int, ...]

    @property
    def mean_losses(self) -> np.ndarray:
        """Mean training loss of each rate; nan if a run diverged."""
        return self.losses.mean(axis=1)

    @property
    def mean_val_losses(self) -> np.ndarray:
        """Mean validation loss of each rate; nan if a run diverged."""
        return self.val_losses.mean(axis=1)

    @property
    def is_recommended(self) -> np.ndarray:
        """Whether each rate is in the recommended range."""
        if self.recommended is None:
            return np.zeros(len(self.rates), dtype=bool)
        low, high = self.recommended
        return (self.rates >= low) & (self.rates <= high)

    def status_texts(self) -> list[str]:
        """Return how the runs of each rate ended.

        Returns
        -------
        texts : list of str
            The status; for a rate that diverged, also the epoch and number of runs.
        """
        return [
            _told(status, epochs)
            for status, epochs in zip(self.statuses, self.diverged_epochs, strict=True)
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return the losses as a table, the lowest rate first.

        Returns
        -------
        frame : DataFrame
            Columns "learning_rate", "loss", "loss_std", "val_loss", "val_loss_std"
            (means and standard deviations over the repeats, nan for a single one),
            "smoothed_val_loss", "status" and "recommended".
        """
        return pd.DataFrame(
            {
                "learning_rate": self.rates,
                "loss": self.mean_losses,
                "loss_std": _spread(self.losses),
                "val_loss": self.mean_val_losses,
                "val_loss_std": _spread(self.val_losses),
                "smoothed_val_loss": self.smoothed_val_losses,
                "status": self.status_texts(),
                "recommended": self.is_recommended,
            }
        )

    def __str__(self) -> str:
        """Return the best and recommended rates in one line."""
        name, n_rates = type(self).__name__, len(self.rates)
        n_diverged = self.statuses.count("diverged")
        if self.recommended is None:
            how = "diverged" if n_diverged == n_rates else "diverged or are erratic"
            return (
                f"{name}: all {n_rates} rates {how}; try rates below "
                f"{self.rates[0]:g}, scale the features, or set 'clip_norm'"
            )
        low, high = self.recommended
        parts = [f"best {self.best_rate:g}", f"recommended {low:g} to {high:g}"]
        if n_diverged:
            parts.append(f"{n_diverged} of {n_rates} rates diverged")
        text = f"{name}: {', '.join(parts)}"
        if self.edge is None:
            return text
        beyond = "lower" if self.edge == "lowest" else "higher"
        return f"{text}; the best is the {self.edge} tried, so try {beyond} ones too"


def _told(status: str, diverged_epochs: np.ndarray) -> str:
    if status != "diverged":
        return status
    epochs = diverged_epochs[diverged_epochs > 0]
    n_repeats = len(diverged_epochs)
    runs = f" ({len(epochs)} of {n_repeats} runs)" if n_repeats > 1 else ""
    return f"diverged in epoch {epochs.min()}{runs}"


def _spread(losses: np.ndarray) -> np.ndarray:
    """Standard deviation over the repeats; nan for a single one."""
    if losses.shape[1] == 1:
        return np.full(len(losses), np.nan)
    return losses.std(axis=1, ddof=1)


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
    """Losses of one network, and the epoch in which it diverged (0 if never)."""

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
    """Stack curves, padded with nan, as (n_rates, n_repeats, n_epochs)."""
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
    """Train a fresh network with each learning rate, and recommend a range.

    All networks train together. Within a repeat, they start with the same weights and
    get the rows in the same order.

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
        Two or more learning rates to try, in any order. None tries thirteen, 1 and 3
        times each power of ten, by optimizer: 1e-5 to 10 for "sgd" and "adagrad", 1e-4
        to 100 for "adadelta", 1e-7 to 0.1 for "lion", 1e-6 to 1 for the others.
    X_val : as X, of n_samples_val rows, default=None
        Rows to measure the validation loss on. If None, some of X and y are held out.
    y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), \
            default=None
        Targets of `X_val`.
    validation_fraction : float, default=0.2
        Share of the rows to hold out, stratified by class for classifiers of one
        output.
    epochs : int or None, default=None
        Passes over the rows. None means the estimator's own number.
    n_repeats : int, default=3
        Number of networks per rate, with different initial weights and orders of rows.
    random_state : int, RandomState or None, default=None
        Seed of the held-out rows and of the repeats. The estimator's own
        ``random_state`` is ignored.
    progress : bool or None, default=None
        Whether to show a progress bar. None shows one in a terminal if it takes more
        than two seconds.

    Returns
    -------
    sweep : LearningRateSweep
        Losses by rate, the recommended range, and ``best`` for ``set_params``. If all
        rates diverged or are erratic, ``best`` and ``recommended`` are None.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, or a parameter is
        invalid.
    DataError
        If rows cannot be held out, or only one of X_val and y_val is given.

    See Also
    --------
    learning_rate_range_test : One network with a rising rate; cheaper but rougher.
    skdl.plots.learning_rate_sweep : Plots it.

    Notes
    -----
    A rate counts as diverged if any of its runs diverged. It is erratic if its training
    loss, after the first tenth of the epochs, rises above its previous minimum by more
    than half of the lowest validation loss of all rates (median over the repeats), or
    if any run exceeds four times the loss of the first epoch at the lowest rate. (A
    network whose units all die that way predicts a constant, which can have the lowest
    validation loss.)

    The mean validation losses of the other rates are smoothed by running medians of
    three neighbouring rates at most a factor of ten apart. The best rate has the lowest
    smoothed loss (among equals, the lowest loss). Neighbouring rates are recommended if
    their smoothed loss is higher by at most the standard error of the paired difference
    over the repeats. That error is limited to between 2 % and 5 % of what the best rate
    gained since the first epoch of the lowest rate (or of its loss, if that is less).

    With ``early_stopping``, losses are those of the best epoch. A
    ``learning_rate_schedule`` starts from each rate.

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
    data = prepare(
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
        checked = default_rates(data.network.optimizer)
    seeds = draw_seeds((n_repeats,), random)
    variants = [
        {"learning_rate": rate, "random_state": seed, **common}
        for rate in checked.tolist()
        for seed in seeds
    ]
    networks = train_variants(
        data, variants, description="learning rates", progress=progress
    )
    runs = [_read_run(network) for network in networks]
    return _record(data, checked, seeds, runs)


def _record(
    data: Any, rates: np.ndarray, seeds: Sequence[int], runs: Sequence[_Run]
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
        best=None if best_rate is None else data.outer({"learning_rate": best_rate}),
        edge=edge,
        seeds=tuple(seeds),
    )
